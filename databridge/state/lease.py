"""A lease is a lock that its holder keeps renewing: it ends by itself when the holder dies, and no sooner.

Two clocks decide, and neither is a wall clock of a machine that runs databridge. Whether a lease has expired is told
by the store's clock: the time of its last renewal, against the time of an object written just now. Whether its holder
still has it is told by the holder's own clock, and it stops writing after two thirds of the time, long before
anybody else may take over. (A DuckDB file is of one machine, and its clock is the store's.)
"""

from __future__ import annotations

import os
import secrets
import threading
import time

from databridge.buckets.stored import ConflictError, Stored, Version
from databridge.model.diagnostic import DatabridgeError
from databridge.state.claim import UNKNOWN_EXPIRY, Claim, decode_claim
from databridge.state.holder import Holder, LockLostError
from databridge.state.sharedobjects import SharedObjects

_TRUSTED = 2 / 3
"""The part of the time for which a holder relies on a renewal; the rest is for what is on its way to the store."""
_COARSE = 2.0
"""Seconds by which two times of a store may be wrong, for it tells whole seconds."""
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, where there is such a clock; a holder that slept has to know."""


class Lease:
    """The lock of one stack in a bucket or a warehouse; several threads may use it.

    Args:
        objects: the bucket.
        path: the lease's object.
        clock: the object that is written to learn the store's time.
        stack: whose lock it is.
        me: who takes it; its `lock_expiry` is how long it lasts unrenewed, in seconds.
    """

    def __init__(self, objects: SharedObjects, path: str, *, clock: str, stack: str, me: Holder) -> None:
        self._objects, self._path, self._clock_path = objects, path, clock
        self.stack = stack
        self._me = me
        self.seconds = me.lock_expiry or UNKNOWN_EXPIRY
        self._token = secrets.token_hex(8)
        self._turn = 0
        self._process = os.getpid()
        self._guard = threading.Lock()
        self._version: Version | None = None
        self._good_until = 0.0
        self._lost = ""
        self._watched: Version | None = None
        self._free_at = 0.0
        self._other: Holder | None = None

    def take(self) -> bool:
        """Try once to get it; whether it was got.

        Raises:
            DatabridgeError: the store can't be used (DB414 to DB418), or the lease is of another format (DB404).
        """
        found = self._objects.get(self._path)
        try:
            if found is None:
                self._create()
                return True
            if not self._is_free(found):
                return False
            self._write(over=found.version)
        except ConflictError:
            return False
        return True

    def holder(self) -> Holder | None:
        """Who had it when this last tried to take it, as far as that can be read."""
        return self._other

    def renew(self) -> None:
        """Begin its time anew; a failure may be made up for until `check` refuses.

        Raises:
            DatabridgeError: the store can't be used.
        """
        with self._guard:
            if self._version is None or self._lost:
                return
            try:
                self._write(over=self._version)
            except ConflictError:
                self._look_again()

    def check(self) -> None:
        """See that nobody else can have it.

        Raises:
            LockLostError: somebody has, or may have by now.
        """
        if os.getpid() != self._process:
            raise LockLostError(self.stack, "It belongs to the process that this one was forked from.")
        if self._lost:
            raise LockLostError(self.stack, self._lost)
        if time.clock_gettime(_CLOCK) >= self._good_until:
            raise LockLostError(self.stack, f"It could not be renewed for {self.seconds * _TRUSTED:g} s.")

    def release(self) -> None:
        """Give it up; should the store not answer, its time ends by itself."""
        if os.getpid() != self._process:
            return
        with self._guard:
            version, self._version = self._version, None
            if version is None or self._lost:
                return
            self._turn += 1
            try:
                self._objects.put(self._path, self._claim(None).encode(), over=version)
            except (ConflictError, DatabridgeError):
                return

    def _create(self) -> None:
        # The only time when a store can be tried out, for until there is a claim nobody relies on it.
        before = self._objects.put(self._path, self._claim(None).encode(), over=None)
        self._write(over=before)
        content = self._claim(self._me).encode()
        if not self._objects.honours_conditions(self._path, content, before=before):
            raise DatabridgeError.of(
                "DB418",
                "The state store does not honour conditional writes",
                detail=f"{self._objects.location} took a write that it had to refuse, so its locks would hold nobody.",
                hint="Use a service that knows If-Match and If-None-Match for writes, or a folder that all machines share.",
            )

    def _look_again(self) -> None:
        # A renewal that counted as failed may have reached the store after all.
        found = self._objects.get(self._path)
        claim = self._decoded(found) if found else None
        if found and claim and claim.holder and claim.token == self._token:
            self._write(over=found.version)
        else:
            self._lost = "Somebody else took it, or freed it by hand."

    def _write(self, *, over: Version) -> None:
        begun = time.clock_gettime(_CLOCK)
        self._turn += 1
        self._version = self._objects.put(self._path, self._claim(self._me).encode(), over=over)
        self._good_until = begun + self.seconds * _TRUSTED

    def _claim(self, holder: Holder | None) -> Claim:
        return Claim(holder=holder, token=self._token, turn=self._turn)

    def _decoded(self, found: Stored) -> Claim | None:
        return decode_claim(found.content, stack=self.stack, file=self._objects.name(self._path))

    def _is_free(self, found: Stored) -> bool:
        claim = self._decoded(found)
        if claim and claim.holder is None:
            return True
        self._other = claim.holder if claim else None
        if found.version != self._watched:
            age = 0.0
            if self._watched is None:  # later changes were just seen happening
                age = (self._objects.now(self._clock_path) - found.changed).total_seconds()
            lasts = (self._other.lock_expiry if self._other else None) or UNKNOWN_EXPIRY
            self._watched, self._free_at = found.version, time.monotonic() + lasts + _COARSE - age
        return time.monotonic() >= self._free_at

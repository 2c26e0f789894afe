"""A fault makes chosen statements go wrong, so that what a client does then can be tested.

A statement meets every fault that wants it: it is delayed first, and then at most one more thing happens to it.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from databridge.sandbox.failure import SqlError


class FaultKind(StrEnum):
    """What goes wrong."""

    FAIL = "fail"  # the statement ends in an error
    DELAY = "delay"  # it begins later
    DROP = "drop"  # the connection is closed without an answer
    UNAVAILABLE = "unavailable"  # HTTP 503 with Retry-After; the statement is not looked at


class Outcome(Enum):
    """What becomes of the answer to a request."""

    ANSWER = "answer"
    DROP = "drop"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Fault:
    """Which statements meet a fault, and what it does to them.

    Statements are counted from when the fault was added, over all sessions, and only those that it could concern.
    A retry of the client counts as another statement.
    """

    kind: FaultKind
    matching: str = (
        ""  # a regular expression, searched in the statement, no matter the case; empty: every statement
    )
    nth: int = 1  # the first statement that is met, from 1
    times: int | None = 1  # how many from there on; None: all
    seconds: float = 0.0  # of a delay; of Retry-After, in whole seconds
    message: str = "[INTERNAL_ERROR] An injected fault. SQLSTATE: XX000"  # of a failure
    after: bool = (
        False  # whether the statement is carried out first: what a client does not learn of was done
    )

    def __post_init__(self) -> None:
        re.compile(self.matching)
        if self.nth < 1 or (self.times is not None and self.times < 1) or self.seconds < 0:
            raise ValueError("a fault counts from 1, and does not go back in time")


@dataclass(frozen=True, slots=True)
class Injected:
    """What one statement has met."""

    delay: float = 0.0
    fault: Fault | None = None

    @property
    def unavailable(self) -> bool:
        return self.fault is not None and self.fault.kind is FaultKind.UNAVAILABLE

    @property
    def retry_after(self) -> int:
        """Whole seconds, as the header tells them."""
        return round(self.fault.seconds) if self.fault else 0

    @property
    def drops_before(self) -> bool:
        return self._is(FaultKind.DROP, after=False)

    @property
    def drops_after(self) -> bool:
        return self._is(FaultKind.DROP, after=True)

    def before(self, stop: threading.Event) -> None:
        """Wait, or fail, before the statement is carried out; `stop` ends the wait."""
        if self.delay and stop.wait(self.delay):
            raise SqlError("OPERATION_CANCELED", "Operation has been canceled.", "HY008")
        if self._is(FaultKind.FAIL, after=False):
            raise self._error()

    def after(self) -> None:
        """Fail although the statement was carried out."""
        if self._is(FaultKind.FAIL, after=True):
            raise self._error()

    def _is(self, kind: FaultKind, *, after: bool) -> bool:
        return self.fault is not None and self.fault.kind is kind and self.fault.after is after

    def _error(self) -> SqlError:
        assert self.fault is not None
        return InjectedError(self.fault.message)


class InjectedError(SqlError):
    """A failure with the words of a fault."""

    def __init__(self, message: str) -> None:
        named = re.match(r"\[([^]]+)\]", message)
        state = re.search(r"SQLSTATE: (\w{5})", message)
        super().__init__(named[1] if named else "INTERNAL_ERROR", message, state[1] if state else "XX000")
        self.args = (message,)


@dataclass(slots=True)
class Faults:
    """The faults of a sandbox; they may be added while it runs."""

    _seen: dict[int, int] = field(default_factory=dict)
    _faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, *faults: Fault) -> None:
        """Have these met from the next statement on."""
        with self._lock:
            self._faults.extend(faults)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._faults.clear()
            self._seen.clear()

    def meet(self, statement: str) -> Injected:
        """Count a statement, and tell what it meets."""
        delay = 0.0
        met: Fault | None = None
        with self._lock:
            for place, fault in enumerate(self._faults):
                if not re.search(fault.matching, statement, re.IGNORECASE | re.DOTALL):
                    continue
                number = self._seen[place] = self._seen.get(place, 0) + 1
                if number < fault.nth or (fault.times is not None and number >= fault.nth + fault.times):
                    continue
                if fault.kind is FaultKind.DELAY:
                    delay += fault.seconds
                elif met is None:
                    met = fault
        return Injected(delay, met)

"""A holder says who has a stack's lock and what for; it is news for people, the lock itself is elsewhere."""

from __future__ import annotations

import os
from datetime import datetime
from socket import gethostname

from databridge import __version__
from databridge.model.diagnostic import DatabridgeError, Diagnostic, ExitCode
from databridge.model.frozen import Frozen


class Holder(Frozen):
    """Who has a lock."""

    run_id: str
    operation: str
    """`apply`, `state rm`."""
    who: str
    """`user@host`"""
    pid: int
    host: str
    version: str
    """databridge's."""
    created: datetime
    """When the lock was got; UTC."""
    lock_expiry: float | None = None
    """Seconds after which the lock is free when the holder dies; None where the system sees to that at once."""

    def __str__(self) -> str:
        since = self.created.isoformat(sep=" ", timespec="seconds")
        return (
            f"{self.who} has it for `{self.operation}` since {since} (process {self.pid}, run {self.run_id})"
        )


def this_process(
    *, operation: str, who: str, run_id: str, created: datetime, lock_expiry: float | None = None
) -> Holder:
    """This process as a holder."""
    return Holder(
        run_id=run_id,
        operation=operation,
        who=who,
        pid=os.getpid(),
        host=gethostname(),
        version=__version__,
        created=created,
        lock_expiry=lock_expiry,
    )


class LockHeldError(DatabridgeError):
    """Somebody else is at work on the stack."""

    def __init__(self, stack: str, holder: Holder | None, *, waited: float) -> None:
        detail = f"{holder or 'Another process has it and has not yet said what for'}."
        hint = "Wait until that has finished, or let the command wait with `--lock-timeout 600` (seconds)"
        if holder and holder.lock_expiry:
            detail += f" If it has died, the lock is free {holder.lock_expiry:g} s after its last sign of life."
            hint += f"; if it surely is dead, `databridge state unlock {holder.run_id}` frees the lock now"
        if waited:
            detail += f" Waited {waited:g} s for it."
        super().__init__(
            Diagnostic(
                code="DB401", summary=f"The state of stack {stack} is locked", detail=detail, hint=f"{hint}."
            ),
            exit_code=ExitCode.LOCKED,
        )


class LockLostError(DatabridgeError):
    """This process had the lock of the stack, and can't be sure that it still has it."""

    def __init__(self, stack: str, why: str) -> None:
        super().__init__(
            Diagnostic(
                code="DB412",
                summary=f"The lock of stack {stack} was lost",
                detail=f"{why} Nothing more is written.",
                hint="See that the state store can be reached, then apply again: "
                "what was begun is settled by the next apply.",
            ),
            exit_code=ExitCode.LOCKED,
        )


class NoSuchLockError(DatabridgeError):
    """No lock that could be freed by hand has this id."""

    def __init__(self, run_id: str, held: str) -> None:
        super().__init__(
            Diagnostic(
                code="DB413",
                summary=f"Run {run_id} holds no lock that can be freed by hand",
                detail=held,
                hint="Give the id of the run as the message about the lock shows it.",
            )
        )

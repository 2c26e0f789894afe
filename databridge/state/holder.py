"""A holder says who has a stack's lock and what for; it is news for people, the lock itself is elsewhere."""

from __future__ import annotations

from datetime import datetime

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

    def __str__(self) -> str:
        since = self.created.isoformat(sep=" ", timespec="seconds")
        return (
            f"{self.who} has it for `{self.operation}` since {since} (process {self.pid}, run {self.run_id})"
        )


class LockHeldError(DatabridgeError):
    """Somebody else is at work on the stack."""

    def __init__(self, stack: str, holder: Holder | None, *, waited: float) -> None:
        detail = f"{holder or 'Another process has it and has not yet said what for'}."
        if waited:
            detail += f" Waited {waited:g} s for it."
        super().__init__(
            Diagnostic(
                code="DB401",
                summary=f"The state of stack {stack} is locked",
                detail=detail,
                hint="Wait until that has finished, or let the command wait with `--lock-timeout 600` (seconds).",
            ),
            exit_code=ExitCode.LOCKED,
        )

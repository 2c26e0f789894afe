"""A diagnostic says what is wrong, where, why, and what to do next; problems travel together, not one by one."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from databridge.model.frozen import Frozen


class ExitCode(IntEnum):
    """The one table of exit codes, the same for every command."""

    DONE = 0
    """Done, or nothing to do."""
    ERROR = 1
    """An error; wrong usage too."""
    CHANGES = 2
    """Changes or drift found (`--detailed-exitcode`, `drift`)."""
    REFUSED = 3
    """Refused: policy, protection, or nobody approved."""
    LOCKED = 4
    """The state is locked by somebody else."""
    STALE = 5
    """The saved plan no longer fits what is recorded."""
    PARTIAL = 6
    """Applied in part: some pipelines failed."""
    INTERRUPTED = 130
    """Interrupted by the user."""


class Severity(StrEnum):
    """How much a diagnostic weighs; only an error stops a command."""

    ERROR = "error"
    WARNING = "warning"


class SourceRange(Frozen):
    """A place in a text file."""

    file: str
    """Path relative to the project's folder."""
    line: int
    """Counted from 1."""
    column: int
    """Counted from 1, in characters."""
    length: int = 1
    """Characters to underline."""
    private: bool = False
    """The line may hold a credential: who shows it hides the values on it."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Diagnostic(Frozen):
    """One problem."""

    severity: Severity = Severity.ERROR
    code: str
    """Stable, `DB` and three digits; every code is documented in docs/errors.md."""
    summary: str
    """One line without a full stop."""
    detail: str = ""
    """Sentences, or nothing."""
    hint: str = ""
    """What to do next, in the imperative."""
    where: SourceRange | None = None


class DatabridgeError(Exception):
    """What every part of databridge raises for a foreseen failure; it carries all problems found, and an exit code."""

    def __init__(self, *diagnostics: Diagnostic, exit_code: ExitCode = ExitCode.ERROR) -> None:
        if not diagnostics:
            raise ValueError("an error needs at least one diagnostic")
        super().__init__("; ".join(f"{d.code} {d.summary}" for d in diagnostics))
        self.diagnostics = diagnostics
        self.exit_code = exit_code

    @classmethod
    def of(
        cls,
        code: str,
        summary: str,
        *,
        detail: str = "",
        hint: str = "",
        exit_code: ExitCode = ExitCode.ERROR,
    ) -> DatabridgeError:
        """An error of a single problem that has no place in a file."""
        return cls(Diagnostic(code=code, summary=summary, detail=detail, hint=hint), exit_code=exit_code)

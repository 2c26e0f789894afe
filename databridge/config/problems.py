"""Problems are collected, not thrown one by one: each stands once, in the order of files, lines and columns."""

from __future__ import annotations

from databridge.model.diagnostic import DatabridgeError, Diagnostic, Severity, SourceRange


class Problems:
    """The diagnostics of one loading."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, SourceRange | None], Diagnostic] = {}
        self._unresolved: set[tuple[str, int, int]] = set()

    def add(
        self,
        code: str,
        summary: str,
        where: SourceRange | None,
        *,
        detail: str = "",
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Note a problem; one about a value whose references failed already is left out."""
        if where and (where.file, where.line, where.column) in self._unresolved:
            return
        self.put(
            Diagnostic(severity=severity, code=code, summary=summary, detail=detail, hint=hint, where=where)
        )

    def warn(
        self, code: str, summary: str, where: SourceRange | None, *, detail: str = "", hint: str = ""
    ) -> None:
        """Note what does not stop the command."""
        self.add(code, summary, where, detail=detail, hint=hint, severity=Severity.WARNING)

    def put(self, *diagnostics: Diagnostic) -> None:
        """Note problems that were found elsewhere."""
        for found in diagnostics:
            self._found.setdefault((found.code, found.summary, found.where), found)

    def unresolved(self, where: SourceRange) -> None:
        """A reference in the value that begins here could not be filled: what is said of that value would mislead."""
        self._unresolved.add((where.file, where.line, where.column))

    @property
    def failed(self) -> bool:
        """Whether any is an error."""
        return any(found.severity is Severity.ERROR for found in self._found.values())

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All of them in the order of places; those without one come first."""
        return tuple(sorted(self._found.values(), key=_order))

    def raise_if_failed(self) -> None:
        """End the loading when there was an error.

        Raises:
            DatabridgeError: with all problems, warnings too.
        """
        if self.failed:
            raise DatabridgeError(*self.sorted())


def _order(found: Diagnostic) -> tuple[str, int, int, str]:
    if found.where is None:
        return ("", 0, 0, found.code)
    return (found.where.file, found.where.line, found.where.column, found.code)

"""A ledger may follow another only in its own lineage, with no serial going back, and on top of what its maker saw."""

from __future__ import annotations

from databridge.model.diagnostic import DatabridgeError, Diagnostic, ExitCode
from databridge.model.ledger import Ledger


class StaleLedgerError(DatabridgeError):
    """Somebody else wrote the ledger in between."""

    def __init__(self, stack: str, *, expected: Ledger | None, found: Ledger | None) -> None:
        super().__init__(
            Diagnostic(
                code="DB402",
                summary=f"The ledger of stack {stack} was changed by somebody else",
                detail=f"Expected {_named(expected)}; found {_named(found)}. Nothing was written over it.",
                hint="Run `databridge plan` again.",
            ),
            exit_code=ExitCode.STALE,
        )


def check_successor(ledger: Ledger, *, expected: Ledger | None, found: Ledger | None) -> None:
    """See that a ledger may be written.

    Args:
        ledger: the one to write.
        expected: the one it was made from.
        found: the one that the store holds.

    Raises:
        StaleLedgerError: the store does not hold the one it was made from.
        DatabridgeError: it does not follow that one (DB407).
    """
    if _identity(found) != _identity(expected):
        raise StaleLedgerError(ledger.stack, expected=expected, found=found)
    if found is None:
        return
    goes_back = ledger.spec_serial < found.spec_serial or ledger.run_serial < found.run_serial
    if ledger.lineage != found.lineage or goes_back:
        raise DatabridgeError.of(
            "DB407",
            f"The new ledger of stack {ledger.stack} does not follow the recorded one",
            detail=f"Recorded is {_named(found)}; the new one is {_named(ledger)}. "
            "A ledger keeps its lineage, and its serials never go back.",
            hint="Compare both with `databridge state show` before you change either.",
        )


def check_place(ledger: Ledger, *, project: str, target: str, stack: str, file: str) -> None:
    """See that a ledger is the one of that place.

    Raises:
        DatabridgeError: it belongs to another project, target or stack (DB405).
    """
    if (ledger.project, ledger.target, ledger.stack) == (project, target, stack):
        return
    raise DatabridgeError.of(
        "DB405",
        f"The ledger at the place of stack {stack} belongs to another",
        detail=f"{file} is of stack {ledger.stack}, target {ledger.target}, project {ledger.project}; "
        f"expected stack {stack}, target {target}, project {project}.",
        hint="Put the file back where it belongs, or correct the place of the state in databridge.yaml.",
    )


def _identity(ledger: Ledger | None) -> tuple[str, int, int] | None:
    return None if ledger is None else (ledger.lineage, ledger.spec_serial, ledger.run_serial)


def _named(ledger: Ledger | None) -> str:
    if ledger is None:
        return "no ledger"
    return f"lineage {ledger.lineage}, spec serial {ledger.spec_serial}, run serial {ledger.run_serial}"

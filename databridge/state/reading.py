"""What lies in a store is read in one way, whatever keeps it; what can't be read is an error that says how to put it right."""

from __future__ import annotations

from dataclasses import dataclass

from databridge.model.ledger import Ledger
from databridge.model.restorepoint import RestorePoint
from databridge.model.run import RunRecord
from databridge.state.document import damaged, decode
from databridge.state.journalfile import DamagedJournalError, JournalText, decode_journal
from databridge.state.succession import check_place


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads what one store keeps of one target."""

    project: str
    target: str
    put_back: str
    """How to undo a damage, in the imperative: `Put back a copy of the file, or move it away`."""
    remove: str
    """How to get rid of what nobody needs: `Delete the file`."""

    def ledger(self, stack: str, content: bytes, file: str) -> Ledger:
        """The ledger of a stack.

        Args:
            stack: its name.
            content: all of it.
            file: how people call the place where it was found.

        Raises:
            DatabridgeError: it is damaged, of an unknown format, or belongs to something else (DB403 to DB405).
        """
        title = ledger_of(stack)
        hint = (
            f"{self.put_back}: `databridge plan` then rebuilds the ledger from what the destinations say."
        )
        ledger = decode(Ledger, content, title=title, file=file, code="DB403", hint=hint)
        check_place(ledger, project=self.project, target=self.target, stack=stack, file=file)
        return ledger

    def journal(self, stack: str, content: bytes, file: str, *, may_be_torn: bool) -> JournalText:
        """The journal of a stack.

        Args:
            stack: its name.
            content: all of it; nothing where there is none.
            file: how people call the place where it was found.
            may_be_torn: whether its last line may have no end; where whole objects are written, that is damage.

        Raises:
            DatabridgeError: it is damaged (DB406).
        """
        try:
            text = decode_journal(content)
            if text.torn and not may_be_torn:
                raise DamagedJournalError("its last line has no end")
        except DamagedJournalError as damage:
            hint = (
                f"{self.put_back}; "
                "then `databridge plan` shows only what the destinations and working folders say of open loads."
            )
            raise damaged("DB406", journal_of(stack), file, str(damage), hint) from None
        return text

    def run(self, run_id: str, content: bytes, file: str) -> RunRecord:
        """The record of a run.

        Args:
            run_id: its id.
            content: all of it.
            file: how people call the place where it was found.

        Raises:
            DatabridgeError: it can't be read (DB408).
        """
        hint = f"{self.remove}; nothing but the list of runs needs it."
        return decode(RunRecord, content, title=record_of(run_id), file=file, code="DB408", hint=hint)

    def point(self, restore_id: str, content: bytes, file: str) -> RestorePoint:
        """A restore point.

        Args:
            restore_id: its id.
            content: all of it.
            file: how people call the place where it was found.

        Raises:
            DatabridgeError: it can't be read (DB420).
        """
        hint = "Put back a copy of it, or take another one: databridge state backup --list"
        title = point_of(restore_id)
        return decode(RestorePoint, content, title=title, file=file, code="DB420", hint=hint)


def point_of(restore_id: str) -> str:
    """How an error calls it."""
    return f"restore point {restore_id}"


def ledger_of(stack: str) -> str:
    """How an error calls it."""
    return f"the ledger of stack {stack}"


def journal_of(stack: str) -> str:
    """How an error calls it."""
    return f"the journal of stack {stack}"


def record_of(run_id: str) -> str:
    """How an error calls it."""
    return f"the record of run {run_id}"

"""A fused store keeps what was written and dies with its process: before any of its writes the fuse may burn out."""

from __future__ import annotations

from databridge.apply.fake import Fuse
from databridge.model.journal import Entry
from databridge.model.ledger import Ledger
from databridge.model.restorepoint import RestorePoint
from databridge.model.run import RunRecord
from databridge.state.memory import MemoryStore


class FusedStore(MemoryStore):
    """A memory store whose writes burn a fuse; the fuse is the process's, the memory outlives it."""

    def __init__(self, *, project: str, target: str) -> None:
        super().__init__(project=project, target=target)
        self.fuse = Fuse()

    def write_ledger(self, ledger: Ledger, *, expected: Ledger | None) -> None:
        self.fuse.burn(f"write the ledger of {ledger.stack}")
        super().write_ledger(ledger, expected=expected)

    def append(self, stack: str, entry: Entry) -> None:
        self.fuse.burn(f"journal {entry.stage} of {stack}.{entry.pipeline}")
        super().append(stack, entry)

    def record_run(self, run: RunRecord) -> None:
        self.fuse.burn("record the run")
        super().record_run(run)

    def keep(self, point: RestorePoint) -> None:
        self.fuse.burn("keep a restore point")
        super().keep(point)

    def copy(self) -> FusedStore:
        """Another store that holds the same."""
        other = FusedStore(project=self.project, target=self.target)
        other._ledgers, other._journals, other._runs = (
            dict(self._ledgers),
            dict(self._journals),
            dict(self._runs),
        )
        other._points = dict(self._points)
        return other

    def holds(self) -> object:
        """All that is in it, to compare."""
        return dict(self._ledgers), dict(self._journals), dict(self._runs)

    def lose(self) -> None:
        """Forget everything, as when its folder was deleted."""
        self._ledgers, self._journals, self._runs, self._points = {}, {}, {}, {}

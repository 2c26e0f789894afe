"""A combination says what of each place there is: as it was at some moment, gone, or robbed of a part.

What a run must do then is told from the combination alone, by the rule that rows are never lost and never stand twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tests.support.archive import CALM, KILLED, KILLED_FILES, MOMENTS, TIED, Archive
from tests.support.branch import Branch
from tests.support.depot import LOADS, STATE, VERSIONS, Staging
from tests.support.market import OTHER, Market


class Loss(StrEnum):
    """What is gone of dlt's own tables at the destination."""

    NOTHING = "nothing"
    STATE = "state"
    LOADS = "loads"
    STATE_AND_LOADS = "state and loads"
    VERSIONS = "versions"
    ALL_ROWS = "all rows"
    TABLES = "tables"

    @property
    def rows_of(self) -> tuple[str, ...]:
        """The tables that lose their rows."""
        return {
            Loss.STATE: (STATE,),
            Loss.LOADS: (LOADS,),
            Loss.STATE_AND_LOADS: (STATE, LOADS),
            Loss.VERSIONS: (VERSIONS,),
            Loss.ALL_ROWS: (STATE, LOADS, VERSIONS),
        }.get(self, ())


@dataclass(frozen=True)
class Combination:
    """The places."""

    dataset: str | None = "3"
    """When its rows are of; None: it is gone."""
    dlt: str | None = None
    """When dlt's own tables in it are of; None: of the same moment."""
    loss: Loss = Loss.NOTHING
    staging: Staging = Staging.KEPT
    local: str | None = "3"
    """When dlt's working folders are of."""
    store: str | None = "3"
    """When the ledger and the journal are of."""

    @property
    def source(self) -> int:
        """The version of the market: one that nobody has loaded yet."""
        return OTHER + 1 if self.dataset == TIED else 4

    def arrange(self, archive: Archive, branch: Branch) -> None:
        """Make it so, in a project with nothing in it yet."""
        Market(branch.root).reach(self.source)
        branch.depot.put_back(self.dataset or "3")
        if self.dataset is None:
            branch.depot.lose()
        else:
            if self.dlt is not None:
                branch.depot.put_back_dlt(self.dlt)
            branch.depot.lose_rows(self.loss.rows_of)
            if self.loss is Loss.TABLES:
                branch.depot.lose_dlt()
        branch.depot.lose_staging(self.staging)
        archive.put_back(branch, local=self.local, store=self.store)

    def blocked(self, pipeline: str) -> bool:
        """Whether rows of a pipeline, `tables` or `files`, are there of which nobody can tell any more how far they go."""
        if self.dataset is None or self.loss in {Loss.NOTHING, Loss.VERSIONS}:
            return False
        # The working folder may go on by itself where it is known to have made the newest load that is there.
        made = self.local and self.local not in _KILLED[pipeline] and _completed(self.local, pipeline)
        return self.loss is not Loss.STATE or made != _completed(self.dlt or self.dataset, pipeline)


_KILLED = {"tables": KILLED, "files": (KILLED_FILES,)}


def _completed(moment: str, pipeline: str) -> str:
    """When the newest load of a pipeline was made that was complete at a moment."""
    if moment in (*CALM, TIED) or (moment == "after-complete" and pipeline == "tables"):
        return moment
    return "2"


def drawn(seed: int) -> Combination:
    """Any combination, the same for the same seed.

    Only dlt's tables are never newer than the rows: those that lack would be lost, and nobody could tell.
    """
    draw = Random(seed).choice
    dataset, dlt = draw([*MOMENTS, None]), draw([None, None, None, "1", "2"])
    return Combination(
        dataset=dataset,
        dlt=dlt if dlt and dataset and dlt < dataset else None,
        loss=draw([*(Loss.NOTHING,) * 5, *(Loss.VERSIONS,) * 2, *Loss]),
        staging=draw([*Staging]),
        local=draw([*MOMENTS, None]),
        store=draw([*MOMENTS, None]),
    )

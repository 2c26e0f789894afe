"""A scene is one pipeline as an edit meets it: the ledger's record, every copy of dlt's state, and each copy as it is stored."""

from __future__ import annotations

from dataclasses import dataclass

from databridge.model.address import Address
from databridge.model.diagnostic import Diagnostic
from databridge.model.ledger import PipelineRecord
from databridge.model.pipeline import Pipeline
from databridge.model.recorded import DltState, RecordedPipeline
from databridge.plan.edits.past import Past
from databridge.plan.identity import destination_of
from databridge.plan.statecheck import local_is_stale, starting_state


@dataclass(frozen=True, slots=True)
class Kept:
    """A pipeline as a restore point has it."""

    record: PipelineRecord | None
    """The ledger's; None where it had none."""
    text: str | None = None
    """The state that the next load would have gone on from; None where it would have started from nothing."""
    state: DltState | None = None
    """What that says."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One pipeline."""

    address: Address
    record: PipelineRecord | None
    """As last applied; None when no ledger knows it."""
    pipeline: Pipeline | None = None
    """As the stack has it; None when no stack does."""
    found: RecordedPipeline | None = None
    """Its locations; None where there is nothing to look for."""
    local: str | None = None
    """The local state as it is stored."""
    destination: str | None = None
    """The destination's, as it is stored."""
    unsettled: Diagnostic | None = None
    """Why its interrupted load can't be settled."""
    copied: tuple[str, ...] = ()
    """Resources whose tables are about to be copied and dropped."""
    past: Past | None = None
    """What the run did to it that is undone, if one is."""
    kept: Kept | None = None
    """What a restore point holds of it; None when none does, or when none is asked for."""
    minted: tuple[str, str] | None = None
    """dlt's pipeline and schema name, as the stack has them; None when no stack does."""

    @property
    def start(self) -> DltState | None:
        """The state that the next load starts from."""
        return starting_state(self.found) if self.found else None

    @property
    def title(self) -> str:
        """How people recognise its destination."""
        record = self._known
        return destination_of(record, self.pipeline).title if record or self.pipeline else ""

    @property
    def dataset(self) -> str:
        """The dataset that it loads into."""
        record = self._known
        return record.dataset if record else self.pipeline.dataset if self.pipeline else ""

    @property
    def dlt_names(self) -> tuple[str, str]:
        """dlt's pipeline and schema name: as the ledger has them, else the restore point, else the stack.

        Raises:
            ValueError: none of them knows it.
        """
        known = self._known
        if known is not None:
            return known.dlt_name, known.schema_name
        if self.minted is None:
            raise ValueError(f"nothing is known of {self.address}")
        return self.minted

    @property
    def local_is_stale(self) -> bool:
        """Whether the working folder has to go first."""
        return self.found is not None and local_is_stale(self.found)

    @property
    def _known(self) -> PipelineRecord | None:
        return self.record or (self.kept.record if self.kept else None)

    @property
    def base(self) -> tuple[str, ...]:
        """What an edit is made from, in words; it holds as long as these are the same."""
        if self.found is None:
            return ()
        told = []
        for place in (self.found.local, self.found.destination):
            state = place.state
            version = (
                f" v{state.version} {state.version_hash} {state.load_id or ''}".rstrip() if state else ""
            )
            told.append(f"{place.title} {place.status}{version}")
        return (*told, *(f"pending {package.load_id}" for package in self.found.pending))

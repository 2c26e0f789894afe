"""The keeper holds the ledgers of one apply: one action after the other is entered, each durable before the next.

Several pipelines of a stack finish at their own times and from different threads, so it takes one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from threading import Lock

from databridge.model.address import Address
from databridge.model.ledger import Ledger, LoadMark, PipelineRecord, ResourceRecord
from databridge.model.recorded import Recorded
from databridge.state.store import StateStore


class Keeper:
    """Writes what was completed into the ledgers."""

    def __init__(
        self,
        store: StateStore,
        recorded: Recorded,
        *,
        project: str,
        target: str,
        new_lineage: Callable[[], str],
    ) -> None:
        self._store = store
        self._project, self._target, self._new_lineage = project, target, new_lineage
        self._lock = Lock()
        self._known: dict[str, Ledger] = {n: s.ledger for n, s in recorded.stacks.items() if s.ledger}
        self._stored: dict[str, Ledger | None] = {
            n: None if s.rebuilt else s.ledger for n, s in recorded.stacks.items()
        }

    def ledger(self, stack: str) -> Ledger | None:
        """The stack's ledger as it stands now."""
        with self._lock:
            return self._known.get(stack)

    def complete(
        self,
        pipeline: Address,
        after: PipelineRecord | None,
        loads: Mapping[str, LoadMark],
        *,
        as_it_was: bool = False,
        more: Collection[str] = (),
    ) -> None:
        """Enter a completed job.

        Args:
            pipeline: its address.
            after: the record that holds now; None when the pipeline is managed no longer.
            loads: what was loaded, by resource.
            as_it_was: whether the record counts as it is, with when each resource was last loaded.
            more: those of them of which more is to be loaded: they are due until that is done.

        Raises:
            DatabridgeError: somebody else wrote the ledger meanwhile, or it can't be written.
        """
        with self._lock:
            before = self._known.get(pipeline.stack) or self._new(pipeline.stack)
            known = before.pipelines.get(pipeline.pipeline)
            record = after if as_it_was else _loaded(after, known, loads, more)
            loaded = as_it_was or bool(loads)
            self._write(pipeline.stack, _entered(before, pipeline.pipeline, record, loaded=loaded))

    def owe(self, pipeline: Address, resources: Iterable[str]) -> None:
        """Enter that a load was undone: these resources, as far as they are known, are due again."""
        with self._lock:
            before = self._known.get(pipeline.stack)
            record = before.pipelines.get(pipeline.pipeline) if before else None
            owed = {
                n: r.model_copy(update={"owed": True})
                for n in resources
                if record and (r := record.resources.get(n))
            }
            if before and record and owed:
                changed = record.model_copy(update={"resources": {**record.resources, **owed}})
                self._write(pipeline.stack, _entered(before, pipeline.pipeline, changed, loaded=True))

    def _write(self, stack: str, ledger: Ledger) -> None:
        if not ledger.lineage:
            ledger = ledger.model_copy(update={"lineage": self._new_lineage()})
        self._store.write_ledger(ledger, expected=self._stored.get(stack))
        self._known[stack] = self._stored[stack] = ledger

    def _new(self, stack: str) -> Ledger:
        return Ledger(project=self._project, target=self._target, stack=stack, lineage="")


def _loaded(
    after: PipelineRecord | None,
    known: PipelineRecord | None,
    loads: Mapping[str, LoadMark],
    more: Collection[str],
) -> PipelineRecord | None:
    """What holds after a job; of what it has not loaded, the ledger knows best how that stands."""
    if after is None:
        return None
    there = known.resources if known else {}
    resources = {
        name: _standing(record, there.get(name), loads.get(name), owed=name in more)
        for name, record in after.resources.items()
    }
    return after.model_copy(update={"resources": resources})


def _standing(
    record: ResourceRecord, known: ResourceRecord | None, load: LoadMark | None, *, owed: bool
) -> ResourceRecord:
    if load is not None:
        return record.model_copy(update={"last_load": load, "owed": owed})
    if known is not None:
        return record.model_copy(update={"last_load": known.last_load, "owed": known.owed})
    return record


def _entered(ledger: Ledger, pipeline: str, after: PipelineRecord | None, *, loaded: bool) -> Ledger:
    pipelines = dict(ledger.pipelines)
    before = pipelines.pop(pipeline, None)
    if after is not None:
        pipelines[pipeline] = after
    changed = _definition(before) != _definition(after)
    return ledger.model_copy(
        update={
            "pipelines": pipelines,
            "spec_serial": ledger.spec_serial + changed,
            "run_serial": ledger.run_serial + loaded,
        }
    )


def _definition(record: PipelineRecord | None) -> object:
    if record is None:
        return None
    resources = {name: (r.spec, r.lifecycle) for name, r in record.resources.items()}
    return record.dlt_name, record.schema_name, record.destination, record.dataset, record.spec, resources

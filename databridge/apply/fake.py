"""The fake engine does to a `World` what the real one does to the world, effect by effect; any of them can be the last.

It is there for tests, of databridge and of whoever builds on it: a crash is a fuse that burns out before an effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from threading import Lock
from typing import assert_never

from databridge.apply import fakecopies as copies
from databridge.apply import fakerelocation, fakerename
from databridge.apply.engine import NO_TRACES, Job, Loaded, Place, Prepared, Settlement, Traces
from databridge.apply.events import JobEvent, JobStep, Noted, Phase, PhaseChanged, StepDone
from databridge.apply.fakefill import bounds_of, clear, read_range
from databridge.apply.fakeread import Batch, marks_of_loaded, read_resource
from databridge.apply.fakestate import following, seen_of, unclaimed, with_seen
from databridge.apply.fakewrite import erase, rows_after, table_of
from databridge.apply.world import SeenResource, World
from databridge.model.amendment import Amendment, CountFiles, DropEntry, PlaceCursor, PushLocal, PutState
from databridge.model.cursorvalue import TypedCursor
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import DltState
from databridge.model.resource import WriteDisposition

STATE_ENGINE_VERSION = 4
"""dlt's, of the states that the fake leaves."""


class Crash(BaseException):
    """The process died just before this effect."""


class Fuse:
    """Burns with every effect; once it has burnt out, no effect happens any more, in no thread.

    Args:
        effects: how many may happen; None for any number.
    """

    def __init__(self, effects: int | None = None) -> None:
        self._left = effects
        self._lock = Lock()
        self.effects: list[str] = []
        """Those that happened, in order."""

    def burn(self, effect: str) -> None:
        """Let an effect happen.

        Raises:
            Crash: the fuse has burnt out.
        """
        with self._lock:
            if self._left is not None and len(self.effects) >= self._left:
                raise Crash(effect)
            self.effects.append(effect)


@dataclass(frozen=True, slots=True)
class _Package:
    """A load package: rows, and the state that counts once they are there."""

    load_id: str
    batches: tuple[Batch, ...]
    state: DltState


class FakeEngine:
    """Carries out jobs in a world of dictionaries.

    Args:
        world: what it reads and changes.
        fuse: asked before each effect; by default it never burns out.
    """

    def __init__(self, world: World, fuse: Fuse | None = None) -> None:
        self._world, self._fuse = world, fuse or Fuse()
        self._lock = Lock()
        self._stopped = False

    def perform(
        self, job: Job, *, prepared: Callable[[Prepared], None], emit: Callable[[JobEvent], None]
    ) -> Loaded:
        """Carry out a job; see `databridge.apply.engine.Engine.perform`."""
        self._refuse_when_stopped()
        here = job.place.origin or job.place
        waiting = self._world.pending.get(job.place.dlt_name)
        if waiting or job.discard_local:
            self._settle(here, ())
        if waiting:
            emit(Noted(job.address, "took back load packages that were left unfinished"))
        if job.sweep.loads:
            self._purge(here, set(job.sweep.loads) - self._world.dataset(here).loads)
        fakerename.refuse_taken(self._world, job)
        copies.refuse_gone(self._world, job)
        fakerelocation.refuse_filled(self._world, job.place)
        if job.rewind:
            emit(PhaseChanged(job.address, Phase.RESET))
            self._rewind(job)
            emit(StepDone(job.address, JobStep.REWOUND))
        self._note(job)
        self._sync(here)
        emit(PhaseChanged(job.address, Phase.EXTRACT if job.reads else Phase.RECORD))
        before = self._state(here)
        package = self._package(job, before) if fakerelocation.has_some(self._world, job.place) else None
        if package is None:
            return Loaded()
        rows = {batch.resource.name: len(batch.rows) for batch in package.batches if batch.rows}
        more = {batch.resource.name: batch.more for batch in package.batches if batch.more}
        self._effect("prepare a package")
        self._world.pending.setdefault(job.place.dlt_name, []).append(package.load_id)
        prepared(Prepared(package.load_id, rows, more=more))
        fakerelocation.copy(self._world, job.place, self._effect)
        emit(StepDone(job.address, JobStep.MOVED))
        emit(PhaseChanged(job.address, Phase.LOAD))
        copies.keep(self._world, job, self._effect)
        copies.put_back(self._world, job, self._effect)
        self._drop(job.place, before, package)
        erase(self._world, job, self._effect)
        emit(StepDone(job.address, JobStep.DROPPED))  # of a job without such a step nobody heeds it
        clear(self._world, job, self._effect)
        fakerename.rename(self._world, job.place, job.rename, self._effect)
        emit(StepDone(job.address, JobStep.RENAMED))
        self._rekey(job)
        emit(StepDone(job.address, JobStep.RETYPED))
        self._load(job.place, package)
        self._withdraw(job.place, job.withdraw)
        return Loaded((package.load_id,), rows, more)

    def divide(self, job: Job) -> tuple[TypedCursor, ...]:
        """Where a range can be divided; see `databridge.apply.engine.Engine.divide`."""
        self._refuse_when_stopped()
        return bounds_of(self._world, job)

    def settle(self, place: Place, load_ids: tuple[str, ...], traces: Traces = NO_TRACES) -> Settlement:
        """Settle an interrupted job; see `databridge.apply.engine.Engine.settle`."""
        self._refuse_when_stopped()
        if place.origin and not load_ids:
            return self._settle(place.origin, ())
        settlement = self._settle(place, load_ids)
        if place.origin and settlement is Settlement.ROLLED_BACK:
            fakerelocation.take_back(self._world, place, self._effect)
        if load_ids and settlement is Settlement.ROLLED_BACK:
            back = tuple((new, old) for old, new in traces.renames)
            fakerename.rename(self._world, place, back, self._effect)
        if settlement is Settlement.FINISHED:
            self._withdraw(place, traces.withdraws)
        return settlement

    def stop(self) -> None:
        """Raise in whatever works at its next effect."""
        self._stopped = True

    def _effect(self, name: str) -> None:
        if self._stopped:
            raise DatabridgeError.of("DB501", "the worker process died", hint="Apply again.")
        self._fuse.burn(name)

    def _refuse_when_stopped(self) -> None:
        if self._stopped:
            raise DatabridgeError.of("DB500", "stopped before it was begun")

    def _settle(self, place: Place, load_ids: tuple[str, ...]) -> Settlement:
        dataset = self._world.dataset(place)
        ids = {*load_ids, *self._world.pending.get(place.dlt_name, ())}
        self._effect("clear the working folder")
        self._world.pending.pop(place.dlt_name, None)
        self._world.local.pop(place.dlt_name, None)
        self._world.made.pop(place.dlt_name, None)
        self._purge(place, ids - dataset.loads)
        finished = bool(load_ids) and dataset.loads.issuperset(load_ids)
        return Settlement.FINISHED if finished else Settlement.ROLLED_BACK

    def _purge(self, place: Place, orphans: set[str]) -> None:
        dataset = self._world.dataset(place)
        schema = dataset.schemas.get(place.schema_name, {})
        first = place.dlt_name not in dataset.states
        for name, table in schema.items():
            rows = dataset.tables.get(name, [])
            # What was merged or replaced heals when it is loaded again; only appended rows would stand twice.
            undoable = first or table.write_disposition == WriteDisposition.APPEND
            if undoable and any(row.load_id in orphans for row in rows):
                self._effect(f"purge {name}")
                dataset.tables[name] = [row for row in rows if row.load_id not in orphans]
        if (
            first
            and place.schema_name in dataset.schemas
            and not any(dataset.tables.get(name) for name in schema)
        ):
            # With its schema left behind, the place would pass for one that lost its state.
            self._effect("forget the schema")
            del dataset.schemas[place.schema_name]

    def _withdraw(self, place: Place, load_ids: tuple[str, ...]) -> None:
        for load_id in load_ids:
            self._effect(f"strike load {load_id}")
            self._world.dataset(place).loads.discard(load_id)
        self._purge(place, set(load_ids))

    def let_go(self, place: Place, run_ids: tuple[str, ...]) -> None:
        """Drop copies of tables; see `databridge.apply.engine.Engine.let_go`."""
        copies.let_go(self._world, place, run_ids, self._effect)

    def _state(self, place: Place) -> DltState:
        """What the next load starts from: the destination's state; the local one only where rows of ours may be there."""
        world, dataset = self._world, self._world.dataset(place)
        if place.dlt_name not in dataset.states and place.schema_name not in dataset.schemas:
            world.local.pop(place.dlt_name, None)
        known = (dataset.states.get(place.dlt_name), world.local.get(place.dlt_name))
        none = DltState(
            pipeline_name=place.dlt_name,
            version=0,
            version_hash="",
            engine_version=STATE_ENGINE_VERSION,
            dataset=place.dataset,
        )
        return max(filter(None, known), key=lambda each: each.version, default=none)

    def _sync(self, place: Place) -> None:
        """A working folder that is made anew has the destination's state."""
        stored = self._world.dataset(place).states.get(place.dlt_name)
        if stored is not None and place.dlt_name not in self._world.local:
            self._world.local[place.dlt_name] = replace(stored, load_id=None)

    def _rewind(self, job: Job) -> None:
        """Cursor first, then data: the mark that is left makes whoever loads next drop the table."""
        state = self._state(job.place)
        rewound = {name: SeenResource(name, reset_begun=True) for name in job.rewind if name in job.drop_data}
        resources = {name: seen for name, seen in state.resources.items() if name not in job.rewind} | rewound
        if resources != state.resources:
            load_id = self._new_load_id()
            self._complete(job.place, following(replace(state, resources=resources), load_id), load_id)

    def _note(self, job: Job) -> None:
        place, state = job.place, self._state(job.place)
        if not (job.fill and job.fill.again):
            return
        name = job.fill.resource.name
        resources = {**state.resources, name: replace(seen_of(state, name), filling=job.fill.again)}
        if resources != state.resources:
            load_id = self._new_load_id()
            self._complete(place, following(replace(state, resources=resources), load_id), load_id)

    def _package(self, job: Job, before: DltState) -> _Package | None:
        amended = unclaimed(self._amended(before, job.amend), job.retype)
        kept = {name: seen for name, seen in amended.resources.items() if name not in job.erase}
        names = dict(job.rename)
        amended = replace(
            amended, resources={names.get(n, n): replace(s, name=names.get(n, n)) for n, s in kept.items()}
        )
        batches = tuple(read_resource(self._world, job, r, seen_of(amended, r.name)) for r in job.load)
        if job.fill:
            seen = replace(seen_of(amended, job.fill.resource.name), filling=job.fill.rest)
            batches += (read_range(self._world, job, job.fill, seen),)
        after = replace(with_seen(amended, batches), marker=job.marker)
        if after == before and not any(batch.writes for batch in batches) and not _put(job.amend):
            return None
        load_id = self._new_load_id()
        return _Package(load_id, batches, following(after, load_id))

    def _amended(self, state: DltState, amendments: Iterable[Amendment]) -> DltState:
        for amendment in amendments:
            resources = dict(state.resources)
            match amendment:
                case PlaceCursor():
                    mine = seen_of(state, amendment.resource)
                    cursors = tuple(
                        replace(c, last_value=amendment.value.value) if c.path == amendment.path else c
                        for c in mine.cursors
                    )
                    resources[amendment.resource] = replace(mine, cursors=cursors, boundary=(), placed=True)
                case DropEntry():
                    resources[amendment.resource] = SeenResource(amendment.resource, removed=True)
                case CountFiles(resource=files):
                    listing = seen_of(state, amendment.listing)
                    marks = marks_of_loaded(self._world, amendment, listing)
                    resources[files.name] = replace(seen_of(state, files.name), files=marks)
                    resources[listing.name] = replace(listing, counted=True)
                case PushLocal():
                    pass  # `_state` is the local one
                case PutState():
                    resources = dict(self._world.archive[amendment.text].resources)
                case _:
                    assert_never(amendment)
            state = replace(state, resources=resources)
        return state

    def _new_load_id(self) -> str:
        with self._lock:
            self._world.packages += 1
            return f"{self._world.packages:010}.0"

    def _drop(self, place: Place, before: DltState, package: _Package) -> None:
        dataset = self._world.dataset(place)
        for batch in package.batches:
            if seen_of(before, batch.resource.name).reset_begun:
                if batch.table in dataset.tables:
                    self._effect(f"drop {batch.table}")
                    del dataset.tables[batch.table]
                dataset.schemas.get(place.schema_name, {}).pop(batch.table, None)

    def _rekey(self, job: Job) -> None:
        schema = self._world.dataset(job.place).schemas.get(job.place.schema_name, {})
        for resource, key in job.rekey:
            for name, table in [each for each in schema.items() if each[1].resource == resource]:
                self._effect(f"rekey {name} in the schema")
                schema[name] = replace(table, primary_key=tuple(sorted(key)))

    def _load(self, place: Place, package: _Package) -> None:
        dataset = self._world.dataset(place)
        written = [batch for batch in package.batches if batch.writes]
        self._effect("store the schema")
        schema = dataset.schemas.setdefault(place.schema_name, {})
        schema.update((batch.table, table_of(batch)) for batch in written)
        for batch in written:
            self._effect(f"write {batch.table}")
            dataset.tables[batch.table] = rows_after(
                dataset.tables.get(batch.table, []), batch, package.load_id
            )
        self._complete(place, package.state, package.load_id)
        self._effect("leave the package")
        self._world.pending[place.dlt_name].remove(package.load_id)

    def _complete(self, place: Place, state: DltState, load_id: str) -> None:
        self._effect("complete the load")
        dataset = self._world.dataset(place)
        dataset.loads.add(load_id)
        dataset.newest[place.schema_name] = self._world.made[place.dlt_name] = load_id
        tables = dict(dataset.schemas.get(place.schema_name, {}))
        schema_hash = f"hash of {sorted(map(repr, tables.values()))}"
        dataset.states[place.dlt_name] = replace(state, schema_hash=schema_hash, tables=tables)
        self._world.local[place.dlt_name] = replace(dataset.states[place.dlt_name], load_id=None)


def _put(amendments: Iterable[Amendment]) -> bool:
    return any(isinstance(amendment, PutState | PushLocal) for amendment in amendments)

"""The foreman does a job with dlt, inside a worker: restore, rewind, extract, normalize, tell the load id, load.

dlt's working folder is only a cache here: what a dead run left in it is thrown away, never finished.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dlt
from dlt.common.destination import TLoaderFileFormat

from databridge.apply.engine import NO_TRACES, Job, Loaded, Place, Prepared, Settlement, Traces
from databridge.apply.events import JobEvent, JobStep, Noted, Phase, PhaseChanged, RowsRead, StepDone
from databridge.engine import berth, copies, ranges, relocate, reset, retype, settings
from databridge.engine.amend import push_state, regain_schema
from databridge.engine.failpoint import armed_load, failpoint
from databridge.engine.failures import told_plainly
from databridge.engine.founding import founding
from databridge.engine.holdings import Tables, declared_tables, rows_by_resource
from databridge.engine.jobsource import source_of
from databridge.engine.lease import held_alone, leased, making
from databridge.engine.marker import marker_resource
from databridge.engine.pipelines import is_stored, open_pipeline
from databridge.engine.progress import RowCounter
from databridge.engine.purge import purge
from databridge.engine.rekey import rekey
from databridge.engine.rename import refuse_taken, rename_locally, rename_tables, take_back
from databridge.engine.sweep import sweep
from databridge.engine.tables import divide
from databridge.engine.task import Task
from databridge.engine.withdraw import withdraw
from databridge.locations.local import read_local
from databridge.locations.read import completed_loads
from databridge.model.cursorvalue import TypedCursor
from databridge.model.destination import FilesystemDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.quantity import counted
from databridge.model.resource import TableResource
from databridge.model.retyping import Retyped
from databridge.model.sweep import Sweep
from databridge.secrets.chain import SecretsChain
from databridge.secrets.redaction import Redaction

_Emit = Callable[[JobEvent], None]
_FORMAT: TLoaderFileFormat = "parquet"


class Foreman:
    """Does one job, or settles one."""

    def __init__(self, root: Path, pipelines_dir: Path, secrets: SecretsChain, parent: int) -> None:
        settings.confine(pipelines_dir)
        self._root, self._pipelines_dir, self._secrets, self._parent = root, pipelines_dir, secrets, parent
        self._plainly = Redaction(secrets.known_values)

    def perform(self, job: Job, *, prepared: Callable[[Prepared], None], emit: _Emit) -> Loaded:
        """Carry out a job; see `databridge.apply.engine.Engine.perform`."""
        here = job.place.origin or job.place

        def on_wait() -> None:
            emit(PhaseChanged(job.address, Phase.WAITING))

        with told_plainly(self._plainly), self._folder(job.place, on_wait):
            self._clear_pending(job, here, emit, on_wait)
            berth.change(job, self._secrets, self._plainly, emit)
            pipeline = self._ready(here, on_wait)
            pipeline.collector = RowCounter(job.address, frozenset(r.name for r in job.reads), emit)
            wanted = self._without_complete(job)
            # The destination is held only while it is touched: others may read and write it while we extract.
            with self._writing(here, on_wait):
                if wanted:
                    declared, folder = declared_tables(job.marker), self._folder_of(here)
                    sweep(pipeline, here, wanted, declared, root=self._root, folder=folder)
                    emit(StepDone(job.address, JobStep.SWEPT))
                pipeline.sync_destination()
                refuse_taken(pipeline, job.rename)
                retype.refuse_lossy(pipeline, retype.retyped_by(pipeline, job.retype))
                regain_schema(pipeline, job.amend, job.place.schema_name)
                if job.back:
                    copies.find(pipeline, job.back, job.back_from)  # nothing is changed where they are gone
                if job.rewind:
                    emit(PhaseChanged(job.address, Phase.RESET))
                    reset.rewind(pipeline, job.rewind, drop=job.drop_data)
                    emit(StepDone(job.address, JobStep.REWOUND))
                    failpoint("rewound", self._parent)
                ranges.note(job.fill, pipeline, self._parent)
            with self._writing(job.place, on_wait):
                moving = relocate.relocation(pipeline, self._open, job.place, declared_tables(job.marker))

            def ready(package: Prepared) -> None:
                prepared(package)
                if moving:
                    emit(PhaseChanged(job.address, Phase.COPY))
                    # Another pipeline that makes the same dataset waits. It is leased last, as in a load: two that leave one file
                    # for one dataset would else wait for each other.
                    dataset = making(self._pipelines_dir, job.place.dataset)
                    with self._writing(job.place, on_wait), leased(dataset, on_wait):
                        told = moving.carry_out(
                            lambda step: failpoint(step, self._parent),
                            lambda table, rows: emit(RowsRead(replace(job.address, resource=table), rows)),
                        )
                    emit(Noted(job.address, told))
                    emit(StepDone(job.address, JobStep.MOVED))

            loaded = self._carry_out(moving.new if moving else pipeline, job, ready, emit, on_wait)
            berth.give_up(job, self._secrets, self._plainly, emit)
            return loaded

    def _ready(self, place: Place, on_wait: Callable[[], None]) -> dlt.Pipeline:
        """The pipeline with a working folder that knows of no rows which the destination does not have.

        Where the destination holds nothing of the pipeline, dlt would go on from the folder's cursor, and leave a hole.
        """
        if self._folder_of(place).exists():
            with self._writing(place, on_wait):
                if is_stored(pipeline := self._open(place), place):
                    return pipeline
        self._discard_local(place)
        return self._open(place)

    def _carry_out(
        self,
        pipeline: dlt.Pipeline,
        job: Job,
        prepared: Callable[[Prepared], None],
        emit: _Emit,
        on_wait: Callable[[], None],
    ) -> Loaded:
        emit(PhaseChanged(job.address, Phase.EXTRACT if job.reads else Phase.RECORD))
        resetting = reset.marked(pipeline, (resource.name for resource in job.load))
        kept = copies.copied_tables(pipeline, job.copied)
        try:
            back = copies.find(pipeline, job.back, job.back_from) if job.back else ()
            instead = copies.know_again(pipeline, job.back, back) if job.back else ()
            old_tables = reset.forget_tables(pipeline, resetting | job.erase)
            names = rename_locally(pipeline, job.rename)
            retyped = self._redefine(pipeline, job)
            more = self._extract(pipeline, job, resetting)
            emit(PhaseChanged(job.address, Phase.NORMALIZE))
            info = pipeline.normalize()
        except BaseException:
            # The local schema has been readied for this load alone, and the destination knows nothing of it yet.
            self._discard_local(job.place)
            raise
        if not (packages := pipeline.list_normalized_load_packages()):
            return Loaded()
        failpoint("normalized", self._parent)
        rows = rows_by_resource(pipeline, info.row_counts)
        prepared(Prepared(packages[0], rows, retyped, more=more))
        with (
            self._writing(job.place, on_wait),
            founding(pipeline, job.place, self._root, self._pipelines_dir, on_wait),
        ):
            emit(PhaseChanged(job.address, Phase.LOAD))
            if kept:
                copies.keep(pipeline, kept, job.copy_for)
                emit(StepDone(job.address, JobStep.COPIED))
                failpoint("copied", self._parent)
            if back:
                copies.put_back(pipeline, back, instead, job.back_from)
                emit(StepDone(job.address, JobStep.PUT_BACK))
                failpoint("copied-back", self._parent)
            if old_tables:
                reset.drop_tables(pipeline, old_tables)
                emit(StepDone(job.address, JobStep.DROPPED))
                failpoint("dropped", self._parent)
                reset.remake_tables(pipeline, resetting, packages[0])
            ranges.clear(job.fill, self._task(pipeline, job), self._parent)
            if names:
                rename_tables(pipeline, names, moved=lambda n: self._moved(job, n, len(names), emit))
                emit(StepDone(job.address, JobStep.RENAMED))
                failpoint("renamed", self._parent)
            self._retype(pipeline, job, retyped, emit)
            if job.erase or not frozenset(old_tables) <= frozenset(
                pipeline.default_schema.data_table_names()
            ):
                reset.forget_versions(pipeline)
                emit(StepDone(job.address, JobStep.ERASED))
                failpoint("erased", self._parent)
            with armed_load(pipeline, self._parent):
                pipeline.load()
            if job.withdraw:
                failpoint("put-back", self._parent)
                withdraw(pipeline, job.place, job.withdraw, declared_tables(job.marker), root=self._root)
                failpoint("withdrawn", self._parent)
        return Loaded(tuple(packages), rows, more)

    def _redefine(self, pipeline: dlt.Pipeline, job: Job) -> tuple[Retyped, ...]:
        """Let the local schema have what the job says of keys, types and cursors; returned is what gets another type."""
        rekey(pipeline, dict(job.rekey))
        cursors = {r.name: r.cursor_field for r in job.reads if isinstance(r, TableResource)}
        reset.forget_order(pipeline, cursors)
        return retype.declared(pipeline, job.retype)

    def _retype(self, pipeline: dlt.Pipeline, job: Job, columns: tuple[Retyped, ...], emit: _Emit) -> None:
        retype.retype(pipeline, columns, done=lambda n: failpoint(f"retyped-{n}", self._parent))
        emit(StepDone(job.address, JobStep.RETYPED))  # of a job without such a step nobody heeds it

    def _moved(self, job: Job, number: int, of: int, emit: _Emit) -> None:
        if not isinstance(job.place.destination, FilesystemDestination):  # there it may be thousands of files
            emit(StepDone(job.address, JobStep.RENAMED, f"{number} of {counted(of, 'table')} renamed"))
        failpoint(f"moved-{number}", self._parent)

    def divide(self, job: Job) -> tuple[TypedCursor, ...]:
        """Where the range of a job can be divided; see `databridge.apply.engine.Engine.divide`."""
        with told_plainly(self._plainly):
            return divide(job, self._root, self._secrets)

    def settle(self, place: Place, load_ids: tuple[str, ...], traces: Traces = NO_TRACES) -> Settlement:
        """Settle an interrupted job; see `databridge.apply.engine.Engine.settle`."""
        with told_plainly(self._plainly), self._folder(place, lambda: None):
            if place.origin and not load_ids:
                return self._settle(place.origin, (), {})  # nothing was copied yet
            settlement = self._settle(place, load_ids, {})
            if place.origin and settlement is Settlement.ROLLED_BACK:
                with self._writing(place, lambda: None):
                    relocate.take_back(self._open(place.origin), self._open(place), place)
                self._discard_local(place)
            if load_ids and settlement is Settlement.ROLLED_BACK:
                self._take_back(place, traces)
            if traces.withdraws and settlement is Settlement.FINISHED:
                with self._writing(place, lambda: None):
                    withdraw(self._open(place), place, traces.withdraws, {}, root=self._root)
            if place.staging:
                with suppress(DatabridgeError):  # it goes with the next load
                    berth.clear(place.staging, self._secrets)
            return settlement

    def let_go(self, place: Place, run_ids: tuple[str, ...]) -> None:
        """Drop copies of tables; see `databridge.apply.engine.Engine.let_go`."""
        with told_plainly(self._plainly), self._writing(place, lambda: None):
            for run_id in run_ids:
                copies.let_go(self._open(place), run_id)

    def _folder(self, place: Place, on_wait: Callable[[], None]) -> AbstractContextManager[None]:
        """Nobody else is in the working folder."""
        return leased(self._folder_of(place), on_wait)

    def _writing(self, place: Place, on_wait: Callable[[], None]) -> AbstractContextManager[None]:
        """Nobody else reads or writes a destination that takes one writer at a time."""
        origin = (place.origin.destination,) if place.origin else ()
        return held_alone((place.destination, *origin), self._root, on_wait)

    def _folder_of(self, place: Place) -> Path:
        return self._pipelines_dir / place.dlt_name

    def _discard_local(self, place: Place) -> None:
        shutil.rmtree(self._folder_of(place), ignore_errors=True)

    def _clear_pending(self, job: Job, place: Place, emit: _Emit, on_wait: Callable[[], None]) -> None:
        """Settle what no journal knows of: packages of an adopted pipeline, or of a lost journal or folder; rows of such loads."""
        pending, declared = self._pending(place), declared_tables(job.marker)
        if pending or job.discard_local or not self._folder_of(place).exists():
            self._settle(place, pending, declared)
        else:
            with self._writing(place, on_wait):
                purge(self._open(place), place, frozenset(), declared, root=self._root, thorough=False)
        if pending:
            emit(Noted(job.address, f"took back {len(pending)} load packages that were left unfinished"))

    def _without_complete(self, job: Job) -> Sweep:
        """What is to be swept; whoever named the loads may have looked at another place, or too early."""
        complete = self._complete(job.place, job.sweep.loads) if job.sweep.loads else frozenset()
        loads = tuple(load_id for load_id in job.sweep.loads if load_id not in complete)
        return job.sweep.model_copy(update={"loads": loads})

    def _complete(self, place: Place, load_ids: Iterable[str]) -> frozenset[str]:
        return completed_loads(
            place.destination,
            place.dataset,
            place.schema_name,
            load_ids,
            root=self._root,
            secrets=self._secrets,
        )

    def _settle(self, place: Place, load_ids: tuple[str, ...], declared: Tables) -> Settlement:
        ids = frozenset(load_ids) | frozenset(self._pending(place))
        complete = self._complete(place, ids)
        # First the folder, then the rows: rows must not go while a package that would bring them again is pending.
        self._discard_local(place)
        with self._writing(place, lambda: None):
            purge(self._open(place), place, ids - complete, declared, root=self._root)
        finished = bool(load_ids) and complete.issuperset(load_ids)
        return Settlement.FINISHED if finished else Settlement.ROLLED_BACK

    def _take_back(self, place: Place, traces: Traces) -> None:
        if not traces.renames and not traces.retyped:
            return
        pipeline = self._open(place)
        with self._writing(place, lambda: None):
            if is_stored(pipeline, place):
                pipeline.sync_destination()
                take_back(pipeline, traces.renames)
                retype.take_back(pipeline, traces.retyped)
        self._discard_local(place)

    def _pending(self, place: Place) -> tuple[str, ...]:
        _, packages = read_local(self._pipelines_dir, place.dlt_name, place.schema_name, with_tables=False)
        return tuple(package.load_id for package in packages)

    def _open(self, place: Place) -> dlt.Pipeline:
        return open_pipeline(place, root=self._root, pipelines_dir=self._pipelines_dir, secrets=self._secrets)

    def _extract(self, pipeline: dlt.Pipeline, job: Job, resetting: frozenset[str]) -> dict[str, int]:
        """Read what is loaded; of what that is not all, how many parts are left."""
        task = self._task(pipeline, job)
        if job.reads:
            source = source_of(job, task)
            source.resources.add(marker_resource(job, completed=resetting))
            pipeline.extract(source, loader_file_format=_FORMAT)
        else:
            push_state(pipeline, job.amend, job.marker, self._root, erase=job.erase, rename=job.rename)
        failpoint("extracted", self._parent)
        return task.more

    def _task(self, pipeline: dlt.Pipeline, job: Job) -> Task:
        schema_name, now = job.place.schema_name, datetime.now(UTC)
        return Task(pipeline, schema_name, self._root, self._secrets, now, job.limit, job.split)

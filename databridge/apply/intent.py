"""An intent is a job's trail in the journal: written before the effect, and closed only when the outcome is certain."""

from __future__ import annotations

from databridge.apply.bench import Bench
from databridge.apply.engine import Prepared
from databridge.apply.events import JobEvent, JobStep, StepDone
from databridge.apply.jobstep import LEDGER_STEPS, steps_of
from databridge.apply.work import Work
from databridge.model.address import Address
from databridge.model.journal import Entry, Stage
from databridge.model.pipeline import Home
from databridge.model.retyping import Retyped
from databridge.state.failpoint import failpoint


class Intent:
    """The trail of one piece of work."""

    def __init__(self, work: Work, bench: Bench) -> None:
        self._work, self._bench = work, bench
        self._token = bench.new_token()
        self._steps = steps_of(work.job)
        self.package: Prepared | None = None
        """The load package that completes the job, once it is known."""

    @property
    def retyped(self) -> tuple[Retyped, ...]:
        """The columns that get another type before it is loaded."""
        return self.package.retyped if self.package else ()

    @property
    def load_ids(self) -> tuple[str, ...]:
        """The id of that package, if there is one."""
        return (self.package.load_id,) if self.package else ()

    def begin(self) -> None:
        """Write down what is going to be done."""
        loads = tuple(resource.name for resource in self._work.job.load)
        steps = {
            "steps": (*self._steps, *(LEDGER_STEPS if self._work.leaves else LEDGER_STEPS[:1])),
            "prepares": self._steps.index(JobStep.PREPARED) + 1,
        }
        self._append(
            self._work.address,
            Stage.BEGUN,
            what=self._work.what,
            after=self._work.after,
            loads=loads,
            renames=self._work.job.rename,
            rewrites=self._work.job.rewrites,
            copied=self._work.job.copied,
            withdraws=self._work.job.withdraw,
            as_it_was=self._work.as_it_was,
            **steps,
            origin=self._origin(),
        )
        if self._work.leaves:
            self._append(self._work.leaves, Stage.BEGUN, what=self._work.what, **steps)
        failpoint("after-begun")

    def prepare(self, package: Prepared) -> None:
        """Write down the load id, before anything of it reaches the destination."""
        failpoint("after-extract")
        self.package = package
        self._append(
            self._work.address,
            Stage.PREPARED,
            load_id=package.load_id,
            rows=package.rows,
            retyped=package.retyped,
            more=tuple(package.more),
        )
        if self._work.leaves:
            self._append(self._work.leaves, Stage.PREPARED, load_id=package.load_id)
        failpoint("after-prepared")

    def take(self, event: JobEvent) -> None:
        """Write down a step that is done, and tell of everything else."""
        if not isinstance(event, StepDone):
            self._bench.emit(event)
        elif event.step in self._steps:
            done = self._steps.index(event.step) + (not event.part)
            self._append(self._work.address, Stage.REACHED, done=done, part=event.part)

    def finish(self) -> None:
        """Close it: the destination has the load and the ledger knows it."""
        self._end(Stage.FINISHED)

    def fail(self) -> None:
        """Close it: nothing of it counts."""
        self._end(Stage.FAILED)

    def _origin(self) -> Home | None:
        origin = self._work.job.place.origin
        return Home(destination=origin.destination, dataset=origin.dataset) if origin else None

    def _end(self, stage: Stage) -> None:
        self._append(self._work.address, stage)
        if self._work.leaves:
            self._append(self._work.leaves, stage)

    def _append(self, address: Address, stage: Stage, **fields: object) -> None:
        entry = Entry.model_validate(
            {
                # Of a pipeline that moves, each address is settled for itself, maybe in another stack's journal.
                "token": self._token if address == self._work.address else f"{self._token}-left",
                "run_id": self._bench.run_id,
                "pipeline": address.pipeline,
                "stage": stage,
                "at": self._bench.now(),
                **fields,
            }
        )
        self._bench.store.append(address.stack, entry)

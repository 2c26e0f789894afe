"""An intent is a job's trail in the journal: written before the effect, and closed only when the outcome is certain."""

from __future__ import annotations

from databridge.apply.bench import Bench
from databridge.apply.engine import Prepared
from databridge.apply.work import Work
from databridge.model.journal import Entry, Stage
from databridge.state.failpoint import failpoint


class Intent:
    """The trail of one piece of work."""

    def __init__(self, work: Work, bench: Bench) -> None:
        self._work, self._bench = work, bench
        self._token = bench.new_token()
        self.package: Prepared | None = None
        """The load package that completes the job, once it is known."""

    @property
    def load_ids(self) -> tuple[str, ...]:
        """The id of that package, if there is one."""
        return (self.package.load_id,) if self.package else ()

    def begin(self) -> None:
        """Write down what is going to be done."""
        self._append(
            Stage.BEGUN,
            what=self._work.in_words,
            after=self._work.after,
            loads=tuple(resource.name for resource in self._work.job.load),
        )
        failpoint("after-begun")

    def prepare(self, package: Prepared) -> None:
        """Write down the load id, before anything of it reaches the destination."""
        failpoint("after-extract")
        self.package = package
        self._append(Stage.PREPARED, load_id=package.load_id, rows=package.rows)
        failpoint("after-prepared")

    def finish(self) -> None:
        """Close it: the destination has the load and the ledger knows it."""
        self._append(Stage.FINISHED)

    def fail(self) -> None:
        """Close it: nothing of it counts."""
        self._append(Stage.FAILED)

    def _append(self, stage: Stage, **fields: object) -> None:
        entry = Entry.model_validate(
            {
                "token": self._token,
                "run_id": self._bench.run_id,
                "pipeline": self._work.address.pipeline,
                "stage": stage,
                "at": self._bench.now(),
                **fields,
            }
        )
        self._bench.store.append(self._work.address.stack, entry)

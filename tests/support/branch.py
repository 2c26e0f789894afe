"""A branch is a market's project, planned and applied in this very process as the command line would, at any time."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from textwrap import dedent, indent

from databridge.apply.approval import refuse_blocked
from databridge.apply.observe import look_at_sources, observe
from databridge.apply.places import ProjectPlaces
from databridge.apply.planning import counted_plan
from databridge.apply.session import Session, Surroundings
from databridge.config.project import Project, load_project
from databridge.model.run import RunRecord
from databridge.plan.options import PlanOptions
from databridge.plan.plan import Plan
from databridge.plan.selection import EVERYTHING, Selection
from databridge.secrets.chain import secret_chain
from databridge.state.opening import open_store, pipelines_dir
from databridge.state.store import StateStore
from tests.support.depot import DATASET, Depot
from tests.support.inprocess import InProcessEngine

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
_STACK = """
    stack: market
    sources:
      db: {{type: sqlite, path: market.db}}
      landing: {{type: filesystem, bucket_url: "file://landing"}}
    destinations:
      out: {destination}
    pipelines:
      tables:
        source: db
        destination: out
        dataset: {dataset}
        resources:
          - {{name: events, mode: incremental, cursor_field: moment}}
          - {{name: countries, mode: snapshot, write_disposition: replace}}
{merged}
      files:
        source: landing
        destination: out
        dataset: {dataset}
        resources:
          - {{name: visits, glob: "visits/*.csv"}}
"""
_MERGED = "- {name: customers, mode: merge, primary_key: [id], cursor_field: changed}"


@dataclass
class Branch:
    """A project in a folder, loading into a depot."""

    root: Path
    depot: Depot
    times: Iterable[int] = field(default_factory=count)
    """How often it was applied."""

    def write(self) -> None:
        """Write its stack."""
        (self.root / "stacks").mkdir()
        (self.root / "databridge.yaml").write_text("project: market\n")
        merged = indent(_MERGED, " " * 10) if "customers" in self.depot.tables else ""
        text = _STACK.format(destination=self.depot.definition, dataset=DATASET, merged=merged)
        (self.root / "stacks" / "market.yaml").write_text(dedent(text))

    @property
    def working_folders(self) -> Path:
        """Where dlt's working folders lie."""
        return self.root / "state" / "market" / "dev" / "_pipelines"

    @property
    def store(self) -> Path:
        """Where the ledger and the journal of its stack lie."""
        return self.root / "state" / "market" / "dev" / "market"

    def plan(self) -> Plan:
        """The plan that the command line would show."""
        project, places = self._open()
        store = self._store(project)
        recorded = observe(project.desired, store, places, refresh=True)
        options = PlanOptions(looks=dict(look_at_sources(project.desired, recorded, places)))
        return counted_plan(project.desired, recorded, places, now=NOON, options=options)

    def apply(
        self, select: Selection = EVERYTHING, *, options: PlanOptions | None = None
    ) -> tuple[Plan, RunRecord | None]:
        """Apply without asking.

        Args:
            select: what.
            options: what else is asked for, and of what.

        Raises:
            DatabridgeError: the plan is blocked.
        """
        project, places = self._open()
        number, tokens, seconds = next(iter(self.times)), count(), count()
        around = Surroundings(
            desired=project.desired,
            places=places,
            store=self._store(project),
            engine=InProcessEngine(self.root, places.pipelines_dir),
            now=lambda: NOON + timedelta(hours=number, seconds=next(seconds)),
            seconds=lambda: float(next(seconds)),
            new_token=lambda: f"{number}-{next(tokens)}",
            emit=lambda _: None,
            who="tester@here",
            run_id=f"run-{number:04}",
        )
        options = options or PlanOptions(select=select)
        session = Session(around, operation="apply", select=options.select)
        with session.locked(timeout=0, on_wait=print):
            plan = session.plan(options)
            refuse_blocked(plan)
            if not plan.actions:
                return plan, session.record_recovery()
            return plan, session.execute(plan, parallelism=1)

    def _store(self, project: Project) -> StateStore:
        return open_store(
            project.store,
            project=project.name,
            target=project.target,
            root=self.root,
            secrets=secret_chain(self.root, os.environ),
        )

    def _open(self) -> tuple[Project, ProjectPlaces]:
        project = load_project(self.root, target=None, variables={}, environ={})
        folder = pipelines_dir(project.store, root=self.root, project=project.name, target=project.target)
        return project, ProjectPlaces(self.root, folder, secret_chain(self.root, os.environ))

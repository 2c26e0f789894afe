"""A history is a chain of turns: stacks, sources and mishaps, each turn close to the one before, so that most of it is recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from databridge.apply.world import LandedFile, Row
from databridge.model.address import Address
from databridge.model.pipeline import Home, Pipeline
from databridge.model.resource import (
    FileResource,
    Mode,
    TableResource,
    WriteDisposition,
)
from databridge.model.schedule import ALWAYS
from databridge.model.stack import Desired, Stack
from tests.support.edits import HARMLESS_EDITS, RENAMED, Edit, Resource
from tests.support.world import DESTINATIONS, LAKE, LANDING, SHOP, WAREHOUSE, Site, desired, landed

TABLES = (
    TableResource(name="ORDERS", mode=Mode.INCREMENTAL, cursor_field="at", rows_per_load=2),
    TableResource(name="CUSTOMERS", mode=Mode.MERGE, primary_key=("id",), cursor_field="at"),
    TableResource(name="PARTNERS", mode=Mode.MERGE, primary_key=("id",)),
    TableResource(
        name="EVENTS", mode=Mode.INCREMENTAL, cursor_field="at", cursor_initial_value=2, rows_per_load=1
    ),
    TableResource(
        name="USERS",
        mode=Mode.MERGE,
        primary_key=("id",),
        cursor_field="at",
        cursor_initial_value=2,
        rows_per_load=1,
    ),
    TableResource(name="COUNTRIES"),
    TableResource(name="RATES", write_disposition=WriteDisposition.REPLACE),
)
FILES = (
    FileResource(name="visits", glob="visits/*"),
    FileResource(name="logs", glob="logs/*", on_change="append"),
    FileResource(
        name="stock", glob="stock/*", mode=Mode.SNAPSHOT, write_disposition=WriteDisposition.REPLACE
    ),
)


class Mishap(StrEnum):
    """What was lost before a turn."""

    NONE = "none"
    DESTINATION = "destination"
    LEDGER = "ledger"
    LOCAL = "local"


@dataclass(frozen=True, repr=False)
class Turn:
    """What an apply meets."""

    desired: Desired
    tables: dict[str, list[Row]]
    files: dict[str, LandedFile]
    hours: float = 2.0
    """How long after the turn before."""
    mishap: Mishap = Mishap.NONE

    def __repr__(self) -> str:
        pipelines = [
            f"{stack.name}.{p.name} {p.schedule} to {p.destination.type}: {', '.join(map(_short, p.resources))}"
            for stack in self.desired.stacks
            for p in stack.pipelines
        ]
        sources = {**self.tables, **{path: file.mark.modified[17:19] for path, file in self.files.items()}}
        return f"\n  after {self.hours} h, lost {self.mishap}: {'; '.join(pipelines)}\n    over {sources}"

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        printer.text(repr(self))

    def meet(self, site: Site) -> None:
        """Make the site as the apply finds it."""
        site.wait(hours=self.hours)
        site.world.tables[SHOP], site.world.landing[LANDING] = self.tables, self.files
        match self.mishap:
            case Mishap.DESTINATION:
                site.world.datasets.clear()
            case Mishap.LEDGER:
                site.store.lose()
            case Mishap.LOCAL:
                site.world.local.clear()
            case Mishap.NONE:
                pass


def _short(resource: Resource) -> str:
    """A resource in an example that failed: what the edits here change of it."""
    cursor = resource.cursor_field if isinstance(resource, TableResource) else None
    frozen = "frozen " if resource.schema_contract.columns == "freeze" else ""
    kept = "kept " if resource.lifecycle.prevent_drop else ""
    return f"{frozen}{kept}{resource.name} {cursor or ''}".strip()


def _loadable(pipeline: Pipeline) -> Pipeline:
    """A pipeline whose destination can do what its resources ask for."""
    if any(r.disposition is WriteDisposition.MERGE for r in pipeline.resources):
        return pipeline.model_copy(update={"destination": WAREHOUSE})
    return pipeline


@st.composite
def stacks(draw: st.DrawFn) -> Desired:
    """One or two stacks with pipelines of tables and of files; two pipelines share a dataset."""
    schedules = st.sampled_from((ALWAYS, "1h"))
    pipelines = []
    pools: tuple[tuple[Resource, ...], ...] = (TABLES, FILES)
    for name, pool in zip(("tables", "files"), pools, strict=True):
        resources = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3, unique_by=lambda r: r.name))
        pipeline = Pipeline(
            name=name,
            source=SHOP if pool is TABLES else LANDING,
            destination=draw(st.sampled_from(DESTINATIONS)),
            dataset="raw",
            schedule=draw(schedules),
            resources=tuple(resources),
        )
        pipelines.append(_loadable(pipeline))
    north = Stack(name="north", pipelines=tuple(pipelines[: draw(st.integers(1, 2))]))
    if draw(st.booleans()):
        return desired(north)
    tables = draw(st.lists(st.sampled_from(TABLES), min_size=1, max_size=2, unique_by=lambda r: r.name))
    copy = Pipeline(
        name="copy",
        source=SHOP,
        destination=WAREHOUSE,
        dataset="south",
        schedule=draw(schedules),
        resources=tuple(tables),
    )
    return desired(north, Stack(name="south", pipelines=(copy,)))


@st.composite
def edited(draw: st.DrawFn, before: Desired, edits: tuple[Edit, ...]) -> Desired:
    """The same stacks after up to three edits."""
    after = before
    for _ in range(draw(st.sampled_from((2, 3, 1, 0)))):
        after = draw(_edit(after, edits))
    return after


@st.composite
def _edit(draw: st.DrawFn, before: Desired, edits: tuple[Edit, ...]) -> Desired:
    if not before.stacks:
        return before
    stack = draw(st.sampled_from(before.stacks))
    match draw(
        st.sampled_from(
            ("resource",) * 6 + ("add", "remove", "schedule", "place", "place", "pipeline", "stack", "move")
        )
    ):
        case "stack":
            return before.model_copy(update={"stacks": tuple(s for s in before.stacks if s != stack)})
        case "pipeline" if stack.pipelines:
            gone = draw(st.sampled_from(stack.pipelines))
            changed = stack.model_copy(update={"pipelines": tuple(p for p in stack.pipelines if p != gone)})
        case "move" if stack.pipelines:
            moved = draw(st.sampled_from(stack.pipelines))
            other = _moved(stack, moved)
            changed = stack.model_copy(
                update={"pipelines": tuple(other if p == moved else p for p in stack.pipelines)}
            )
        case what if stack.pipelines:
            pipeline = draw(st.sampled_from(stack.pipelines))
            other = draw(_pipeline_edit(pipeline, what, edits))
            changed = stack.model_copy(
                update={"pipelines": tuple(other if p == pipeline else p for p in stack.pipelines)}
            )
        case _:
            changed = stack
    return before.model_copy(update={"stacks": tuple(changed if s == stack else s for s in before.stacks)})


def _moved(stack: Stack, pipeline: Pipeline) -> Pipeline:
    """The same pipeline under another name, which says where it comes from; its names in dlt stay."""
    name = pipeline.name.removesuffix("_now") if pipeline.name.endswith("_now") else f"{pipeline.name}_now"
    return pipeline.model_copy(update={"name": name, "former": Address(stack.name, pipeline.name)})


@st.composite
def _pipeline_edit(draw: st.DrawFn, before: Pipeline, what: str, edits: tuple[Edit, ...]) -> Pipeline:
    resources = list(before.resources)
    if what == "schedule":
        return before.model_copy(update={"schedule": "1h" if before.schedule == ALWAYS else ALWAYS})
    if what == "place":
        here = Home(destination=before.destination, dataset=before.dataset)
        # Never back to where it was: the old tables stay, and nothing goes where something is.
        return before.model_copy(update={"dataset": f"{before.dataset}_on", "moved_from": here})
    if what == "add":
        names = {resource.name for resource in resources}
        pool: tuple[Resource, ...] = TABLES if before.source == SHOP else FILES
        fits = [r for r in pool if before.destination != LAKE or r.disposition is not WriteDisposition.MERGE]
        new = [resource for resource in fits if resource.name not in names]
        resources += [draw(st.sampled_from(new))] if new else []
    elif resources:
        chosen = draw(st.integers(0, len(resources) - 1))
        if what == "remove":
            del resources[chosen]
        else:
            resources[chosen] = draw(st.sampled_from(edits))(resources[chosen])
    return before.model_copy(update={"resources": tuple(resources)})


@st.composite
def tables(draw: st.DrawFn, before: dict[str, list[Row]] | None = None) -> dict[str, list[Row]]:
    """Source tables, or how they went on: some rows changed, some are new, some of them at the newest time known."""
    after: dict[str, list[Row]] = {}
    for resource in TABLES:
        rows = [dict(row) for row in (before or {}).get(resource.name, [])]
        newest = max((int(str(row["at"])) for row in rows), default=0)
        for row in rows:
            if resource.name in {"CUSTOMERS", "PARTNERS", "USERS"} and draw(st.booleans()):
                row.update(at=newest + 1, v=int(str(row["v"])) + 1)
        for _ in range(draw(st.integers(0, 2))):
            rows.append({"id": len(rows) + 1, "at": newest + draw(st.integers(0, 1)), "v": 0})
        after[resource.name] = list(rows)
    return after | {new: after[old] for old, new in RENAMED.items() if old in after}


@st.composite
def files(draw: st.DrawFn, before: dict[str, LandedFile] | None = None) -> dict[str, LandedFile]:
    """Landed files, or those that came later; files of `logs` may change."""
    after = dict(before or {})
    for path, file in after.items():
        if path.startswith("logs/") and draw(st.booleans()):
            after[path] = landed([*file.rows, {"line": len(file.rows)}], version=len(file.rows))
    for resource in FILES:
        for _ in range(draw(st.integers(0, 2))):
            path = f"{resource.name}/{len(after)}"
            after[path] = landed([{"line": n, "of": path} for n in range(draw(st.integers(0, 2)))])
    return after


@st.composite
def histories(
    draw: st.DrawFn,
    *,
    edits: tuple[Edit, ...] = HARMLESS_EDITS,
    longest: int = 3,
    mishaps: tuple[Mishap, ...] = (Mishap.NONE, Mishap.NONE, *Mishap, Mishap.DESTINATION),
) -> tuple[Turn, ...]:
    """Turns that follow from each other."""
    turn = Turn(draw(stacks()), draw(tables()), draw(files()))
    turns = [turn]
    for _ in range(draw(st.sampled_from((1, *range(longest))))):
        turn = replace(
            turn,
            desired=draw(edited(turn.desired, edits)),
            tables=draw(tables(turn.tables)),
            files=draw(files(turn.files)),
            hours=draw(st.sampled_from((0.5, 2.0))),
            mishap=draw(st.sampled_from(mishaps)),
        )
        turns.append(turn)
    return tuple(turns)

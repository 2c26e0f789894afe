"""Rows go along to another place only between places where that was tried, only to where nothing is, and with no other move at once."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.model.destination import SqlDestination, staging_of
from databridge.model.diagnostic import Severity
from databridge.model.ledger import PipelineRecord
from databridge.model.naming import normalize_table
from databridge.model.pipeline import Home, Pipeline
from databridge.model.recorded import LocationStatus
from databridge.plan.actions import FieldChange
from databridge.plan.consequence import HARMLESS, Consequence, Risk
from databridge.plan.finding import Finding
from databridge.plan.holding import holds
from databridge.plan.part import Case
from databridge.plan.statecheck import unreadable

_BETWEEN = frozenset(
    [
        ("duckdb", "duckdb"),
        ("filesystem", "filesystem"),
        ("duckdb", "databricks"),
        ("databricks", "duckdb"),
        ("duckdb", "filesystem"),
        ("filesystem", "duckdb"),
        ("databricks", "filesystem"),
        ("filesystem", "databricks"),
        ("duckdb", "sql"),
        ("sql", "duckdb"),
        ("databricks", "sql"),
        ("sql", "databricks"),
        ("filesystem", "sql"),
    ]
)
"""Kinds of destinations that rows were seen to come from and to go to."""
_NOTHING = frozenset({LocationStatus.MISSING, LocationStatus.SKIPPED})


def relocates(case: Case, record: PipelineRecord) -> bool:
    """Whether a pipeline is written at another place than it is recorded at, and says that it comes from there."""
    told, written = case.pipeline.moved_from, case.pipeline
    here = Home(destination=written.destination, dataset=written.dataset)
    return told is not None and record.home.is_same(told) and not record.home.is_same(here)


def doubts(case: Case, record: PipelineRecord, changes: tuple[FieldChange, ...]) -> Iterator[Finding]:
    """Why its rows can't go along.

    Args:
        case: the pipeline.
        record: as it was last applied, which is where its rows are.
        changes: what differs, its resources aside.
    """
    origin = record.home
    if not is_tried(origin, case.pipeline):
        yield _refusal(
            case,
            f"its rows can't be moved from {_place(origin)} to {_title(case.pipeline)}: that was not tried",
            f"Write into the stack what is recorded; or forget it, to load it from its start there: databridge state rm {case.address}",
        )
    else:
        yield from _unheld(case, origin)
    others = [change.path for change in changes if not change.path.startswith(("destination.", "dataset"))]
    if others or case.former:
        told = "its address" if case.former else ", ".join(others)
        yield _refusal(
            case,
            f"its place changed, and {told} too; both at once is not done",
            "Apply one of the two first, and undo the other until then.",
        )
    if case.found and (there := case.found.elsewhere):
        if finding := unreadable(case.address, there):
            yield finding
        own = {normalize_table(name) for name in (*record.resources, *record.forgotten)}
        taken = sorted(own & there.filled)
        if taken or there.status in {LocationStatus.FOUND, LocationStatus.EMPTIED}:
            what = (
                f"a table {taken[0]} with rows"
                if taken
                else f"something of the dlt pipeline {record.dlt_name}"
            )
            yield _blocking(
                case,
                "DB252",
                f"its rows can't be moved to {_title(case.pipeline)}: there is {what} already",
                "Choose another dataset, or move what is there out of the way.",
            )


def unmanaged(case: Case) -> Finding | None:
    """The finding for a pipeline that nobody recorded, and that says it comes from where something else is."""
    there = case.found.elsewhere if case.found else None
    told = case.pipeline.moved_from
    if there is None or told is None or there.status in _NOTHING:
        return None
    return unreadable(case.address, there) or _refusal(
        case,
        f"it is said to come from {_place(told)}, and what is there of {case.dlt_names[0]} is not on record here",
        f"Take that over first: write its dataset and destination as they are there, and apply. Or remove `moved_from`, to "
        f"load it from its start into {_title(case.pipeline)}.",
    )


def consequence(case: Case, record: PipelineRecord) -> Consequence:
    """What it does to rows: all are written once more."""
    if case.found and case.found.destination.status is LocationStatus.MISSING:
        return HARMLESS
    origin = record.home
    return Consequence(
        risk=Risk.REWRITE, undo=f"the old tables stay in {_place(origin)}; nothing is added to them any more"
    )


def is_tried(origin: Home, pipeline: Pipeline) -> bool:
    """Whether rows were seen to come from a place to another one as they are."""
    goal = pipeline.destination
    if staging_of(origin.destination) or staging_of(goal):
        return False
    databases = [each for each in (origin.destination, goal) if isinstance(each, SqlDestination)]
    if any(each.parts.dialect != "postgresql" for each in databases):
        return False
    if origin.destination.identity == goal.identity:
        return True
    # Bytes stay as they are; so do the rows of a DuckDB file that another one reads.
    return (origin.destination.type, goal.type) in _BETWEEN


def _unheld(case: Case, origin: Home) -> Iterator[Finding]:
    """What would not be the same in a destination of another kind."""
    goal, state = case.pipeline.destination, case.found.destination.state if case.found else None
    if state is None or origin.destination.type == goal.type:
        return
    lost = [f"{c} ({rare})" for c, rare in state.rare.items() if not holds(origin.destination, goal, rare)]
    if lost:
        yield _refusal(
            case,
            f"its rows can't be moved from {_place(origin)} to {_title(case.pipeline)}: {goal.type} can't hold "
            f"{_listed(lost)}",
            "Declare another type for it, or leave it out, and load its table anew before the move (databridge reset); or load the "
            f"pipeline from its start there: databridge state rm {case.address}",
        )


def _listed(columns: list[str]) -> str:
    first, *others = sorted(columns)
    return f"column {first} as it is" + (f", nor {len(others):,} more" if others else "")


def _place(place: Home) -> str:
    return f"{place.destination.title}, dataset {place.dataset}"


def _title(pipeline: Pipeline) -> str:
    return f"{pipeline.destination.title}, dataset {pipeline.dataset}"


def _refusal(case: Case, summary: str, hint: str) -> Finding:
    return _blocking(case, "DB225", summary, hint)


def _blocking(case: Case, code: str, summary: str, hint: str) -> Finding:
    return Finding(
        code=code,
        address=case.address,
        severity=Severity.ERROR,
        summary=summary,
        hint=hint,
        blocks=True,
    )

"""A state in a warehouse lies at a destination that all stacks share, and never in a file that one of them loads into."""

from __future__ import annotations

import re
from collections.abc import Iterable

from databridge.config.catalog import Shelf
from databridge.config.document import Document, Steps
from databridge.config.problems import Problems
from databridge.model.destination import DatabricksDestination, Destination, DuckDbDestination
from databridge.model.paths import resolve_path
from databridge.model.pipeline import Pipeline
from databridge.model.statetable import DEFAULT_SCHEMA, StateTable

_SCHEMA = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def table_of(
    name: str,
    schema: str | None,
    lock_expiry: float,
    *,
    header: Document,
    steps: Steps,
    destinations: Shelf[Destination],
    problems: Problems,
) -> StateTable | None:
    """The table at a destination; None, and a problem, where there can be none.

    Args:
        name: the destination's.
        schema: as it is written; None leaves it to the default.
        lock_expiry: seconds.
        header: `databridge.yaml`.
        steps: where the store stands in it.
        destinations: those of `stacks/_shared/`.
        problems: takes what is wrong.
    """
    at_name = (*steps, "destination")
    entry = destinations.find(name, header, at_name, problems)
    if entry is None or entry.value is None:
        return None
    destination = entry.value
    if not isinstance(destination, DatabricksDestination | DuckDbDestination):
        problems.add(
            "DB103",
            "Wrong value for `destination`",
            header.at_value(at_name),
            detail=f"expected a `databricks` or `duckdb` destination; `{name}` is a `{destination.type}`",
            hint="For a state in a bucket write its `url` instead.",
        )
        return None
    if schema is not None and not _SCHEMA.fullmatch(schema):
        detail = "expected letters, digits and underscores"
        problems.add("DB103", "Wrong value for `schema`", header.at_value((*steps, "schema")), detail=detail)
        return None
    return StateTable(destination=destination, schema_name=schema or DEFAULT_SCHEMA, lock_expiry=lock_expiry)


def check_apart(
    table: StateTable,
    pipelines: Iterable[Pipeline],
    *,
    root: str,
    header: Document,
    steps: Steps,
    problems: Problems,
) -> None:
    """See that no pipeline loads into what the state takes for itself: its schema, or its whole file in DuckDB.

    Args:
        table: where the state lies.
        pipelines: all there are.
        root: the project's folder.
        header: `databridge.yaml`.
        steps: where the store stands in it.
        problems: takes what is wrong.
    """
    for pipeline in pipelines:
        match table.destination, pipeline.destination:
            case DuckDbDestination(path=ours), DuckDbDestination(path=theirs) if resolve_path(
                root, ours
            ) == resolve_path(root, theirs):
                detail = "While a load has it, no lock could be renewed: a DuckDB file takes one process at a time."
                hint = "Give the state a file of its own: another `duckdb` destination in stacks/_shared/."
                summary = f"The pipeline `{pipeline.name}` loads into the file of the state"
            case DatabricksDestination() as ours_there, DatabricksDestination() as theirs_there if (
                ours_there.identity == theirs_there.identity
                and pipeline.dataset.lower() == table.schema_name.lower()
            ):
                detail = "What drops a dataset would drop the state with it."
                hint = "Name another `schema`, or another dataset."
                summary = f"The pipeline `{pipeline.name}` loads into the schema of the state"
            case _:
                continue
        problems.add("DB119", summary, header.at_key(steps), detail=detail, hint=hint)
        return

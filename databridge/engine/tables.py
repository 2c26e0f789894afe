"""Tables of a database become dlt resources: one engine and one reflection for all of them, rows as Arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import dlt
import pyarrow as pa
import sqlalchemy as sa
from dlt.common.schema.typing import TColumnSchema
from dlt.extract import DltResource

from databridge.apply.engine import Fill, Job
from databridge.engine import boundary, ranges
from databridge.engine.boundary import cursor_columns, identity, read_columns
from databridge.engine.division import bounds_in, divisions, inside, past
from databridge.engine.extraction.opensource import OpenSource
from databridge.engine.fitting import fitter_for
from databridge.engine.keyed import keyed
from databridge.engine.latecolumns import late_columns
from databridge.engine.query import at_value, selection
from databridge.engine.shape import shaped, with_load_date
from databridge.engine.systemcolumns import load_id_hint, row_ids
from databridge.engine.task import Task
from databridge.model.cursorvalue import TypedCursor
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import TableResource, WriteDisposition
from databridge.model.secret import Secrets
from databridge.model.source import TABLE_SOURCES, TableSource


def table_resources(
    source: TableSource,
    resources: Iterable[TableResource],
    task: Task,
    *,
    fill: Fill | None = None,
) -> Iterator[DltResource]:
    """One dlt resource for each table.

    Args:
        source: the database.
        resources: the tables; reflected together.
        task: what they are read for.
        fill: a range of one more table.

    Raises:
        DatabridgeError: the database can't be reached, or a table or cursor is not there; all of them at once.
    """
    loaded = list(resources)
    wanted = [*loaded, fill.resource] if fill else loaded
    opened = OpenSource.of(source, wanted, task.root, task.secrets, destination=task.destination)
    for resource in loaded:
        yield _resource(opened, resource, task)
    if fill:
        yield _range(opened, fill, task)


def _resource(opened: OpenSource, resource: TableResource, task: Task) -> DltResource:
    table = opened.table(resource)
    known_by = identity(table, resource, task) if cursor_columns(resource) else []
    _claim_boundary(opened, resource, task, known_by)
    rows = opened.rows(
        resource,
        select=selection(task.limit, _first_part(opened.engine, table, resource, task)),
        incremental=_incremental(table, resource, known_by),
    )
    read = set(read_columns(table, resource)) - set(resource.primary_key)
    late = late_columns(
        resource.name, (c.name for c in table.columns if not c.nullable and c.name in read), task
    )
    shaped(rows, resource, {**late, **_cursor_hints(resource), **load_id_hint(resource.name, task)})
    rows.add_map(_fitted(resource, task, known_by))
    return rows


def _first_part(engine: sa.Engine, table: sa.Table, resource: TableResource, task: Task) -> object | None:
    """Before which value of its cursor a load ends that is not to take all there is."""
    names = cursor_columns(resource)
    if resource.name not in task.split or not names or resource.disposition is WriteDisposition.REPLACE:
        return None
    cursor = table.columns[names[0]]
    last = boundary.last_value(resource, task)
    start = _typed(resource.cursor_initial_value, cursor, resource) if last is None else last
    rows = past(cursor, start, known=last is not None, engine=engine)
    found = divisions(engine, cursor, rows, resource.rows_per_load)
    if found:
        task.more[resource.name] = len(found)
    return next(iter(found), None)


def divide(job: Job, root: Path, secrets: Secrets) -> tuple[TypedCursor, ...]:
    """Where the range of a job can be divided into loads; see `databridge.apply.engine.Engine.divide`."""
    if job.fill is None or not isinstance(job.source, TABLE_SOURCES):
        return ()
    resource, window = job.fill.resource, job.fill.window
    opened = OpenSource.of(job.source, [resource], root, secrets)
    cursor = opened.table(resource).columns[cursor_columns(resource)[0]]
    found = divisions(opened.engine, cursor, inside(cursor, window, opened.engine), resource.rows_per_load)
    return bounds_in(window, found)


def _range(opened: OpenSource, fill: Fill, task: Task) -> DltResource:
    """The rows of a range; dlt is not told of the cursor, so what it remembers of it stays."""
    resource, window = fill.resource, fill.window
    ranges.refuse_filled(fill, task)
    rows = opened.rows(resource, select=ranges.selection(resource, window))
    shaped(rows, resource, {**_cursor_hints(resource), **load_id_hint(resource.name, task)})
    fitted = _fitted(resource, task, [])
    rows.add_map(lambda table: fitted(ranges.within(table, resource, window)))
    return rows


def _claim_boundary(opened: OpenSource, resource: TableResource, task: Task, known_by: list[str]) -> None:
    """Where dlt's hashes of the rows at the cursor are not ours: make them so, before the first load."""
    last = boundary.unclaimed(resource, known_by, task)
    if last is None:
        return
    cursor = resource.cursor_field or ""
    rows = (
        boundary.at(rows, cursor, last)
        # With the declared types, as loads read them: a text says each value of a column that is declared one.
        for rows in shaped(opened.rows(resource, select=at_value(cursor, last)), resource, {})
    )
    fitter = fitter_for(task, resource.name, {})
    boundary.claim(resource, task, known_by, [fitter.fit(each, resource.name) for each in rows], last)


def _cursor_hints(resource: TableResource) -> dict[str, TColumnSchema]:
    # Of several versions of one key in one load, dlt keeps an arbitrary one unless the cursor says which is newest.
    if resource.disposition is not WriteDisposition.MERGE:
        return {}
    return {name: {"name": name, "dedup_sort": "desc"} for name in cursor_columns(resource)}


def _incremental(
    table: sa.Table, resource: TableResource, known_by: list[str]
) -> dlt.sources.incremental[object] | None:
    for name in cursor_columns(resource):
        return dlt.sources.incremental(
            name,
            initial_value=_typed(resource.cursor_initial_value, table.columns[name], resource),
            # A list, and more than the key: by key alone, a row that changed again at the same cursor value would be
            # taken for seen.
            primary_key=known_by,
            on_cursor_value_missing="raise",
        )
    return None


def _typed(value: str | float | None, column: sa.Column[object], resource: TableResource) -> object:
    """The initial value as the column's own type, so that it compares with what is read."""
    if value is None:
        return None
    readers: dict[type, Callable[[str], object]] = {
        datetime: datetime.fromisoformat,
        date: date.fromisoformat,
        time: time.fromisoformat,
        Decimal: Decimal,
        int: int,
        float: float,
        str: str,
    }
    kind = column.type.python_type
    try:
        return readers[kind](str(value)) if kind in readers else value
    except ValueError:
        raise DatabridgeError.of(
            "DB515",
            f"cursor_initial_value `{value}` is no {kind.__name__}, which column `{column.name}` of "
            f"`{resource.name}` holds",
            hint="Write it as the column holds it, for example 2024-01-31 or 2024-01-31T00:00:00.",
        ) from None


def _fitted(resource: TableResource, task: Task, known_by: list[str]) -> Callable[[pa.Table], pa.Table]:
    fitter, with_ids = fitter_for(task, resource.name, {}), row_ids(resource.name, task)

    def fit(table: pa.Table) -> pa.Table:
        if known_by:
            boundary.remember(resource.name, known_by, task)
        keyed(table, resource, fitter.stored, resource.name)
        fitted = with_ids(fitter.fit(table, resource.name))
        return with_load_date(fitted, task.moment) if resource.adds_load_date else fitted

    return fit

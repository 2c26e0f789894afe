"""A range of a table's cursor is read as a whole and nothing beyond it: what the source's comparison takes too much goes here.

Where rows are merged, one that has a newer version at the source is left out: that is loaded already, or will be, and an older
one must not take its place.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import sqlalchemy as sa
from dlt.common.libs.pyarrow import to_arrow_scalar
from pyarrow import compute

from databridge.apply.engine import Fill
from databridge.engine.boundary import cursor_columns
from databridge.engine.failpoint import failpoint
from databridge.engine.pipelines import schema_of
from databridge.engine.query import Query, QueryAdapter, comparable
from databridge.engine.sqlite import not_earlier_than, not_later_than
from databridge.engine.storedrange import count_rows, delete_rows, stored_range
from databridge.engine.task import Task
from databridge.model.cursorvalue import CursorValue
from databridge.model.diagnostic import DatabridgeError
from databridge.model.marker import FILLING_KEY
from databridge.model.resource import TableResource, WriteDisposition
from databridge.model.window import Window

if TYPE_CHECKING:
    import dlt


def selection(resource: TableResource, window: Window) -> QueryAdapter:
    """How dlt is told to read a range, and maybe some rows around it.

    Args:
        resource: one with a cursor.
        window: the range.
    """
    (name,) = cursor_columns(resource)

    def select(
        query: Query,
        table: sa.Table,
        incremental: dlt.sources.incremental[object] | None,  # noqa: ARG001 - dlt's signature
        engine: sa.Engine,
    ) -> Query:
        cursor: sa.ColumnElement[object] = table.columns[name]
        query = query.where(*_bounds(cursor, window, engine))
        key = set(resource.primary_key)
        if resource.disposition is WriteDisposition.MERGE and not _is_key_of(key, table):
            newer = table.alias("newer")
            same = [table.columns[column] == newer.columns[column] for column in resource.primary_key]
            later = _comparable(newer.columns[name], engine) > _comparable(cursor, engine)
            query = query.where(~sa.exists().where(*same, later))
        return query

    return select


def _bounds(
    cursor: sa.ColumnElement[object], window: Window, engine: sa.Engine
) -> list[sa.ColumnElement[bool]]:
    start, end = window.first, window.end.value
    if engine.dialect.name == "sqlite" and isinstance(end, datetime):
        text = sa.type_coerce(cursor, sa.String)
        after = [text >= not_later_than(start)] if isinstance(start, datetime) else []
        return [*after, text < not_earlier_than(end)]
    by = comparable(cursor, engine)
    return [*([by >= start] if start is not None else []), by < end]


def _is_key_of(columns: set[str], table: sa.Table) -> bool:
    """Whether the source itself has no two rows with the same values in these columns."""
    own = {column.name for column in table.primary_key.columns}
    return bool(own) and own <= columns


def _comparable(cursor: sa.ColumnElement[object], engine: sa.Engine) -> sa.ColumnElement[object]:
    """SQLite's texts of moments by the moments that they mean."""
    if engine.dialect.name == "sqlite" and isinstance(cursor.type, sa.DateTime):
        return sa.func.julianday(cursor)
    return comparable(cursor, engine)


def within(rows: pa.Table, resource: TableResource, window: Window) -> pa.Table:
    """Those of the rows that are in the window, exactly."""
    (name,) = cursor_columns(resource)
    column = rows[name]
    inside = compute.less(column, to_arrow_scalar(window.end.value, column.type))
    if window.first is not None:
        start = to_arrow_scalar(window.first, column.type)
        inside = compute.and_(inside, compute.greater_equal(column, start))
    return rows.filter(inside)


def refuse_filled(fill: Fill, task: Task) -> None:
    """Stop before rows would be appended where the destination has some already.

    Raises:
        DatabridgeError: it has (DB530), or its files can't be read (DB519).
    """
    resource, window = fill.resource, fill.window
    if resource.disposition is not WriteDisposition.APPEND or fill.again:
        return
    (name,) = cursor_columns(resource)
    stored = stored_range(fill, task)
    there = count_rows(stored, task) if stored else 0
    if there:
        raise DatabridgeError.of(
            "DB530",
            f"`{resource.name}` has {there:,} rows already whose `{name}` is {in_words(window)}",
            detail="A backfill would append them a second time. Nothing was loaded.",
            hint="Leave `cursor_initial_value` as it was, or load the table anew: databridge reset",
        )


def note(fill: Fill | None, pipeline: dlt.Pipeline, parent: int) -> None:
    """Note that a range is loaded anew, and load that state, in a package of its own; nothing where it is noted.

    Args:
        fill: what is loaded.
        pipeline: in step with its destination.
        parent: the process that a failpoint kills.
    """
    schema = schema_of(pipeline)
    if schema is None or fill is None or fill.again is None:
        return
    with pipeline.managed_state(extract_state=True) as state:
        known = state.setdefault("sources", {}).setdefault(schema.name, {}).setdefault("resources", {})
        known.setdefault(fill.resource.name, {})[FILLING_KEY] = fill.again.model_dump(mode="json")
    pipeline.normalize()
    if pipeline.list_normalized_load_packages():
        pipeline.load()
    failpoint("noted", parent)


def clear(fill: Fill | None, task: Task, parent: int) -> None:
    """Delete the rows of a window that is loaded anew; the package that brings them again is ready.

    Args:
        fill: what is loaded.
        task: the load.
        parent: the process that a failpoint kills.
    """
    if fill is None or fill.again is None:
        return
    if stored := stored_range(fill, task):
        delete_rows(stored, task)
    failpoint("cleared", parent)


def in_words(window: Window) -> str:
    """A range for people."""
    start = f"{_plain(window.first)} or later, and " if window.start else ""
    return f"{start}before {_plain(window.end.value)}"


def _plain(value: CursorValue) -> str:
    return str(value)

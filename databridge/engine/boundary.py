"""Of the rows at the cursor's last value each is loaded once; they are known by the columns that the first load read.

dlt keeps a hash of each of them in its state. Where those hashes were made of other columns (before databridge came, or
before the source dropped one) they are made anew, from the rows that the destination has. Where these fit none of the
source's rows the load is refused: to go on could double them. A cursor that a person set need not be the value of any
row; of the rows at it, those that the destination has are known in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dlt
import pyarrow as pa
import sqlalchemy as sa
from dlt.common.libs.pyarrow import from_arrow_scalar, to_arrow_scalar
from dlt.extract.utils import digest_dedup_value
from pyarrow import compute

from databridge.engine.pipelines import schema_of
from databridge.engine.storedrows import rows_at
from databridge.engine.task import Task
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Mode, TableResource, WriteDisposition

_IDENTITY = "databridge_identity"
"""In the state of a resource: the columns by which rows at the cursor are known."""
PLACED = "databridge_placed"
"""In the state of a resource: its cursor was set, and nobody knows yet which rows at it are loaded."""


def cursor_columns(resource: TableResource) -> list[str]:
    """The cursor, if rows are taken by one."""
    return [resource.cursor_field] if resource.cursor_field and resource.mode is not Mode.SNAPSHOT else []


def read_columns(table: sa.Table, resource: TableResource) -> list[str]:
    """The columns of the source's table that are loaded."""
    kept = {*resource.include_columns, *resource.primary_key, *cursor_columns(resource)}
    return [c.name for c in table.columns if not resource.include_columns or c.name in kept]


def identity(table: sa.Table, resource: TableResource, task: Task) -> list[str]:
    """The columns that tell which of the rows at the cursor are known: those that the first load read, or others before us.

    A column that the source gained since must not count, or every known row at the cursor would look new.
    """
    read = read_columns(table, resource)
    first: list[str] | None = task.restored_state(resource.name).get(_IDENTITY)
    return [name for name in (_loaded(read, resource, task) if first is None else first) if name in read]


def _loaded(read: list[str], resource: TableResource, task: Task) -> list[str]:
    """Those that the table has, where there is one."""
    stored = task.table_of(resource.name)
    if stored is None:
        return read
    normalize = task.pipeline.default_schema.naming.normalize_identifier
    return [name for name in read if normalize(name) in stored["columns"]]


def remember(resource: str, columns: list[str], task: Task) -> None:
    """Keep, with the load that is being extracted, by which columns its rows are known."""
    state = task.state(resource)
    state[_IDENTITY] = columns
    state.pop(PLACED, None)


def unclaim(pipeline: dlt.Pipeline, resources: Iterable[str]) -> None:
    """Let the next load ask the destination which rows at the cursor it has: columns get other types, and so do dlt's hashes.

    Args:
        pipeline: its local state is changed.
        resources: whose columns they are.
    """
    schema = schema_of(pipeline)
    names = frozenset(resources)
    if schema is None or not names:
        return
    with pipeline.managed_state() as state:
        known = state.get("sources", {}).get(schema.name, {}).get("resources", {})
        for name in names & known.keys():
            if known[name].get("incremental"):
                known[name][PLACED] = True


def unclaimed(resource: TableResource, columns: list[str], task: Task) -> object | None:
    """The cursor's last value where dlt's hashes of the rows at it are made of other columns than these, or not made; else None.

    Only appended rows could stand twice: merged ones are taken again without harm.
    """
    state = task.restored_state(resource.name)
    known = PLACED not in state and state.get(_IDENTITY) == columns
    if resource.disposition is not WriteDisposition.APPEND or known:
        return None
    return last_value(resource, task)


def last_value(resource: TableResource, task: Task) -> object | None:
    """The cursor's last value; None before the first load."""
    state = task.restored_state(resource.name).get("incremental", {})
    last: object = next((state.get(name, {}).get("last_value") for name in cursor_columns(resource)), None)
    return last


def at(rows: pa.Table, cursor: str, value: object) -> pa.Table:
    """Those of the rows whose cursor has exactly this value."""
    column = rows[cursor]
    return rows.filter(compute.equal(column, to_arrow_scalar(value, column.type)))


def claim(
    resource: TableResource, task: Task, columns: list[str], source: Sequence[pa.Table], last: object
) -> None:
    """Make dlt's hashes anew, of the source's rows at the cursor that the destination has.

    Args:
        resource: one with a cursor.
        task: its load, before anything was extracted.
        columns: by which its rows are known from now on.
        source: the source's rows at the cursor's last value, with the types of the table.
        last: that value.

    Raises:
        DatabridgeError: the destination has rows at its greatest cursor, or at the one that was set, and none of them is
            one of the source's rows at it; or, where it was not set, its greatest cursor is another value.
    """
    cursor = cursor_columns(resource)[0]
    placed = PLACED in task.restored_state(resource.name)
    rows = [row for table in source for row in table.select(columns).to_pylist()]
    known = _stored(resource, task, columns, source[0].schema, last, placed=placed) if rows else []
    seen = [row for row in rows if row in (known or ())]
    if rows and not seen and not (placed and known == []):
        raise _unknown(resource, cursor, len(rows))
    with task.pipeline.managed_state() as state:
        mine = state["sources"][task.schema_name]["resources"][resource.name]
        mine["incremental"][cursor]["unique_hashes"] = sorted(
            {digest_dedup_value([row[name] for name in columns]) for row in seen}
        )
        mine[_IDENTITY] = columns
        mine.pop(PLACED, None)


def _stored(
    resource: TableResource, task: Task, columns: list[str], schema: pa.Schema, last: object, *, placed: bool
) -> list[dict[str, object]] | None:
    """The destination's rows at its greatest cursor, or at the one that was set, by the source's names and with the source's types.

    None where they can't be had with these types.
    """
    cursor = cursor_columns(resource)[0]
    table = task.table_of(resource.name)
    if table is None:
        return []
    normalize = task.pipeline.default_schema.naming.normalize_identifier
    rows = rows_at(
        task.pipeline,
        str(table["name"]),
        [normalize(column) for column in columns],
        normalize(cursor),
        last if placed else None,
        schema.field(cursor).type,
    )
    fields = [schema.field(column) for column in columns]
    try:
        rows = pa.table([c.cast(f.type) for c, f in zip(rows.columns, fields, strict=True)], names=columns)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    if placed:
        return _listed(rows)
    greatest = from_arrow_scalar(rows[cursor][0]) if len(rows) else None
    if greatest != from_arrow_scalar(to_arrow_scalar(last, schema.field(cursor).type)):
        raise _elsewhere(resource, cursor, last, greatest)
    return _listed(rows)


def _listed(rows: pa.Table) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = rows.to_pylist()
    return listed


def _elsewhere(resource: TableResource, cursor: str, last: object, greatest: object) -> DatabridgeError:
    return DatabridgeError.of(
        "DB519",
        f"`{resource.name}` can't go on from its recorded cursor: it is {last}, and the greatest `{cursor}` in the "
        f"table is {greatest}",
        detail="A load would take rows that are there already, or leave some out. Nothing was loaded.",
        hint=_ANEW,
    )


def _unknown(resource: TableResource, cursor: str, count: int) -> DatabridgeError:
    return DatabridgeError.of(
        "DB519",
        f"can't tell which of the {count:,} rows of `{resource.name}` at the last value of `{cursor}` are loaded",
        detail="None of them is in the table as it is at the source, so to go on could load them a second time. "
        "Nothing was loaded.",
        hint=_ANEW,
    )


_ANEW = "Load it from its start: databridge reset"

"""Of the rows at the cursor's last value each is loaded once; they are known by the columns that the first load read.

dlt keeps a hash of each of them in its state. What it kept before databridge came was made of other columns, maybe of
other types: before the first load it is said again in our terms, from the rows themselves, or that load is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
import sqlalchemy as sa
from dlt.common.libs.pyarrow import to_arrow_scalar
from dlt.extract.utils import digest_dedup_value, has_legacy_dedup_hashes, resolve_column_value
from pyarrow import compute

from databridge.engine.task import Task
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Mode, TableResource

Row = dict[str, object]
_Known = Callable[[Row], object]
"""What of a row the hash is made of."""

_IDENTITY = "databridge_identity"
"""In the state of a resource: the columns by which rows at the cursor are known."""


def cursor_columns(resource: TableResource) -> list[str]:
    """The cursor, if rows are taken by one."""
    return [resource.cursor_field] if resource.cursor_field and resource.mode is not Mode.SNAPSHOT else []


def read_columns(table: sa.Table, resource: TableResource) -> list[str]:
    """The columns of the source's table that are loaded."""
    kept = {*resource.include_columns, *resource.primary_key, *cursor_columns(resource)}
    return [c.name for c in table.columns if not resource.include_columns or c.name in kept]


def identity(table: sa.Table, resource: TableResource, task: Task) -> list[str]:
    """The columns that tell which of the rows at the cursor are known: those that the first load read.

    A column that the source gained since must not count, or every known row at the cursor would look new.
    """
    read = read_columns(table, resource)
    first: list[str] = task.restored_state(resource.name).get(_IDENTITY, read)
    return [name for name in first if name in read]


def remember(resource: str, columns: list[str], task: Task) -> None:
    """Keep, with the load that is being extracted, by which columns its rows are known."""
    task.state(resource)[_IDENTITY] = columns


def unclaimed(resource: TableResource, task: Task) -> object | None:
    """The cursor's last value where dlt's hashes of the rows at it are not ours; None where there is nothing to say again."""
    state = task.restored_state(resource.name)
    for name in cursor_columns(resource):
        if _IDENTITY not in state:
            last: object = state.get("incremental", {}).get(name, {}).get("last_value")
            return last
    return None


def at(rows: pa.Table, cursor: str, value: object) -> pa.Table:
    """Those of the rows whose cursor has exactly this value."""
    column = rows[cursor]
    return rows.filter(compute.equal(column, to_arrow_scalar(value, column.type)))


def claim(
    resource: TableResource,
    task: Task,
    columns: list[str],
    raw: Iterable[pa.Table],
    fitted: Iterable[pa.Table],
) -> None:
    """Say in our terms which of the source's rows at the cursor dlt has loaded already.

    Args:
        resource: one with a cursor.
        task: its load, before anything was extracted.
        columns: by which its rows are known from now on.
        raw: the rows at the cursor's last value as the source has them.
        fitted: the same with the types of the table, in the same order.

    Raises:
        DatabridgeError: there are such rows, and what dlt recorded fits none of them.
    """
    cursor = cursor_columns(resource)[0]
    recorded = frozenset(task.restored_state(resource.name)["incremental"][cursor]["unique_hashes"])
    ours = [row for table in fitted for row in table.to_pylist()]
    forms = ([row for table in raw for row in table.to_pylist()], ours)
    seen = max((list(_seen(form, known, recorded)) for form in forms for known in _ways(resource)), key=sum)
    if ours and not any(seen):
        raise _unknown(resource, cursor, len(ours))
    by_columns = _by(columns)
    hashes = sorted({digest_dedup_value(by_columns(row)) for row, old in zip(ours, seen, strict=True) if old})
    with task.pipeline.managed_state() as state:
        mine = state["sources"][task.schema_name]["resources"][resource.name]
        mine["incremental"][cursor]["unique_hashes"] = hashes
        mine[_IDENTITY] = columns


def _ways(resource: TableResource) -> Iterator[_Known]:
    """What dlt may have made its hashes of: the whole row, the key as a list, or one column's value."""
    yield lambda row: row
    if resource.primary_key:
        yield _by(list(resource.primary_key))
        yield _by(resource.primary_key[0])


def _by(key: str | list[str]) -> _Known:
    return lambda row: resolve_column_value(key, row)


def _seen(rows: Iterable[Row], known: _Known, recorded: frozenset[str]) -> Iterator[bool]:
    legacy = has_legacy_dedup_hashes(recorded)
    return (digest_dedup_value(known(row), legacy) in recorded for row in rows)


def _unknown(resource: TableResource, cursor: str, count: int) -> DatabridgeError:
    return DatabridgeError.of(
        "DB519",
        f"can't tell which of the {count:,} rows of `{resource.name}` at the last value of `{cursor}` are loaded",
        detail="dlt loaded the table before databridge took it over, and what it kept of these rows fits none of them. "
        "To go on would load them a second time. Nothing was loaded.",
        hint="Load it anew from a pipeline with another name and another dataset; or let the old pipeline load rows past "
        "that value first.",
    )

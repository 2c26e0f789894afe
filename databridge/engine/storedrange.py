"""The rows of a destination's table in a range of its cursor are counted or deleted by what they are, whoever loaded them."""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the values are bound or harmless
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import sqlalchemy as sa
from dlt.common.libs.pyarrow import to_arrow_scalar
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from dlt.destinations.impl.sqlalchemy.sqlalchemy_job_client import SqlalchemyJobClient

from databridge.apply.engine import Fill
from databridge.engine.boundary import cursor_columns
from databridge.engine.fitting import fitter_for
from databridge.engine.storedrows import literal_of, parquet_of
from databridge.engine.task import Task


@dataclass(frozen=True, slots=True)
class StoredRange:
    """A range, by the destination's names and types."""

    table: str
    cursor: str
    start: object | None
    """None: from the first row on."""
    end: object
    """Not in it."""
    kind: pa.DataType
    """The cursor's."""


def stored_range(fill: Fill, task: Task) -> StoredRange | None:
    """The window that a load fills, as the destination has it; None where no row can be in it yet."""
    (name,) = cursor_columns(fill.resource)
    table, fitter = task.table_of(fill.resource.name), fitter_for(task, fill.resource.name, {})
    kind = fitter.known(name)
    if table is None or kind is None:  # no row came, or none with a value
        return None
    window = fill.window
    return StoredRange(str(table["name"]), fitter.stored(name), window.first, window.end.value, kind)


def count_rows(stored: StoredRange, task: Task) -> int:
    """How many rows are there.

    Raises:
        DatabridgeError: the table lies in a bucket in a format that is not read (DB519).
    """
    with task.pipeline.destination_client() as client:
        if isinstance(client, FilesystemClient) and not client.config.is_local_filesystem:
            data = parquet_of(client, stored.table)
            return int(data.count_rows(filter=_in_files(stored, data.schema.field(stored.cursor).type)))
        if isinstance(client, SqlalchemyJobClient):
            table, inside = _in_database(client, stored)
            with client.sql_client.execute_query(
                sa.select(sa.func.count()).select_from(table).where(inside)
            ) as found:
                row = found.fetchone()
            return int(row[0]) if row else 0
    with task.pipeline.sql_client() as sql:
        where, bound = _condition(stored, sql.escape_column_name(stored.cursor))
        table_name = sql.make_qualified_table_name(stored.table)
        with sql.execute_query(f"SELECT count(*) FROM {table_name} WHERE {where}", *bound) as found:
            row = found.fetchone()
    return int(row[0]) if row else 0


def delete_rows(stored: StoredRange, task: Task) -> None:
    """Delete them; only a database can."""
    with task.pipeline.destination_client() as client:
        if isinstance(client, FilesystemClient):
            raise TypeError("rows can't be deleted from files")
        if isinstance(client, SqlalchemyJobClient):
            table, inside = _in_database(client, stored)
            client.sql_client.execute_sql(sa.delete(table).where(inside))
            return
    with task.pipeline.sql_client() as sql:
        where, bound = _condition(stored, sql.escape_column_name(stored.cursor))
        sql.execute_sql(f"DELETE FROM {sql.make_qualified_table_name(stored.table)} WHERE {where}", *bound)


def _condition(stored: StoredRange, cursor: str) -> tuple[str, list[str]]:
    text, bound = literal_of(stored.end, stored.kind)
    parts, values = [f"{cursor} < {text}"], [*bound]
    if stored.start is not None:
        text, bound = literal_of(stored.start, stored.kind)
        parts.append(f"{cursor} >= {text}")
        values += bound
    return " AND ".join(parts), values


def _in_files(stored: StoredRange, kind: pa.DataType) -> ds.Expression:
    inside = ds.field(stored.cursor) < to_arrow_scalar(stored.end, kind)
    if stored.start is not None:
        inside &= ds.field(stored.cursor) >= to_arrow_scalar(stored.start, kind)
    return inside


def _in_database(
    client: SqlalchemyJobClient, stored: StoredRange
) -> tuple[sa.TableClause, sa.ColumnElement[bool]]:
    known = client.prepare_load_table(stored.table)
    of: Any = client.type_mapper.to_destination_type(
        known["columns"][stored.cursor], known
    )  # declared a text
    table = sa.table(stored.table, sa.column(stored.cursor, of), schema=client.sql_client.dataset_name)
    by = table.c[stored.cursor]
    inside = by < to_arrow_scalar(stored.end, stored.kind).as_py()
    if stored.start is not None:
        inside = sa.and_(inside, by >= to_arrow_scalar(stored.start, stored.kind).as_py())
    return table, inside

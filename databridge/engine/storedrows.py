"""The rows of a destination's table at one value of its cursor, or at the greatest, as they are there.

A warehouse is asked in SQL. A folder of this machine too, for dlt has DuckDB read it; for a bucket that would take an
extension of DuckDB which is fetched over the network, so there the files are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

import dlt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from dlt.common.libs.pyarrow import to_arrow_scalar
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from dlt.destinations.impl.sqlalchemy.sqlalchemy_job_client import SqlalchemyJobClient

from databridge.engine.database import rows_in
from databridge.model.diagnostic import DatabridgeError


def rows_at(
    pipeline: dlt.Pipeline,
    table: str,
    columns: Sequence[str],
    cursor: str,
    value: object | None,
    kind: pa.DataType,
) -> pa.Table:
    """Those rows.

    Args:
        pipeline: in step with its destination.
        table: its name there.
        columns: which columns, by their names there.
        cursor: the cursor's column, by its name there.
        value: the cursor's; the greatest one when None.
        kind: the type of the cursor at the source.

    Raises:
        DatabridgeError: the table lies in a bucket in a format that is not read (DB519).
        pa.ArrowInvalid: the value is none of the column's type.
    """
    with pipeline.destination_client() as client:
        if isinstance(client, FilesystemClient) and not client.config.is_local_filesystem:
            return _in_files(client, table, columns, cursor, value)
        if isinstance(client, SqlalchemyJobClient):
            return rows_in(client, table, columns, cursor, value, kind)
    return _in_tables(pipeline, table, columns, cursor, value, kind)


def _in_tables(
    pipeline: dlt.Pipeline,
    table: str,
    columns: Sequence[str],
    cursor: str,
    value: object | None,
    kind: pa.DataType,
) -> pa.Table:
    with pipeline.sql_client() as client:
        name, quoted = client.make_qualified_table_name(table), client.escape_column_name
        by = quoted(cursor)
        listed = ", ".join(map(quoted, columns))
        literal, bound = (f"(SELECT max({by}) FROM {name})", ()) if value is None else literal_of(value, kind)  # noqa: S608
        query = f"SELECT {listed} FROM {name} WHERE {by} = {literal}"  # noqa: S608 - quoted names, a harmless value
        with client.execute_query(query, *bound) as found:
            return found.arrow()


def _in_files(
    client: FilesystemClient, table: str, columns: Sequence[str], cursor: str, value: object | None
) -> pa.Table:
    data = parquet_of(client, table)
    wanted = (
        pc.max(data.to_table(columns=[cursor])[cursor])
        if value is None
        else to_arrow_scalar(value, data.schema.field(cursor).type)
    )
    return data.to_table(columns=list(columns), filter=ds.field(cursor) == wanted)


def parquet_of(client: FilesystemClient, table: str) -> ds.Dataset:
    """All files of a table in a bucket.

    Raises:
        DatabridgeError: one of them is in a format that is not read (DB519).
    """
    files = client.list_table_files(table)
    others = [file for file in files if not file.endswith(".parquet")]
    if others:
        raise DatabridgeError.of(
            "DB519",
            f"can't tell which rows at the cursor are loaded: {others[0].rpartition('/')[2]} is no Parquet file",
            detail="Of files in a bucket only Parquet is read. Nothing was loaded.",
            hint="Load the table anew: databridge reset",
        )
    schemas = [pq.read_schema(file, filesystem=client.fs_client) for file in files]
    whole = pa.unify_schemas(schemas, promote_options="permissive")
    return ds.dataset(files, schema=whole, format="parquet", filesystem=client.fs_client)


def literal_of(value: object, kind: pa.DataType) -> tuple[str, tuple[str, ...]]:
    """A cursor value as SQL that the column's type reads, and what is bound in it.

    A time is a bare text: beside a column each dialect reads it as of the column's type, zone and all.
    """
    plain = to_arrow_scalar(value, kind).as_py()
    if isinstance(plain, str):
        return "%s", (plain,)
    return (f"'{plain}'" if isinstance(plain, date | time) else str(plain)), ()

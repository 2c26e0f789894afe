"""Rows of a database by URL are read through SQLAlchemy, which knows each dialect's types; the server sends them in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from dlt.destinations.impl.sqlalchemy.sqlalchemy_job_client import SqlalchemyJobClient

from databridge.engine.database import columns_in
from databridge.engine.tablerows import BATCH_ROWS, LOADS, other_type


class ServerTables:
    """Tables in a database by URL.

    Args:
        client: connected to it.
    """

    def __init__(self, client: SqlalchemyJobClient) -> None:
        self._client = client

    def columns(self, tables: Sequence[str]) -> dict[str, set[str]]:
        """The columns that tables have there."""
        found = columns_in(self._client.sql_client, self._client.sql_client.dataset_name)
        return {table: found.get(table, set()) for table in tables}

    def rows(self, table: str, kinds: pa.Schema) -> Iterator[pa.Table]:
        """The rows of a table.

        Raises:
            DatabridgeError: a column has another type, or a value that the type does not hold (DB543).
        """
        return self._read(table, kinds, "")

    def loads(self, kinds: pa.Schema, schema_name: str) -> Iterator[pa.Table]:
        """What is recorded of the loads of a schema; the record is shared by all pipelines of a dataset."""
        return self._read(LOADS, kinds, schema_name)

    def _read(self, table: str, kinds: pa.Schema, schema_name: str) -> Iterator[pa.Table]:
        client = self._client.sql_client
        known = self._client.prepare_load_table(table)
        listed: list[sa.ColumnElement[Any]] = []
        for name in kinds.names:
            hints = known["columns"][name]
            of: Any = self._client.type_mapper.to_destination_type(hints, known)  # declared a text
            column: sa.ColumnClause[Any] = sa.column(name, of)
            listed.append(sa.cast(column, sa.Text) if hints.get("data_type") == "json" else column)
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in kinds.names]
        query = sa.select(*listed).select_from(sa.table(table, *columns, schema=client.dataset_name))
        if schema_name:
            query = query.where(sa.column("schema_name") == schema_name)
        with client.begin_transaction():
            connection = client.native_connection.execution_options(
                stream_results=True, max_row_buffer=BATCH_ROWS
            )
            with connection.execute(query) as found:
                for part in found.partitions(BATCH_ROWS):
                    yield pa.table(
                        [
                            _array(list(values), field, table)
                            for values, field in zip(zip(*part, strict=True), kinds, strict=True)
                        ],
                        schema=kinds,
                    )


def _array(values: list[object], field: pa.Field, table: str) -> pa.Array:
    try:
        return pa.array(values, field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        raise other_type(table, field.name) from None

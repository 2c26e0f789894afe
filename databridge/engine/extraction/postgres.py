"""PostgreSQL writes a query's rows as CSV (`COPY … TO STDOUT`), and Arrow parses whole blocks of them while the next one arrives.

Source: PostgreSQL's manual, `COPY` and section 55.2.6: each message holds one whole row. Parameters are bound by the driver.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pyarrow as pa
import sqlalchemy as sa
from dlt.common.typing import TDataItem
from dlt.sources.sql_database import BaseTableLoader

from databridge.engine.extraction.binding import bound
from databridge.engine.extraction.csvblocks import tables
from databridge.engine.extraction.csvrows import CsvRows
from databridge.engine.extraction.postgrestypes import postgres_selected, postgres_type
from databridge.engine.extraction.sourcecolumn import wanted
from databridge.engine.extraction.trouble import told_as_source

_COPY = "COPY ({}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"


class CopyLoader(BaseTableLoader):
    """Reads the rows of dlt's query by `COPY`."""

    def load_rows(self, backend_kwargs: dict[str, Any] | None = None) -> Iterator[TDataItem]:  # noqa: ARG002 - dlt's
        """The rows, as Arrow tables.

        Raises:
            DatabridgeError: a value does not fit its column (DB520); the server refuses the query, or goes away (DB550).
        """
        query = self.make_query()
        if not isinstance(query, sa.Select):
            raise TypeError("a query of columns is read, never a text")
        selected, rows = self._columns(query)
        text, values = bound(
            query.with_only_columns(*selected, maintain_column_froms=True), self.engine.dialect
        )
        # SQLAlchemy writes `%%` for `%`; the driver takes it for that only where there are values.
        statement = text if values else text.replace("%%", "%")
        with told_as_source(self.engine), self.engine.begin() as connection:
            driver = connection.connection.driver_connection
            if not isinstance(driver, psycopg.Connection):
                raise TypeError("the reader needs psycopg")
            try:
                with driver.cursor() as cursor:
                    found = 0
                    with cursor.copy(_COPY.format(statement), values) as copied:
                        for table in tables(copied, rows):
                            found += len(table)
                            yield table
                    if found != cursor.rowcount:
                        raise ValueError(f"{rows.place}: {cursor.rowcount} rows were sent, and {found} read")
            except psycopg.OperationalError:
                connection.invalidate()  # nobody shall get it from the pool again
                raise

    def _columns(self, query: sa.Select[Any]) -> tuple[list[sa.ColumnElement[Any]], CsvRows]:
        selected: list[sa.ColumnElement[Any]] = []
        types: dict[str, pa.DataType] = {}
        by_hand, hexadecimal, json = set(), set(), set()
        for column in query.selected_columns:
            known, hints = postgres_type(column.type), self.columns.get(column.name, {"name": column.name})
            kind, declared = wanted(known, hints), hints.get("data_type") or known.type.data_type
            types[column.name] = kind
            selected.append(postgres_selected(column, known, declared).label(column.name))
            if known.type.name == "bytea" and declared == "binary":
                hexadecimal.add(column.name)
            elif kind != known.arrow and (pa.types.is_decimal(kind) or pa.types.is_floating(kind)):
                by_hand.add(column.name)
            elif known.type.name == "array" and declared == "json":
                json.add(column.name)
        return selected, CsvRows(
            self.table.name, types, frozenset(by_hand), frozenset(hexadecimal), frozenset(json)
        )

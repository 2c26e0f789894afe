"""MySQL makes a line of CSV of each row of a query, and Arrow parses whole blocks of them: the driver makes one value of each row.

A line that is longer than the server's `max_allowed_packet` is NULL there, which is an error here, for it would be a lost row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pymysql
import sqlalchemy as sa
from dlt.common.typing import TDataItem
from dlt.sources.sql_database import BaseTableLoader
from pymysql.cursors import SSCursor

from databridge.engine.extraction.binding import bound
from databridge.engine.extraction.csvblocks import tables
from databridge.engine.extraction.csvrows import CsvRows
from databridge.engine.extraction.mysqltypes import as_digits, mysql_field, mysql_type
from databridge.engine.extraction.sourcecolumn import wanted
from databridge.engine.extraction.trouble import told_as_source
from databridge.model.diagnostic import DatabridgeError

_COMMA: sa.ColumnElement[Any] = sa.literal_column("','")


class MySqlLoader(BaseTableLoader):
    """Reads the rows of dlt's query as lines."""

    def load_rows(self, backend_kwargs: dict[str, Any] | None = None) -> Iterator[TDataItem]:  # noqa: ARG002 - dlt's
        """The rows, as Arrow tables.

        Raises:
            DatabridgeError: a value does not fit its column, or a row is too long for the server (DB520); the server refuses
                the query, or goes away (DB550).
        """
        query = self.make_query()
        if not isinstance(query, sa.Select):
            raise TypeError("a query of columns is read, never a text")
        line, rows = self._line(query)
        statement, values = bound(
            query.with_only_columns(line, maintain_column_froms=True), self.engine.dialect
        )
        with told_as_source(self.engine), self.engine.begin() as connection:
            driver = connection.connection.driver_connection
            if not isinstance(driver, pymysql.Connection):
                raise TypeError("the reader needs pymysql")
            whole = False
            cursor = driver.cursor(SSCursor)
            try:
                cursor.execute(statement, values)
                yield from tables(_lines(cursor, rows.place), rows)
                whole = True
            finally:
                if not whole:
                    connection.invalidate()  # rows that nobody reads are still on their way
                    if cursor._result:  # noqa: SLF001 - at its end it would read them from the closed connection
                        cursor._result.unbuffered_active = False  # noqa: SLF001 - as above

    def _line(self, query: sa.Select[Any]) -> tuple[sa.ColumnElement[Any], CsvRows]:
        fields: list[sa.ColumnElement[Any]] = []
        types: dict[str, pa.DataType] = {}
        by_hand, hexadecimal = set(), set()
        for column in query.selected_columns:
            known, hints = mysql_type(column.type), self.columns.get(column.name, {"name": column.name})
            kind, declared = wanted(known, hints), hints.get("data_type") or known.type.data_type
            types[column.name] = kind
            fields += [*([_COMMA] if fields else []), mysql_field(column, known, declared)]
            if as_digits(known, declared):
                hexadecimal.add(column.name)
            elif kind != known.arrow and (pa.types.is_decimal(kind) or pa.types.is_floating(kind)):
                by_hand.add(column.name)
        # As bytes: the driver would make a text of each line, only to be encoded again.
        line = sa.cast(sa.func.concat(*fields), sa.BINARY())
        return line, CsvRows(self.table.name, types, frozenset(by_hand), frozenset(hexadecimal))


def _lines(cursor: SSCursor, table: str) -> Iterator[bytes]:
    for (line,) in cursor.fetchall_unbuffered():
        if line is None:
            raise DatabridgeError.of(
                "DB520",
                f"table `{table}`: a row is longer than the server's `max_allowed_packet`",
                detail="MySQL answers NULL in its place. Nothing was loaded.",
                hint="Raise `max_allowed_packet` at the server, or leave the long column out (`include_columns`).",
            )
        yield line + b"\n"

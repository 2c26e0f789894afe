"""SQL Server's rows are fetched in batches of bounded size, with all digits of their times, and checked into Arrow columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pyarrow as pa
import pyodbc
import sqlalchemy as sa
from dlt.common.typing import TDataItem
from dlt.sources.sql_database import BaseTableLoader

from databridge.engine.extraction.binding import bound_in_order
from databridge.engine.extraction.mssqlcolumns import Field, table_of
from databridge.engine.extraction.mssqltypes import mssql_type
from databridge.engine.extraction.odbcmoment import CONVERTERS
from databridge.engine.extraction.trouble import told_as_source

_FIRST_ROWS, _MOST_ROWS = 256, 50_000
_BATCH = 16 << 20
"""Bytes that a batch shall have in Arrow."""


class MsSqlLoader(BaseTableLoader):
    """Reads the rows of dlt's query through pyodbc."""

    def load_rows(self, backend_kwargs: dict[str, Any] | None = None) -> Iterator[TDataItem]:  # noqa: ARG002 - dlt's
        """The rows, as Arrow tables.

        Raises:
            DatabridgeError: a value does not fit its column (DB520); the server refuses the query, or goes away (DB550).
        """
        query = self.make_query()
        if not isinstance(query, sa.Select):
            raise TypeError("a query of columns is read, never a text")
        fields = [self._field(column) for column in query.selected_columns]
        statement, values = bound_in_order(query, self.engine.dialect)
        with told_as_source(self.engine), self.engine.begin() as connection:
            driver = connection.connection.driver_connection
            if not isinstance(driver, pyodbc.Connection):
                raise TypeError("the reader needs pyodbc")
            try:
                with _all_digits(driver), driver.execute(statement, values) as cursor:
                    yield from _tables(cursor, fields)
            except pyodbc.Error:
                connection.invalidate()  # nobody shall get it from the pool again
                raise

    def _field(self, column: sa.ColumnElement[Any]) -> Field:
        hints = self.columns.get(column.name, {"name": column.name})
        return Field.of(self.table.name, column.name, mssql_type(column.type), hints)


def _tables(cursor: pyodbc.Cursor, fields: Sequence[Field]) -> Iterator[pa.Table]:
    """Batches of as many rows as the last ones let expect to be of the right size, growing slowly: a long value may come."""
    count = _FIRST_ROWS
    while rows := cursor.fetchmany(count):
        table = table_of(fields, rows)
        yield table
        fitting = _BATCH * len(rows) // max(table.nbytes, 1)
        count = max(1, min(2 * count, fitting, _MOST_ROWS))


@contextmanager
def _all_digits(driver: pyodbc.Connection) -> Iterator[None]:
    """Have times come as counts, and leave the connection as it was: others look at the server's clock by it."""
    before = {kind: driver.get_output_converter(kind) for kind in CONVERTERS}
    for kind, converter in CONVERTERS.items():
        driver.add_output_converter(kind, converter)
    try:
        yield
    finally:
        with suppress(pyodbc.ProgrammingError):  # it is closed
            for kind, converter in before.items():
                driver.add_output_converter(kind, converter)

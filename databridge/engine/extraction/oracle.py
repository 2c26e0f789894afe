"""Oracle's driver fills Arrow batches of the types it is asked for; it is asked only for what it gives exactly or refuses.

Source: python-oracledb's manual, "Working with Data Frames"; what it changes without a word was tried with 26.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import oracledb
import pyarrow as pa
import sqlalchemy as sa
from dlt.common.typing import TDataItem
from dlt.sources.sql_database import BaseTableLoader

from databridge.engine.extraction.binding import bound
from databridge.engine.extraction.oraclecolumn import OracleColumn
from databridge.engine.extraction.oracletypes import has_fraction, oracle_asked, oracle_type, width
from databridge.engine.extraction.sourcecolumn import wanted
from databridge.engine.extraction.trouble import told_as_source
from databridge.engine.kindname import kind_name
from databridge.engine.misfit import Ground, misfit, shown
from databridge.model.diagnostic import DatabridgeError

_BATCH = 32 << 20
"""About how many bytes of rows are held at a time."""
_FEWEST = 50
_UNFIT = re.compile(r"DPY-40(?:36|42): (?P<value>\S+) cannot be converted to an Apache Arrow (?P<kind>.+)")
_SCALE = 5
"""Where a driver's description of a column has the digits behind its point."""


class OracleLoader(BaseTableLoader):
    """Reads the rows of dlt's query as Arrow batches."""

    def load_rows(self, backend_kwargs: dict[str, Any] | None = None) -> Iterator[TDataItem]:  # noqa: ARG002 - dlt's
        """The rows, as Arrow tables.

        Raises:
            DatabridgeError: a value does not fit its column (DB520); the server refuses the query, or goes away (DB550).
        """
        query = self.make_query()
        if not isinstance(query, sa.Select):
            raise TypeError("a query of columns is read, never a text")
        with told_as_source(self.engine), self.engine.begin() as connection:
            driver = connection.connection.driver_connection
            if not isinstance(driver, oracledb.Connection):
                raise TypeError("the reader needs oracledb")
            try:
                yield from self._tables(driver, query, self._columns(query, connection))
            except oracledb.Error:
                if not driver.is_healthy():
                    connection.invalidate()  # nobody shall get it from the pool again
                raise

    def _columns(self, query: sa.Select[Any], connection: sa.Connection) -> list[OracleColumn]:
        columns = list(query.selected_columns)
        digits = _fractions(columns, connection)
        made = []
        for column in columns:
            known, hints = oracle_type(column.type), self.columns.get(column.name, {"name": column.name})
            kind = wanted(known, hints)
            selected, asked = oracle_asked(column, known, kind, digits.get(column.name, 0))
            made.append(OracleColumn(self.table.name, column.name, known, selected, asked, kind))
        return made

    def _tables(
        self, driver: oracledb.Connection, query: sa.Select[Any], columns: Sequence[OracleColumn]
    ) -> Iterator[pa.Table]:
        selected = [column.selected.label(column.name) for column in columns]
        statement, values = bound(
            query.with_only_columns(*selected, maintain_column_froms=True), self.engine.dialect
        )
        with driver.cursor() as cursor:
            parameters = {name: _typed(value, cursor) for name, value in values.items()}
        row = sum(width(column.type) for column in query.selected_columns)
        try:
            for batch in driver.fetch_df_batches(
                statement,
                parameters or None,
                size=max(_FEWEST, min(self.chunk_size, _BATCH // row)),
                requested_schema=pa.schema([(column.name, column.asked) for column in columns]),
            ):
                rows = pa.table(batch)
                if len(rows):
                    yield pa.table([c.made(rows.column(n)) for n, c in enumerate(columns)], _schema(columns))
        except oracledb.DatabaseError as error:
            if unfit := _UNFIT.match(str(error)):
                raise self._misfit(columns, unfit) from None
            raise
        except ValueError as error:
            raise self._no_moment(columns, error) from None

    def _misfit(self, columns: Sequence[OracleColumn], unfit: re.Match[str]) -> DatabridgeError:
        numbers = [c for c in columns if pa.types.is_decimal(c.asked) or pa.types.is_integer(c.asked)]
        asked = re.sub(r"^decimal\((\d+), (-?\d+)\)", r"decimal128(\1, \2)", unfit["kind"].split("\n")[0])
        blamed = [c for c in numbers if str(c.asked) == asked] or numbers
        names = "` or `".join(column.name for column in blamed)
        kind = kind_name(blamed[0].kind)
        return misfit(self.table.name, names, unfit["value"], Ground.READ, kind)

    def _no_moment(self, columns: Sequence[OracleColumn], error: ValueError) -> Exception:
        """The driver makes a moment of Python's first, and that has the years 1 to 9999."""
        moments = [column.name for column in columns if pa.types.is_timestamp(column.asked)]
        if not moments or "out of range" not in str(error):
            return error
        return DatabridgeError.of(
            "DB520",
            f"{self.table.name}: column `{'` or `'.join(moments)}` has a moment that can't be read: {shown(str(error))}",
            detail="Nothing was loaded.",
            hint=f"Mend the data; or, before the first load, declare the type: columns: {{{moments[0]}: {{data_type: text}}}}",
        )


def _schema(columns: Sequence[OracleColumn]) -> list[str]:
    return [column.name for column in columns]


def _fractions(columns: Sequence[sa.ColumnElement[Any]], connection: sa.Connection) -> dict[str, int]:
    """How many digits the seconds of moments have, as the server describes them."""
    moments = [column for column in columns if has_fraction(oracle_type(column.type))]
    if not moments:
        return {}
    described = connection.execute(sa.select(*moments).where(sa.false())).cursor
    if described is None:
        raise TypeError("a query without columns")
    told = (
        (column.name, str(each[_SCALE])) for column, each in zip(moments, described.description, strict=True)
    )
    return {name: int(scale) for name, scale in told if scale.isdigit()}


def _typed(value: object, cursor: oracledb.Cursor) -> object:
    """A value as it is bound: by itself the driver binds a moment as a DATE, which has no fraction, and a double as a NUMBER."""
    match value:
        case datetime():
            # One of whole seconds stays a DATE, so that the index on a column of that type serves.
            kind = oracledb.DB_TYPE_TIMESTAMP if value.microsecond else oracledb.DB_TYPE_DATE
            value = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        case float():
            kind = oracledb.DB_TYPE_BINARY_DOUBLE
        case _:
            return value
    typed = cursor.var(kind)
    typed.setvalue(0, value)
    return typed

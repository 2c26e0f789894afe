"""SQLite keeps any value in any column; what a column's type can't hold is refused here, and never rounded.

Source: https://sqlite.org/datatype3.html. SQLAlchemy rounds decimals to the declared scale and takes every number for a
truth value, Python cuts a seventh digit of a second, and pyarrow reads 1.5 as 1 where it is told to expect whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import sqlalchemy as sa
from dlt.common.libs.pyarrow import PyToArrowConversionException
from dlt.common.typing import TDataItem
from dlt.sources.sql_database import TableLoader
from dlt.sources.sql_database.arrow_helpers import row_tuples_to_arrow
from dlt.sources.sql_database.helpers import SelectClause

from databridge.engine.culprit import culprit
from databridge.engine.misfit import Ground, misfit
from databridge.engine.sqlitetypes import EXACT, exact
from databridge.model.diagnostic import DatabridgeError

Rows = Sequence[sa.Row[tuple[object, ...]]]

_HELD: dict[str, set[type]] = {
    "bigint": {int, bool},
    "double": {float, int, Decimal},
    "decimal": {Decimal, int, float},
    "bool": {bool},
    "timestamp": {datetime, date},
    "date": {date},
    "time": {time},
}
"""What values may be that become one of these; pyarrow would take others for something else, or refuse them wordlessly."""
_FRACTION = "columns: {%s: {data_type: double}}"


def read_exactly(metadata: sa.MetaData) -> None:
    """Have the reflected columns read without rounding."""
    for table in metadata.tables.values():
        for column in table.columns:
            column.type = exact(column.type)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as dlt's loader asks for it."""

    _data: tuple[object, ...]


class _Result:
    """A result whose rows are looked at before they are converted; the last ones are kept for a second look."""

    def __init__(self, result: sa.CursorResult[tuple[object, ...]], look: _Look) -> None:
        self._result, self._look = result, look
        self.keys = result.keys
        self.rows: Rows = ()

    def partitions(self, size: int) -> Iterator[Rows | list[_Row]]:
        names = list(self.keys())
        for rows in self._result.partitions(size):
            self.rows = rows
            yield self._look(rows, names)


_Look = Callable[[Rows, Sequence[str]], Rows | list[_Row]]


class ExactTableLoader(TableLoader):
    """Reads rows as dlt does, and names the value that does not fit its column."""

    def make_query(self) -> SelectClause:
        """dlt's query; what is declared as text is read as SQLite holds it."""
        for column in self.table.columns:
            if self._kind(column.name) == "text" and isinstance(column.type, EXACT):
                column.type = sa.types.NullType()
        return super().make_query()

    def _convert_result(
        self, result: sa.CursorResult[tuple[object, ...]], backend_kwargs: dict[str, object]
    ) -> Iterator[TDataItem]:
        looked_at = _Result(result, self._look)
        try:
            yield from super()._convert_result(looked_at, backend_kwargs)
        except PyToArrowConversionException:
            for place, name in enumerate(result.keys()):
                self._find(name, [row[place] for row in looked_at.rows])
            raise

    def _look(self, rows: Rows, names: Sequence[str]) -> Rows | list[_Row]:
        """Refuse what pyarrow would take for something else, and make texts of the numbers in a column of text."""
        texts: list[int] = []
        for place, name in enumerate(names):
            kind = self._kind(name)
            held = _HELD.get(kind)
            if held is None and kind != "text":
                continue
            types = {type(row[place]) for row in rows}
            if kind == "text" and types & {int, float}:
                texts.append(place)
            elif held and (others := types - held - {type(None)}):
                raise self._misfit(name, next(row[place] for row in rows if type(row[place]) in others))
        if not texts:
            return rows
        return [_Row(tuple(_text(v) if n in texts else v for n, v in enumerate(row))) for row in rows]

    def _find(self, name: str, values: list[object]) -> None:
        """Refuse the first value that dlt can't convert, if there is one."""
        if not self._converts(name, values):
            raise self._misfit(name, culprit(values, lambda some: self._converts(name, some))[0])

    def _converts(self, name: str, values: Sequence[object]) -> bool:
        try:
            row_tuples_to_arrow([(value,) for value in values], columns={name: self.columns[name]}, tz="UTC")
        except PyToArrowConversionException:
            return False
        return True

    def _kind(self, name: str) -> str:
        return self.columns.get(name, {}).get("data_type") or ""

    def _misfit(self, name: str, value: object) -> DatabridgeError:
        column, kind = self.columns[name], self._kind(name)
        if kind == "bigint" and isinstance(value, float):
            advice = _FRACTION % name
            return misfit(self.table.name, name, value, Ground.DECLARED, "whole numbers", advice=advice)
        if kind == "decimal" and "precision" in column:
            kind = f"decimal({column['precision']}, {column.get('scale') or 0})"
        return misfit(self.table.name, name, value, Ground.DECLARED, kind)


def _text(value: object) -> object:
    return repr(value) if isinstance(value, int | float) else value


def not_later_than(moment: datetime) -> str:
    """A text that stands before every way in which SQLite may hold this moment or a later one.

    SQLite compares texts: `2024-01-28 12:00:00` is less than `2024-01-28 12:00:00.000000`, which SQLAlchemy would ask
    for. A day earlier, because a text may carry an offset; dlt leaves out the rows that this reads in vain.
    """
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return f"{utc - timedelta(days=1):%Y-%m-%d}"


def not_earlier_than(moment: datetime) -> str:
    """A text that stands behind every way in which SQLite may hold this moment or an earlier one."""
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return f"{utc + timedelta(days=2):%Y-%m-%d}"

"""SQLite keeps any value in any column; what a column's type can't hold is refused here, and never rounded.

Source: https://sqlite.org/datatype3.html. SQLAlchemy rounds decimals to the declared scale and takes every number for a
truth value, and pyarrow reads 1.5 as 1 where it is told to expect whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

import sqlalchemy as sa
from dlt.common.typing import TDataItem
from dlt.sources.sql_database import TableLoader

from databridge.model.diagnostic import DatabridgeError

Reader = Callable[[object], object]


class ExactNumeric(sa.Numeric[Decimal]):
    """Decimals as SQLite has them: the shortest text of a float, every digit of a text."""

    def result_processor(  # type: ignore[override]  # what it returns is checked by dlt, not by SQLAlchemy
        self,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature, as is the next
        coltype: object,  # noqa: ARG002
    ) -> Reader:
        return _decimal


class ExactBoolean(sa.Boolean):
    """0 is false and 1 is true; nothing else is either."""

    def result_processor(  # type: ignore[override]  # as above
        self,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature, as is the next
        coltype: object,  # noqa: ARG002
    ) -> Reader:
        return _boolean


def read_exactly(metadata: sa.MetaData) -> None:
    """Have the reflected columns read without rounding."""
    for table in metadata.tables.values():
        for column in table.columns:
            kind = column.type
            if isinstance(kind, sa.Boolean):
                column.type = ExactBoolean()
            elif isinstance(kind, sa.Numeric) and not isinstance(kind, sa.Float):
                column.type = ExactNumeric(kind.precision, kind.scale)


class ExactTableLoader(TableLoader):
    """Reads rows as dlt does, and refuses a fraction in a column of whole numbers."""

    def _convert_result(
        self, result: sa.CursorResult[tuple[object, ...]], backend_kwargs: dict[str, object]
    ) -> Iterator[TDataItem]:
        yield from super()._convert_result(
            _Whole(result, self._places(result), self.table.name), backend_kwargs
        )

    def _places(self, result: sa.CursorResult[tuple[object, ...]]) -> dict[int, str]:
        """The columns of whole numbers, by their place in a row."""
        return {
            place: name
            for place, name in enumerate(result.keys())
            if self.columns.get(name, {}).get("data_type") == "bigint"
        }


class _Whole:
    """A result whose whole numbers are whole."""

    def __init__(
        self, result: sa.CursorResult[tuple[object, ...]], places: dict[int, str], table: str
    ) -> None:
        self._result, self._places, self._table = result, places, table
        self.keys = result.keys

    def partitions(self, size: int) -> Iterator[Sequence[sa.Row[tuple[object, ...]]]]:
        for rows in self._result.partitions(size):
            for place, name in self._places.items():
                if any(isinstance(row[place], float) for row in rows):
                    raise self._fraction(
                        name, next(row[place] for row in rows if isinstance(row[place], float))
                    )
            yield rows

    def _fraction(self, column: str, value: object) -> DatabridgeError:
        return DatabridgeError.of(
            "DB520",
            f"{self._table}: column `{column}` is declared to hold whole numbers, and holds {value}",
            detail="Nothing was loaded.",
            hint=f"Mend the data; or, before the first load, declare the type: columns: {{{column}: {{data_type: double}}}}",
        )


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


def _decimal(value: object) -> object:
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no decimal number") from None


def _boolean(value: object) -> object:
    if value is None or value in (0, 1):
        return None if value is None else bool(value)
    raise ValueError(f"{value!r} is no truth value")

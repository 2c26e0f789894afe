"""The columns, types, keys and row counts of the five tables stand here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

ColumnType = Literal["INTEGER", "REAL", "TEXT", "TIMESTAMP"]
Cell = int | float | str | datetime | None

NULL = "NA"


@dataclass(frozen=True)
class Table:
    """A table as the sdist holds it. `columns` are in file order; `rows` counts the complete table."""

    name: str
    rows: int
    key: tuple[str, ...]
    columns: Mapping[str, ColumnType]

    def parse(self, texts: Sequence[str]) -> tuple[Cell, ...]:
        """One CSV record as typed cells, `NA` as None. Raises ValueError if a text does not have its type."""
        return tuple(
            parse_cell(text, type_) for text, type_ in zip(texts, self.columns.values(), strict=True)
        )


# Cells repeat heavily (a few thousand distinct ones per column), so remembering them saves most of the work.
@lru_cache(maxsize=1 << 16)
def parse_cell(text: str, type_: ColumnType) -> Cell:
    """The value of a text of that type; timestamps without a zone are UTC."""
    if text == NULL:
        return None
    match type_:
        case "INTEGER":
            return int(text)
        case "REAL":
            return float(text)
        case "TEXT":
            return text
        case "TIMESTAMP":
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


AIRLINES = Table("airlines", 16, ("carrier",), {"carrier": "TEXT", "name": "TEXT"})

AIRPORTS = Table(
    "airports",
    1_458,
    ("faa",),
    {
        "faa": "TEXT",
        "name": "TEXT",
        "lat": "REAL",
        "lon": "REAL",
        "alt": "INTEGER",
        "tz": "INTEGER",
        "dst": "TEXT",
        "tzone": "TEXT",
    },
)

PLANES = Table(
    "planes",
    3_322,
    ("tailnum",),
    {
        "tailnum": "TEXT",
        "year": "INTEGER",
        "type": "TEXT",
        "manufacturer": "TEXT",
        "model": "TEXT",
        "engines": "INTEGER",
        "seats": "INTEGER",
        "speed": "INTEGER",
        "engine": "TEXT",
    },
)

# The local year, month, day and hour are no key: the hour of 3 November that the end of summer time repeats
# is there twice for each airport. In UTC it is unique.
WEATHER = Table(
    "weather",
    26_115,
    ("origin", "time_hour"),
    {
        "origin": "TEXT",
        "year": "INTEGER",
        "month": "INTEGER",
        "day": "INTEGER",
        "hour": "INTEGER",
        "temp": "REAL",
        "dewp": "REAL",
        "humid": "REAL",
        "wind_dir": "INTEGER",
        "wind_speed": "REAL",
        "wind_gust": "REAL",
        "precip": "REAL",
        "pressure": "REAL",
        "visib": "REAL",
        "time_hour": "TIMESTAMP",
    },
)

FLIGHTS = Table(
    "flights",
    336_776,
    ("time_hour", "carrier", "flight", "origin"),
    {
        "year": "INTEGER",
        "month": "INTEGER",
        "day": "INTEGER",
        "dep_time": "INTEGER",
        "sched_dep_time": "INTEGER",
        "dep_delay": "INTEGER",
        "arr_time": "INTEGER",
        "sched_arr_time": "INTEGER",
        "arr_delay": "INTEGER",
        "carrier": "TEXT",
        "flight": "INTEGER",
        "tailnum": "TEXT",
        "origin": "TEXT",
        "dest": "TEXT",
        "air_time": "INTEGER",
        "distance": "INTEGER",
        "hour": "INTEGER",
        "minute": "INTEGER",
        "time_hour": "TIMESTAMP",
    },
)

OPERATIONAL = (AIRLINES, AIRPORTS, PLANES, WEATHER)
TABLES = (*OPERATIONAL, FLIGHTS)

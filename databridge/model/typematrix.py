"""What becomes of a value from a source's type to a destination's is one cell here: engine, plan and documentation read no other.

Sources: the type mappers of dlt 1.31 and those that `engine.sqltypes` gives it; the manuals of the destinations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from databridge.model.mssqltypes import MSSQL_TYPES
from databridge.model.mysqltypes import MYSQL_TYPES
from databridge.model.oracletypes import ORACLE_TYPES
from databridge.model.postgrestypes import POSTGRES_TYPES
from databridge.model.sourcetype import DataType, Fidelity, SourceType

_EXACT, _WIDENING, _IMPOSSIBLE = Fidelity.EXACT, Fidelity.WIDENING, Fidelity.IMPOSSIBLE


@dataclass(frozen=True, slots=True)
class Stored:
    """A destination's type for one of dlt's, or for what a column is read as instead."""

    name: str
    """In the destination's words; `p` and `s` stand for precision and scale."""
    fidelity: Fidelity


def _types(
    text: str, double: str, binary: str, *, zoned: str, naive: str, json: str, time: str | None, decimal: str
) -> Mapping[str, Stored]:
    plain = {
        "text": text,
        "bigint": "BIGINT",
        "double": double,
        "decimal": decimal,
        "bool": "BOOLEAN",
        "timestamp": naive,
        "timestamp with time zone": zoned,
        "date": "DATE",
        "binary": binary,
    }
    told = {name: Stored(kind, _EXACT) for name, kind in plain.items()}
    as_text = _WIDENING if json == text else _EXACT
    return told | {
        "json": Stored(json, as_text),
        "time": Stored(time, _EXACT) if time else Stored("", _IMPOSSIBLE),
    }


DESTINATIONS: Mapping[str, Mapping[str, Stored]] = {
    "duckdb": _types(
        "VARCHAR",
        "DOUBLE",
        "BLOB",
        zoned="TIMESTAMPTZ",
        naive="TIMESTAMP",
        json="JSON",
        time="TIME",
        decimal="DECIMAL(p,s)",
    ),
    "databricks": _types(
        "STRING",
        "DOUBLE",
        "BINARY",
        zoned="TIMESTAMP",
        naive="TIMESTAMP_NTZ",
        json="STRING",
        time=None,
        decimal="DECIMAL(p,s)",
    ),
    "filesystem": _types(
        "STRING",
        "DOUBLE",
        "BYTE_ARRAY",
        zoned="TIMESTAMP(MICROS, UTC)",
        naive="TIMESTAMP(MICROS)",
        json="STRING",
        time="TIME(MICROS)",
        decimal="DECIMAL(p,s)",
    ),
    "postgresql": _types(
        "TEXT",
        "DOUBLE PRECISION",
        "BYTEA",
        zoned="TIMESTAMPTZ",
        naive="TIMESTAMP",
        json="JSON",
        time="TIME",
        decimal="NUMERIC(p,s)",
    ),
}
"""By destination, `filesystem` being Parquet: its type for each of dlt's."""

SOURCES: Mapping[str, tuple[SourceType, ...]] = {
    "postgresql": POSTGRES_TYPES,
    "mysql": MYSQL_TYPES,
    "mssql": MSSQL_TYPES,
    "oracle": ORACLE_TYPES,
}
"""The types of each source, by SQLAlchemy's name of it."""


def lacks(destination: str, data_type: DataType) -> bool:
    """Whether a destination has no type for one of dlt's: such a column is read as text.

    Args:
        destination: `duckdb`, `databricks`, …; of one that is not listed nothing is known.
        data_type: dlt's.
    """
    known = DESTINATIONS.get(destination)
    return known is not None and known[data_type].fidelity is _IMPOSSIBLE


def cell(source: SourceType, destination: str) -> Stored:
    """What a column becomes at a destination, and how true its values stay on all of the way.

    Args:
        source: a row of the matrix.
        destination: a column of it.
    """
    if lacks(destination, source.data_type):
        return Stored(DESTINATIONS[destination]["text"].name, source.fidelity.and_then(_WIDENING))
    zoned = source.arrow.endswith("UTC]")
    stored = DESTINATIONS[destination]["timestamp with time zone" if zoned else source.data_type]
    name = (
        stored.name.replace("(p,s)", _digits(source.arrow)) if source.data_type == "decimal" else stored.name
    )
    return Stored(name, source.fidelity.and_then(stored.fidelity))


def _digits(arrow: str) -> str:
    return arrow.removeprefix("decimal128").replace(" ", "")

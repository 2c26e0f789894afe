"""The type that dlt gives a column at a destination; where that is not sure, none is told.

Sources: `DuckDbTypeMapper` and `DatabricksTypeMapper` of dlt 1.31 (`dlt/destinations/impl/*/factory.py`); for databases by
URL the types that `engine.sqltypes` has dlt give.
"""

from __future__ import annotations

from collections.abc import Mapping

from databridge.locations.decode import JsonObject

_PRECISION, _SCALE = 38, 9
_MICROSECONDS, _BITS = 6, 64
_DUCKDB: Mapping[str, str] = {
    "json": "JSON",
    "text": "VARCHAR",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "binary": "BLOB",
    "time": "TIME",
}
_DUCKDB_INTEGERS = ((8, "TINYINT"), (16, "SMALLINT"), (32, "INTEGER"), (64, "BIGINT"), (128, "HUGEINT"))
_DUCKDB_TIMESTAMPS = ((0, "TIMESTAMP_S"), (3, "TIMESTAMP_MS"), (6, "TIMESTAMP"), (9, "TIMESTAMP_NS"))
_DATABRICKS: Mapping[str, str] = {
    "json": "STRING",
    "text": "STRING",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "binary": "BINARY",
    "time": "STRING",
}
_DATABRICKS_INTEGERS = ((8, "TINYINT"), (16, "SMALLINT"), (32, "INT"), (64, "BIGINT"))
_POSTGRESQL: Mapping[str, str] = {
    "json": "JSON",
    "text": "TEXT",
    "double": "DOUBLE PRECISION",
    "bool": "BOOLEAN",
    "date": "DATE",
    "binary": "BYTEA",
    "time": "TIME WITHOUT TIME ZONE",
}
_SQLITE: Mapping[str, str] = {
    "json": "TEXT",
    "text": "TEXT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "binary": "BLOB",
    "time": "TIME",
    "timestamp": "DATETIME",
    "decimal": "TEXT",
    "wei": "TEXT",
}
_SQL_INTEGERS = ((16, "SMALLINT"), (32, "INTEGER"), (64, "BIGINT"))


def words(hints: JsonObject) -> str:
    """The type in dlt's words, with what narrows it: `decimal(10,2)`, `timestamp(9)`."""
    numbers = [str(hints[key]) for key in ("precision", "scale") if hints.get(key) is not None]
    return str(hints["data_type"]) + (f"({','.join(numbers)})" if numbers else "")


def rare_type(hints: JsonObject) -> str | None:
    """The type in words, where not every destination holds its values; else None.

    Those are times of day, moments and times finer than microseconds, whole numbers of more than 64 bits, and JSON that
    files hold as nested columns.
    """
    precision = hints.get("precision")
    match hints.get("data_type"):
        case "time":
            return words(hints)
        case "timestamp" if isinstance(precision, int) and precision > _MICROSECONDS:
            return words(hints) + ("" if hints.get("timezone", True) else " without a zone")
        case "bigint" if isinstance(precision, int) and precision > _BITS:
            return words(hints)
        case "json" if hints.get("x-nested-type"):
            return "json in nested columns"
        case _:
            return None


def stored_as(dialect: str, hints: JsonObject) -> str | None:
    """The type at the destination; None where it can't be told, or where columns have none.

    Args:
        dialect: whose words the type is in.
        hints: the column in dlt's schema.
    """
    match dialect:
        case "duckdb":
            return _duckdb(hints)
        case "databricks":
            return _databricks(hints)
        case "postgresql":
            return _postgresql(hints)
        case "sqlite":
            return _sqlite(hints)
        case _:
            return None


def _duckdb(hints: JsonObject) -> str | None:
    match hints["data_type"]:
        case "bigint":
            return _fitting(hints.get("precision"), _DUCKDB_INTEGERS, otherwise="BIGINT")
        case "timestamp" if hints.get("timezone", True):
            return "TIMESTAMP WITH TIME ZONE"
        case "timestamp":
            return _fitting(hints.get("precision", _MICROSECONDS), _DUCKDB_TIMESTAMPS, otherwise="TIMESTAMP")
        case "decimal" | "wei":
            return _decimal(hints)
        case data_type:
            return _DUCKDB.get(str(data_type))


def _databricks(hints: JsonObject) -> str | None:
    match hints["data_type"]:
        case "bigint":
            return _fitting(hints.get("precision"), _DATABRICKS_INTEGERS, otherwise="BIGINT")
        case "timestamp":
            return "TIMESTAMP" if hints.get("timezone", True) else "TIMESTAMP_NTZ"
        case "decimal" | "wei":
            return _decimal(hints)
        case data_type:
            return _DATABRICKS.get(str(data_type))


def _postgresql(hints: JsonObject) -> str | None:
    match hints["data_type"]:
        case "bigint":
            return _fitting(hints.get("precision"), _SQL_INTEGERS, otherwise="BIGINT")
        case "timestamp":
            zone = "WITH" if hints.get("timezone", True) else "WITHOUT"
            return f"TIMESTAMP {zone} TIME ZONE"
        case "decimal":
            return _decimal(hints).replace("DECIMAL", "NUMERIC")
        case "wei":
            return f"NUMERIC({_PRECISION},0)"
        case data_type:
            return _POSTGRESQL.get(str(data_type))


def _sqlite(hints: JsonObject) -> str | None:
    if hints["data_type"] == "bigint":
        return _fitting(hints.get("precision"), _SQL_INTEGERS, otherwise="BIGINT")
    return _SQLITE.get(str(hints["data_type"]))


def _decimal(hints: JsonObject) -> str:
    precision, scale = hints.get("precision"), hints.get("scale")
    standard = 0 if hints["data_type"] == "wei" else _SCALE
    return f"DECIMAL({_PRECISION if precision is None else precision},{standard if scale is None else scale})"


def _fitting(precision: object, types: tuple[tuple[int, str], ...], *, otherwise: str) -> str | None:
    """The first type that is wide enough; None where none is."""
    if precision is None:
        return otherwise
    return next((name for width, name in types if isinstance(precision, int) and precision <= width), None)

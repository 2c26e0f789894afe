"""What DuckDB refuses is told in the error classes of Databricks, so that clients branch as they would there."""

from __future__ import annotations

import re

import duckdb
from sqlglot.errors import SqlglotError

from databridge.sandbox.failure import SqlError, parse_error
from databridge.sandbox.storage.names import CATALOG_PREFIX, SCHEMA_PREFIX

# By what DuckDB's message says; the first that fits counts.
_BY_MESSAGE = (
    (r"(Table|View) with name .* does not exist", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    (r"[Ss]chema with name .* does not exist", "SCHEMA_NOT_FOUND", "42704"),
    (r"[Ss]chema with name .* already exists", "SCHEMA_ALREADY_EXISTS", "42P06"),
    (r"Cannot drop entry .* because there are entries that depend on it", "SCHEMA_NOT_EMPTY", "2BP01"),
    (r"Column with name .* already exists", "FIELDS_ALREADY_EXISTS", "42710"),
    (r"already exists", "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07"),
    (
        r"Scalar Function with name .* does not exist|Function .* does not exist",
        "UNRESOLVED_ROUTINE",
        "42883",
    ),
    (
        r"Referenced column|does not have a column|Column .* does not exist",
        "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION",
        "42703",
    ),
    (r"NOT NULL constraint", "DELTA_NOT_NULL_CONSTRAINT_VIOLATED", "23502"),
    (r"Ambiguous reference", "AMBIGUOUS_REFERENCE", "42704"),
    (r"must appear in the GROUP BY", "MISSING_AGGREGATION", "42803"),
    (r"table .* has .* columns but .* values were supplied", "INSERT_COLUMN_ARITY_MISMATCH", "21S01"),
)
_BY_TYPE: tuple[tuple[type[duckdb.Error], str, str], ...] = (
    (duckdb.ParserException, "PARSE_SYNTAX_ERROR", "42601"),
    (duckdb.ConversionException, "CAST_INVALID_INPUT", "22018"),
    (duckdb.OutOfRangeException, "ARITHMETIC_OVERFLOW", "22003"),
    (duckdb.InterruptException, "OPERATION_CANCELED", "HY008"),
    (duckdb.BinderException, "DATATYPE_MISMATCH", "42K09"),
)


def translated(failure: duckdb.Error | SqlglotError, sql: str) -> SqlError:
    """The same failure as a warehouse would tell it; `INTERNAL_ERROR` where this knows no better."""
    if isinstance(failure, SqlglotError):
        return parse_error(_stopped_at(failure), sql)
    message = _unprefixed(str(failure))
    for pattern, error_class, sqlstate in _BY_MESSAGE:
        if re.search(pattern, message):
            return SqlError(error_class, message, sqlstate)
    for kind, error_class, sqlstate in _BY_TYPE:
        if isinstance(failure, kind):
            return SqlError(error_class, message, sqlstate)
    return SqlError("INTERNAL_ERROR", message, "XX000")


def _unprefixed(message: str) -> str:
    """Names as clients wrote them, and no picture of a statement that they did not write."""
    message = message.partition("\n\nLINE ")[0]
    return re.sub(rf"\b({CATALOG_PREFIX}|{SCHEMA_PREFIX})(?=\w+[\".])", "", message)


def _stopped_at(failure: SqlglotError) -> str:
    errors = getattr(failure, "errors", None) or [{}]
    return str(errors[0].get("highlight") or "")

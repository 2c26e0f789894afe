"""A statement that fails says so as Databricks does: an error class in brackets, a sentence, a SQLSTATE.

Source: https://docs.databricks.com/en/error-messages/error-classes.html
"""

from __future__ import annotations

from databridge.sandbox.redaction import redacted

_SHOWN = 200  # characters of a statement


class SqlError(Exception):
    """A statement was refused."""

    def __init__(self, error_class: str, message: str, sqlstate: str = "42000") -> None:
        super().__init__(f"[{error_class}] {message} SQLSTATE: {sqlstate}")
        self.error_class = error_class
        self.sqlstate = sqlstate


def parse_error(near: str, sql: str) -> SqlError:
    """What can't be read; it names the word where reading stopped."""
    hidden = redacted(sql)
    shown = hidden if len(hidden) <= _SHOWN else f"{hidden[:_SHOWN]}…"
    return SqlError(
        "PARSE_SYNTAX_ERROR", f"Syntax error at or near '{near or 'end of input'}': {shown}", "42601"
    )


def unsupported(what: str) -> SqlError:
    """What a warehouse can do and this one can't."""
    return SqlError("SANDBOX_UNSUPPORTED", f"The sandbox does not support {what}.", "0A000")


def catalog_not_found(catalog: str) -> SqlError:
    return SqlError("NO_SUCH_CATALOG_EXCEPTION", f"Catalog '{catalog}' was not found.", "42704")


def schema_not_found(schema: object) -> SqlError:
    hint = "Verify the spelling and correctness of the schema and catalog."
    return SqlError("SCHEMA_NOT_FOUND", f"The schema {schema} cannot be found. {hint}", "42704")


def table_not_found(table: object) -> SqlError:
    hint = "Verify the spelling and correctness of the schema and catalog."
    return SqlError("TABLE_OR_VIEW_NOT_FOUND", f"The table or view {table} cannot be found. {hint}", "42P01")


def table_exists(table: object) -> SqlError:
    return SqlError(
        "TABLE_OR_VIEW_ALREADY_EXISTS",
        f"Cannot create table or view {table} because it already exists.",
        "42P07",
    )


def column_not_found(column: str) -> SqlError:
    return SqlError(
        "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", f"A column with name `{column}` cannot be resolved.", "42703"
    )


def concurrent_change(table: object) -> SqlError:
    return SqlError(
        "DELTA_CONCURRENT_APPEND",
        f"ConcurrentAppendException: another statement changed {table} since this one began to read it. "
        "Please try the operation again.",
        "2D521",
    )

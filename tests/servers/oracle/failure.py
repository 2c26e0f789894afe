"""What is refused is refused with Oracle's number and words."""

from __future__ import annotations

import re

import duckdb
from sqlglot.errors import SqlglotError


class OracleError(Exception):
    def __init__(self, number: int, text: str, position: int = 0) -> None:
        self.number = number
        self.position = position
        super().__init__(f"ORA-{number:05}: {text}")


def wrong_password() -> OracleError:
    return OracleError(1017, "invalid username/password; logon denied")


def no_table() -> OracleError:
    """Also for a table that is there, but not for this user."""
    return OracleError(942, "table or view does not exist")


def no_column(*parts: str) -> OracleError:
    return OracleError(904, f"{_quoted(*parts)}: invalid identifier")


def ambiguous() -> OracleError:
    return OracleError(918, "column ambiguously defined")


def lob_compared(got: str) -> OracleError:
    return OracleError(932, f"inconsistent datatypes: expected - got {got}")


def no_privileges() -> OracleError:
    return OracleError(1031, "insufficient privileges")


def name_in_use() -> OracleError:
    return OracleError(955, "name is already used by an existing object")


def not_understood(text: str) -> OracleError:
    """Of this server, not of Oracle: the statement may be a good one."""
    return OracleError(3001, f"unimplemented feature: the test server does not know {text}")


def translated(error: Exception) -> OracleError:
    """What DuckDB or the parser refused, as Oracle would have said it where that is known."""
    text = str(error)
    if isinstance(error, OracleError):
        return error
    if isinstance(error, SqlglotError):
        return OracleError(900, f"invalid SQL statement ({text.splitlines()[0]})")
    if isinstance(error, duckdb.ConstraintException):
        if "NOT NULL constraint failed" in text:
            name = text.rsplit("failed: ", 1)[-1].replace(".", '"."')
            return OracleError(1400, f'cannot insert NULL into ("{name}")')
        return OracleError(1, "unique constraint violated")
    if isinstance(error, duckdb.ConversionException):
        if re.search(r"decimal|out of range|does not fit|outside", text, re.IGNORECASE):
            return OracleError(1438, "value larger than specified precision allowed for this column")
        return OracleError(1722, "invalid number")
    if isinstance(error, duckdb.TransactionException):
        return OracleError(8177, "can't serialize access for this transaction")
    if isinstance(error, duckdb.Error):
        return OracleError(900, f"invalid SQL statement ({text.splitlines()[0][:400]})")
    return OracleError(600, f"internal error code, arguments: [{type(error).__name__}], [{text[:400]}]")


def _quoted(*parts: str) -> str:
    return ".".join(f'"{part}"' for part in parts if part)

"""What the real engine refuses is refused here with its number, class and words; a client decides by the number."""

from __future__ import annotations

import re


class SqlError(Exception):
    """An error as the protocol carries it.

    Args:
        number: the engine's, in sys.messages.
        message: its text.
        severity: 11 to 16 are the statement's own; from 20 on the connection ends.
    """

    def __init__(self, number: int, message: str, severity: int = 16, state: int = 1) -> None:
        super().__init__(f"[{number}] {message}")
        self.number = number
        self.message = message
        self.severity = severity
        self.state = state


NOT_EMULATED = 50000
"""The first number that is free for users: no client takes it for one of the engine's own."""


def not_emulated(what: str) -> SqlError:
    return SqlError(NOT_EMULATED, f"The emulation does not know: {what}")


def syntax(detail: str) -> SqlError:
    return SqlError(102, f"Incorrect syntax near '{detail}'.", severity=15)


def no_object(name: str) -> SqlError:
    return SqlError(208, f"Invalid object name '{name}'.")


def no_column(name: str) -> SqlError:
    return SqlError(207, f"Invalid column name '{name}'.")


def ambiguous_column(name: str) -> SqlError:
    return SqlError(209, f"Ambiguous column name '{name}'.")


def bad_date() -> SqlError:
    return SqlError(241, "Conversion failed when converting date and/or time from character string.")


def date_out_of_range(kind: str) -> SqlError:
    return SqlError(
        242, f"The conversion of a value to a {kind} data type resulted in an out-of-range value."
    )


def overflow(kind: str) -> SqlError:
    return SqlError(8115, f"Arithmetic overflow error converting expression to data type {kind}.")


def truncated() -> SqlError:
    return SqlError(2628, "String or binary data would be truncated in a column of the table.")


def login_failed(user: str) -> SqlError:
    return SqlError(18456, f"Login failed for user '{user}'.", severity=14)


_OURS = re.compile(r"\[(\d{3,5})\] ([^\n]*)")
_DUCKDB = (
    ("Duplicate key", 2627, "Violation of PRIMARY KEY constraint. Cannot insert duplicate key."),
    ("duplicate key", 2627, "Violation of PRIMARY KEY constraint. Cannot insert duplicate key."),
    ("NOT NULL constraint", 515, "Cannot insert the value NULL into a column that does not allow nulls."),
    ("CHECK constraint", 547, "The statement conflicted with a CHECK constraint."),
    ("Could not convert string", 245, "Conversion failed when converting the value to a number."),
    ("out of range", 8115, "Arithmetic overflow error converting expression to a smaller data type."),
    ("Could not cast", 8115, "Arithmetic overflow error converting expression to a smaller data type."),
    ("Overflow", 8115, "Arithmetic overflow error converting expression to a smaller data type."),
    ("Current transaction is aborted", 3930, "The current transaction cannot be committed."),
    ("Conflict", 1205, "Transaction was deadlocked with another process and has been chosen as the victim."),
)


def from_duckdb(message: str) -> SqlError:
    """The engine's error for one of DuckDB's; those of functions of ours bring their number along."""
    ours = _OURS.search(message)
    if ours and ("Python exception" in message or message.startswith("Invalid Input Error: [")):
        return SqlError(int(ours[1]), ours[2])
    for words, number, text in _DUCKDB:
        if words in message:
            return SqlError(number, text)
    return not_emulated(message.strip().splitlines()[0])

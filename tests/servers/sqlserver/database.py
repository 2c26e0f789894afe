"""A database is a DuckDB in memory, in which values are kept so that none is rounded, and conversions are the engine's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb

from tests.servers.sqlserver.casting import PASSED
from tests.servers.sqlserver.conversion import Value, convert, units, within
from tests.servers.sqlserver.sqltype import SqlType

_SCRIPT = Path(__file__).with_name("catalogue.sql").read_text()


class Database:
    """One of a server's.

    Args:
        name: as clients name it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._duckdb = duckdb.connect(":memory:", config={"threads": 1})
        self._duckdb.execute(_SCRIPT)
        self._conversions: list[tuple[SqlType, SqlType, bool]] = []
        self._lock = threading.Lock()
        for source in PASSED:
            for target in PASSED:
                name_of_function = f"convert_{source}_{target}".lower()
                self._function(name_of_function, self._convert, [source, "INTEGER"], target)
        for name_of_type in ("money", "smallmoney"):
            kind = SqlType(name_of_type)
            self._function(f"within_{kind}", _within(kind), [kind.storage], kind.storage)
        self._function("data_length", _data_length, ["VARCHAR", "BOOLEAN"], "INTEGER")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """For one session, in one thread at a time."""
        cursor = self._duckdb.cursor()
        cursor.execute("SET search_path = 'dbo,main'")
        cursor.execute("SET TimeZone = 'UTC'")
        return cursor

    def conversion(self, source: SqlType, target: SqlType, assigned: bool) -> int:  # as Casting calls it
        """The number of a conversion, which the functions of DuckDB take beside the value."""
        key = (source, target, assigned)
        with self._lock:
            if key not in self._conversions:
                self._conversions.append(key)
            return self._conversions.index(key)

    def _convert(self, value: Value, number: int) -> Value:
        source, target, assigned = self._conversions[number]
        made = convert(value, source, target, assigned=assigned)
        return str(made) if isinstance(made, Decimal) else made

    def close(self) -> None:
        self._duckdb.close()

    def _function(self, name: str, does: Callable[..., Value], takes: list[str], gives: str) -> None:
        self._duckdb.create_function(name, does, takes, gives)  # type: ignore[arg-type]  # types by their names


def _within(kind: SqlType) -> Callable[[Decimal], Value]:
    return lambda value: within(value, kind)


def _data_length(text: str, wide: bool) -> int:  # DuckDB calls it
    return 2 * units(text) if wide else units(text)

"""A session is one client's place in the warehouse: its catalog, schema, time zone and temporary views.

One statement of a session runs at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from databridge.sandbox.failure import concurrent_change, parse_error
from databridge.sandbox.storage.names import SchemaName, TableName, literal
from databridge.sandbox.storage.objects import ObjectStores
from databridge.sandbox.storage.warehouse import Warehouse

FileUrl = Callable[[str, str], str]
"""From a method of HTTP and the place of a volume's file to a URL that lets its bearer do that."""

_TIME_ZONE = "spark.sql.session.timeZone"


@dataclass(slots=True)
class Rewriting:
    """A statement that replaces rows, while it runs."""

    cursor: duckdb.DuckDBPyConnection
    rows: int = 0
    """How many it replaced; without any it is in nobody's way."""


class Session:
    """What the statements of one client share."""

    def __init__(
        self,
        warehouse: Warehouse,
        objects: ObjectStores,
        *,
        file_url: FileUrl,
        catalog: str,
        schema: str = "default",
        configuration: Mapping[str, str] | None = None,
    ) -> None:
        self.warehouse = warehouse
        self.objects = objects
        self.file_url = file_url
        self.catalog = catalog.lower()
        self.schema = schema.lower()
        self.settings = dict(configuration or {})
        self.temporary_views: set[str] = set()
        self.one_at_a_time = threading.Lock()
        self.cursor = warehouse.cursor()
        self.set_time_zone(self.settings.get(_TIME_ZONE, "UTC"))

    def set(self, name: str, value: str) -> None:
        """Set a parameter; of these only the time zone does anything."""
        self.settings[name] = value
        if name.lower() in {_TIME_ZONE.lower(), "timezone"}:
            self.set_time_zone(value)

    def set_time_zone(self, zone: str) -> None:
        self.cursor.execute(f"SET TimeZone = {literal(zone)}")

    def interrupt(self) -> None:
        """Stop the statement that runs, if one does."""
        self.cursor.interrupt()

    def close(self) -> None:
        with self.one_at_a_time:
            self.cursor.close()

    def table(self, parts: tuple[str, ...]) -> TableName:
        """What a name means here.

        Raises:
            SqlError: there is no such catalog, or the name has too many parts.
        """
        if len(parts) > 3:
            raise parse_error(".", ".".join(parts))
        full = (self.catalog, self.schema)[: 3 - len(parts)] + parts
        self.warehouse.require_catalog(full[0])
        return TableName(*(part.lower() for part in full))

    def schema_named(self, parts: tuple[str, ...]) -> SchemaName:
        """What the name of a schema means here; no name means the current one."""
        return self.table((*(parts or (self.schema,)), "_")).within

    @contextmanager
    def changing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Everything done within is kept together or not at all; nobody else changes anything meanwhile."""
        with self.warehouse.writing:
            self.cursor.begin()
            try:
                yield self.cursor
                self.cursor.commit()
            except BaseException:
                self._roll_back()
                raise

    @contextmanager
    def rewriting(self, *tables: TableName) -> Iterator[Rewriting]:
        """As `changing`, for a statement that reads rows and replaces them.

        Raises:
            SqlError: since this was entered somebody else has replaced rows of one of the tables, and committed first.
        """
        seen = [self.warehouse.rewritten(table) for table in tables]
        with self.changing() as cursor:
            for table, before in zip(tables, seen, strict=True):
                if self.warehouse.rewritten(table) != before:
                    raise concurrent_change(table)
            work = Rewriting(cursor)
            yield work
            # Counted while nobody else changes anything; should the commit fail, the others fail for nothing.
            for table in tables if work.rows else ():
                self.warehouse.count_rewrite(table)

    def _roll_back(self) -> None:
        try:
            self.cursor.rollback()
        except duckdb.TransactionException:
            return  # DuckDB had already ended it

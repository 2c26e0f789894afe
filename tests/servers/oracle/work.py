"""One session's statements run one after the other, in one transaction until it commits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from tests.servers.oracle.cursor import Result
from tests.servers.oracle.failure import OracleError, not_understood
from tests.servers.oracle.sql.administration import Administration
from tests.servers.oracle.sql.binds import PREFIX
from tests.servers.oracle.sql.translate import Speaker, Translation, is_change, refuse_empty, translated
from tests.servers.oracle.storage.catalog import Catalog
from tests.servers.oracle.storage.dictionary import PREFIX as DICTIONARY
from tests.servers.oracle.storage.dictionary import dictionary_table
from tests.servers.oracle.types.bound import Bound

_ZONE = re.compile(r"TIME_ZONE\s*=\s*'([+-])(\d{1,2}):(\d{2})'", re.IGNORECASE)
_SCHEMA = re.compile(r"CURRENT_SCHEMA\s*=\s*(\"[^\"]+\"|[\w$#]+)", re.IGNORECASE)
_SETS = re.compile(r"\s*(?:ALTER\s+SESSION|SET\s+(?:TRANSACTION|ROLE))\b", re.IGNORECASE)
_READ_ONLY = re.compile(r"\s*SET\s+TRANSACTION\s+READ\s+ONLY\b", re.IGNORECASE)
_NOTHING = re.compile(r"\s*BEGIN\s+NULL\s*;\s*END\s*;?\s*", re.IGNORECASE)
_BULK = 2
"""From so many rows on, an INSERT takes them all at once."""


class Work:
    """What one user's session does with the database."""

    def __init__(
        self,
        catalog: Catalog,
        database: duckdb.DuckDBPyConnection,
        speaker: Speaker,
        now: Callable[[], datetime],
    ) -> None:
        self._catalog = catalog
        self._database = database
        self._now = now
        self.speaker = speaker
        self.in_transaction = False
        self._read_only = False

    def close(self) -> None:
        self.rollback()
        self._database.close()

    def commit(self) -> None:
        self._end("COMMIT")

    def rollback(self) -> None:
        self._end("ROLLBACK")

    def set_schema(self, name: str) -> None:
        self._catalog.require_user(name)
        self.speaker = Speaker(self.speaker.user, name, self.speaker.offset, self.speaker.service)

    def set_zone(self, text: str) -> None:
        """Take over the time zone that an ALTER SESSION sets, if it is one of hours and minutes."""
        if found := _ZONE.search(text):
            minutes = (int(found[2]) * 60 + int(found[3])) * (-1 if found[1] == "-" else 1)
            self.speaker = Speaker(self.speaker.user, self.speaker.schema, minutes, self.speaker.service)

    def query(self, sql: str, values: Sequence[Bound]) -> Result:
        """Run a query.

        Raises:
            OracleError: it was refused.
        """
        found = self._translated(sql)
        for view in found.dictionary:
            self._database.register(
                DICTIONARY + view, dictionary_table(view, self._catalog, self.speaker.user)
            )
        rows = self._database.execute(found.sql, self._parameters(found, values)).to_arrow_table()
        return Result.of(found.outputs or [], rows, binary_floats=found.binary_floats)

    def change(self, sql: str, rows: Sequence[Sequence[Bound]]) -> int:
        """Run a change for each row of values; how many rows it changed, or 0 for what defines something.

        Raises:
            OracleError: it was refused; all that the transaction did is undone with it.
        """
        refuse_empty(sql)
        if _SETS.match(sql):
            self._set(sql)
            return 0
        if not is_change(sql):
            self._define(sql)
            return 0
        if self._read_only:
            raise OracleError(
                1456, "may not perform insert/delete/update operation inside a READ ONLY transaction"
            )
        found = self._translated(sql)
        if not self.in_transaction:
            self._database.execute("BEGIN TRANSACTION")
            self.in_transaction = True
        try:
            if found.inserts and len(rows) >= _BULK:
                return self._insert(found, rows)
            return sum(self._once(found, row) for row in rows)
        except Exception:
            self.rollback()
            raise

    def _once(self, found: Translation, values: Sequence[Bound]) -> int:
        counted = self._database.execute(found.sql, self._parameters(found, values)).fetchone()
        return int(counted[0]) if counted else 0

    def _insert(self, found: Translation, rows: Sequence[Sequence[Bound]]) -> int:
        columns: dict[str, pa.Array] = {}
        for place in range(found.binds):
            kind = found.packs.get(place)
            column = [row[place] for row in rows]
            if kind:
                values: list[object] = [one.packed(kind, self.speaker.offset) for one in column]
            else:
                values = [one.bulk for one in column]
            columns[f"{PREFIX}{place}"] = pa.array(values)
        self._database.register("binds", pa.table(columns))
        try:
            counted = self._database.execute(found.bulk).fetchone()
        finally:
            self._database.unregister("binds")
        return int(counted[0]) if counted else 0

    def _parameters(self, found: Translation, values: Sequence[Bound]) -> dict[str, object]:
        if len(values) < found.binds:
            raise OracleError(1008, "not all variables bound")
        return {
            f"{PREFIX}{place}": value.packed(found.packs[place], self.speaker.offset)
            if place in found.packs
            else value.value
            for place, value in enumerate(values)
        }

    def _translated(self, sql: str) -> Translation:
        return translated(sql, self._catalog, self.speaker, self._now())

    def _set(self, sql: str) -> None:
        self.set_zone(sql)
        if found := _SCHEMA.search(sql):
            name = found[1]
            self.set_schema(name[1:-1] if name.startswith('"') else name.upper())
        if _READ_ONLY.match(sql):
            self.commit()
            self._database.execute("BEGIN TRANSACTION")
            self.in_transaction = self._read_only = True

    def _define(self, sql: str) -> None:
        if _NOTHING.fullmatch(sql):
            return
        self.commit()
        administration = Administration(self._catalog, self._database, self.speaker, self._now())
        if not administration.run(sql):
            raise not_understood(sql.strip()[:60])

    def _end(self, word: str) -> None:
        if self.in_transaction:
            self.in_transaction = self._read_only = False
            self._database.execute(word)

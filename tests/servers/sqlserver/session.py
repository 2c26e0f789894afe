"""A session carries out statements one by one, and says of each what the engine would say."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

import duckdb
from sqlglot import exp

from tests.servers.sqlserver.batch import Statement, Word, split
from tests.servers.sqlserver.casting import Casting
from tests.servers.sqlserver.catalogue import Catalogue
from tests.servers.sqlserver.change import Change
from tests.servers.sqlserver.constants import Facts
from tests.servers.sqlserver.database import Database
from tests.servers.sqlserver.definition import Definition
from tests.servers.sqlserver.dialect import parse
from tests.servers.sqlserver.failure import SqlError, from_duckdb, not_emulated
from tests.servers.sqlserver.instance import Instance
from tests.servers.sqlserver.names import Output
from tests.servers.sqlserver.packets import Packets
from tests.servers.sqlserver.parameter import Parameter
from tests.servers.sqlserver.principals import check_select
from tests.servers.sqlserver.record import Record
from tests.servers.sqlserver.result import Interrupted, described, rows
from tests.servers.sqlserver.tokens import Command, Done, Environment, Status, changed, done, failed
from tests.servers.sqlserver.transaction import Transaction
from tests.servers.sqlserver.translation import Translation

_CHANGES = (exp.Insert, exp.Update, exp.Delete)


class Session:
    """One client's, after its login.

    Args:
        instance: the server's databases and logins.
        database: it is in.
        user: who logged in.
        packets: where answers go.
        number: of the session.
    """

    def __init__(
        self, instance: Instance, database: Database, user: str, packets: Packets, number: int
    ) -> None:
        self._instance = instance
        self._user = user
        self._packets = packets
        self._number = number
        self._rows = 0
        self._enter(database)

    def run(self, batch: str, parameters: Mapping[str, Parameter], kind: Done, *, last: bool) -> bool:
        """Carries out a batch and writes what comes of it.

        Args:
            batch: its text.
            parameters: by name without @.
            kind: how the end of a statement is told.
            last: nothing follows.

        Returns:
            Whether all went well.

        Raises:
            Interrupted: the client wants no more.
        """
        try:
            statements = split(batch)
            for place, statement in enumerate(statements, 1):
                more = Status.FINAL if last and place == len(statements) else Status.MORE
                self._statement(statement, parameters, kind, more)
            if not statements and last:
                self._packets.write(done(kind))
        except SqlError as error:
            self._packets.write(failed(error) + self.transaction.after_failure())
        except duckdb.Error as error:
            self._packets.write(failed(from_duckdb(str(error))) + self.transaction.after_failure())
        else:
            return True
        self._packets.write(done(kind, Status.ERROR | (Status.FINAL if last else Status.MORE)))
        return False

    def close(self) -> None:
        self._cursor.close()

    def _enter(self, database: Database) -> None:
        self._database = database
        self._cursor = database.cursor()
        self._catalogue = Catalogue(self._cursor)
        self.transaction = Transaction(self._cursor)

    def _statement(
        self, statement: Statement, parameters: Mapping[str, Parameter], kind: Done, more: Status
    ) -> None:
        said = b""
        match statement.word:
            case Word.SETTING:
                pass
            case Word.IMPLICIT:
                self.transaction.implicit = statement.parts[0].upper() == "ON"
            case Word.BEGIN:
                said = self.transaction.begin()
            case Word.COMMIT:
                said = self.transaction.commit()
            case Word.ROLLBACK:
                said = self.transaction.rollback()
            case Word.USE:
                said = self._use(statement.parts[0])
            case Word.WAIT:
                self._wait(statement.parts)
            case Word.DATABASE:
                self._instance.change(*statement.parts)
            case Word.PRINCIPAL:
                self._instance.principals.execute(statement.text, self._cursor)
            case Word.RENAME:
                with self._whole():
                    self._definition().rename(*statement.parts)
            case Word.CUT:
                self._instance.faults.cut_after(int(statement.parts[0]), statement.parts[1])
            case Word.OTHER:
                trees = parse(statement.text)
                for place, tree in enumerate(trees, 1):
                    rest = more if place == len(trees) else Status.MORE
                    self._tree(tree, statement.text, parameters, kind, rest)
                return
        self._packets.write(said + done(kind, more))

    def _tree(
        self, tree: exp.Expr, text: str, parameters: Mapping[str, Parameter], kind: Done, more: Status
    ) -> None:
        translation = self._translation(parameters)
        match tree:
            case exp.Query():
                outputs = translation.query(tree)
                self._select(tree, outputs, text, kind, more)
            case exp.Insert() | exp.Update() | exp.Delete():
                self._change(tree, Change(translation, self._catalogue), kind, more)
            case exp.Create() | exp.Alter() | exp.Drop():
                self._packets.write(self.transaction.before_change())
                with self._whole():
                    self._define(tree, text)
                self._packets.write(done(kind, more))
            case exp.TruncateTable():
                entry = self._catalogue.entry(tree.expressions[0])
                self._packets.write(self.transaction.before_change())
                self._cursor.execute(f'TRUNCATE "{entry.schema}"."{entry.name}"')
                self._packets.write(done(kind, more))
            case _:
                raise not_emulated(text[:200])

    def _select(self, tree: exp.Expr, outputs: Sequence[Output], text: str, kind: Done, more: Status) -> None:
        self._cursor.execute(tree.sql("duckdb", identify=True))
        columns = described(outputs, self._cursor.description or [])
        cut = self._instance.faults.rows_until_cut(text)
        self._rows = rows(self._cursor, columns, self._packets, cut)
        self._packets.write(done(kind, more | Status.COUNT, self._rows, Command.SELECT))

    def _change(
        self, tree: exp.Insert | exp.Update | exp.Delete, change: Change, kind: Done, more: Status
    ) -> None:
        returned: list[Output] = []
        match tree:
            case exp.Insert():
                returned = change.insert(tree)
            case exp.Update():
                change.update(tree)
            case exp.Delete():
                change.delete(tree)
        self._packets.write(self.transaction.before_change())
        self._cursor.execute(tree.sql("duckdb", identify=True))
        if returned:
            self._rows = rows(
                self._cursor, described(returned, self._cursor.description or []), self._packets, None
            )
        else:
            counted = self._cursor.fetchone()
            self._rows = int(counted[0]) if counted else 0
        self._packets.write(done(kind, more | Status.COUNT, self._rows, Command.CHANGE))

    def _define(self, tree: exp.Create | exp.Alter | exp.Drop, text: str) -> None:
        definition = self._definition()
        match tree:
            case exp.Create():
                definition.create(tree, text)
            case exp.Alter():
                definition.alter(tree)
            case exp.Drop():
                definition.drop(tree)

    def _whole(self) -> _Whole:
        return _Whole(self._cursor, within=self.transaction.depth > 0)

    def _definition(self) -> Definition:
        return Definition(self._cursor, Record(self._cursor), lambda: self._translation({}))

    def _translation(self, parameters: Mapping[str, Parameter]) -> Translation:
        facts = Facts(self._number, self._user, self._database.name, self.transaction.depth, self._rows)
        return Translation(self._lookup, Casting(self._database.conversion), facts, parameters)

    def _lookup(self, table: exp.Table) -> Sequence[Output]:
        outputs = self._catalogue.outputs(table)
        if table.db.lower() not in {"sys", "information_schema", "ischema"}:
            check_select(self._cursor, self._user, self._catalogue.entry(table), self._database.name)
        return outputs

    def _use(self, name: str) -> bytes:
        old = self._database.name
        self.transaction.rollback()
        self._enter(self._instance.database(name, self._user))
        return changed(Environment.DATABASE, self._database.name, old)

    def _wait(self, parts: Sequence[str]) -> None:
        hours, minutes, seconds = map(float, parts)
        end = time.monotonic() + hours * 3600 + minutes * 60 + seconds
        while time.monotonic() < end:
            if self._packets.waiting():
                raise Interrupted
            time.sleep(0.01)


class _Whole:
    """A statement that changes DuckDB and the catalogue does both or nothing."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, *, within: bool) -> None:
        self._cursor = cursor
        self._within = within

    def __enter__(self) -> None:
        if not self._within:
            self._cursor.execute("BEGIN TRANSACTION")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self._within:
            self._cursor.execute("COMMIT" if kind is None else "ROLLBACK")


def names_of(declaration: str) -> Iterator[str]:
    """The names of declared parameters, `@P1 int, @P2 nvarchar(40)`."""
    for part in declaration.split("@")[1:]:
        yield part.split()[0]

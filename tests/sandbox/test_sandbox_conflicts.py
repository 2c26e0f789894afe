"""Of two statements that replace rows of one table at the same time, Delta commits one; plain appends are in nobody's way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from databricks import sql
from databricks.sql.exc import ServerOperationError

from databridge.sandbox.server import Sandbox
from databridge.sandbox.storage.names import TableName

INSERT = "INSERT INTO {table} VALUES (3, 'c')"
UPDATE = "UPDATE {table} SET v = 'x' WHERE id = 1"
DELETE = "DELETE FROM {table} WHERE id = 2"
TRUNCATE = "TRUNCATE TABLE {table}"
OVERWRITE = "INSERT OVERWRITE {table} VALUES (9, 'z')"
MERGE = (
    "MERGE INTO {table} AS t USING (SELECT 1 AS id, 'm' AS v UNION ALL SELECT 4, 'n') AS s ON t.id = s.id"
    " WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT *"
)
NOTHING = "UPDATE {table} SET v = 'x' WHERE id = 77"

Meeting = Callable[[str, str], list[str]]


@pytest.fixture
def meet(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Meeting]:
    """Has two statements begin before either can commit; tells what became of both, sorted."""
    warehouse = sandbox._warehouse
    begun = threading.Semaphore(0)
    looked = warehouse.rewritten

    def rewritten(table: TableName) -> int:
        found = looked(table)
        begun.release()
        return found

    def attempt(connection: sql.client.Connection, statement: str) -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        except ServerOperationError as refusal:
            return "conflict" if "[DELTA_CONCURRENT_APPEND]" in str(refusal) else str(refusal)
        return "done"

    def open_() -> sql.client.Connection:
        return sql.connect(**sandbox.connection.connect_arguments)

    def made(first: str, second: str) -> list[str]:
        with open_() as one, open_() as other, ThreadPoolExecutor(2) as pool:
            tables = {"t": "main.default.meeting", "u": "main.default.apart"}
            for table in tables.values():
                attempt(one, f"CREATE OR REPLACE TABLE {table} (id INT, v STRING)")
                attempt(one, f"INSERT INTO {table} VALUES (1, 'a'), (2, 'b')")
            monkeypatch.setattr(warehouse, "rewritten", rewritten)
            with warehouse.writing:
                pairs = ((one, first), (other, second))
                answers = [
                    pool.submit(attempt, connection, statement.format(table=tables["t"], **tables))
                    for connection, statement in pairs
                ]
                for _, statement in pairs:
                    if statement != INSERT:
                        assert begun.acquire(timeout=60)
            return sorted(answer.result() for answer in answers)

    yield made
    monkeypatch.undo()


@pytest.mark.parametrize("second", [UPDATE, DELETE, MERGE, TRUNCATE, OVERWRITE])
@pytest.mark.parametrize("first", [UPDATE, MERGE])
def test_one_of_two_that_replace_rows_is_refused(meet: Meeting, first: str, second: str) -> None:
    assert meet(first, second) == ["conflict", "done"]


@pytest.mark.parametrize("statement", [UPDATE, MERGE])
def test_appends_are_in_nobodys_way(meet: Meeting, statement: str) -> None:
    assert meet(INSERT, statement) == ["done", "done"]


def test_what_replaces_nothing_is_in_nobodys_way(meet: Meeting) -> None:
    assert meet(NOTHING, NOTHING) == ["done", "done"]


def test_tables_are_apart(meet: Meeting) -> None:
    assert meet(UPDATE, "UPDATE {u} SET v = 'x'") == ["done", "done"]


def test_one_after_the_other_is_no_conflict(sandbox: Sandbox) -> None:
    with sql.connect(**sandbox.connection.connect_arguments) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE TABLE main.default.calm (id INT, v STRING)")
        for statement in (INSERT, UPDATE, UPDATE, MERGE, DELETE, TRUNCATE):
            cursor.execute(statement.format(table="main.default.calm"))

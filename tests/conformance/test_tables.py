"""A write to a table is judged by what is there: neither a lost answer nor a conflict over another row decides it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from databricks import sql

from databridge.buckets.stored import ConflictError, Version
from databridge.model.diagnostic import DatabridgeError
from databridge.model.statetable import StateTable
from databridge.sandbox.fault import Fault, FaultKind
from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from databridge.state.sharedobjects import SharedObjects
from tests.support.stores import open_place, sandbox_table, table_objects

CLASH = "[DELTA_CONCURRENT_APPEND] ConcurrentAppendException: somebody else. SQLSTATE: 2D521"
NO_RIGHT = "[PERMISSION_DENIED] User does not have MODIFY on it. SQLSTATE: 42501"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Sandbox]:
    settings = SandboxSettings(root=tmp_path / "sandbox", statement_log=tmp_path / "statements.log")
    with Sandbox(settings) as running:
        yield running


@pytest.fixture
def table(own: Sandbox, monkeypatch: pytest.MonkeyPatch) -> StateTable:
    return sandbox_table(own, "state", monkeypatch)


@pytest.fixture
def objects(table: StateTable) -> SharedObjects:
    return table_objects(table)


def content(objects: SharedObjects, path: str) -> bytes | None:
    found = objects.get(path)
    return found.content if found else None


def code(refusal: pytest.ExceptionInfo[DatabridgeError]) -> str:
    return refusal.value.diagnostics[0].code


def test_an_object_comes_back_as_it_was(objects: SharedObjects) -> None:
    text = 'it\'s "\\n" \\ :p0 ? é 😀\r\n\n ${x}\n'.encode()

    version = objects.put("a/b", text, over=None)
    found = objects.get("a/b")

    assert found
    assert (found.content, found.version) == (text, version)


@pytest.mark.parametrize("over", [None, "it"], ids=["new", "known"])
def test_a_write_whose_answer_is_lost_counts_once(
    own: Sandbox, objects: SharedObjects, over: str | None
) -> None:
    first = objects.put("a", b"0", over=None) if over else None
    own.faults.add(Fault(FaultKind.DROP, matching="^MERGE", after=True))

    version = objects.put("a", b"1", over=first)

    found = objects.get("a")
    assert found
    assert (found.content, found.version) == (b"1", version)


@pytest.mark.parametrize("after", [False, True])
def test_who_is_refused_for_anothers_sake_is_tried_again(
    own: Sandbox, objects: SharedObjects, after: bool
) -> None:
    first = objects.put("a", b"0", over=None)
    own.faults.add(Fault(FaultKind.FAIL, matching="^MERGE", times=2, message=CLASH, after=after))

    objects.put("a", b"1", over=first)
    own.faults.clear()

    assert content(objects, "a") == b"1"
    with pytest.raises(ConflictError):
        objects.put("a", b"2", over=first)
    assert content(objects, "a") == b"1"


def test_a_conflict_that_hides_a_lost_update_is_one(own: Sandbox, table: StateTable) -> None:
    here, there = table_objects(table), table_objects(table)
    first = here.put("a", b"0", over=None)
    own.faults.add(Fault(FaultKind.FAIL, matching="^MERGE", nth=2, message=CLASH))
    there.put("a", b"1", over=first)

    with pytest.raises(ConflictError):
        here.put("a", b"2", over=first)

    assert content(here, "a") == b"1"


def test_an_empty_expectation_is_not_a_missing_one(objects: SharedObjects) -> None:
    objects.put("a", b"0", over=None)

    for wrong in (Version(version="other"), None):
        with pytest.raises(ConflictError):
            objects.put("a", b"1", over=wrong)
    with pytest.raises(ConflictError):
        objects.put("b", b"1", over=Version(version="other"))

    assert content(objects, "a") == b"0"
    assert content(objects, "b") is None


def test_of_many_who_create_an_object_one_does(table: StateTable) -> None:
    writers = [table_objects(table) for _ in range(4)]
    begin = threading.Barrier(len(writers))

    def create(number: int) -> bool:
        begin.wait()
        try:
            writers[number].put("a", str(number).encode(), over=None)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(len(writers)) as pool:
        won = list(pool.map(create, range(len(writers))))

    assert won.count(True) == 1
    assert content(writers[0], "a") == str(won.index(True)).encode()


def test_threads_that_write_together_share_a_statement(
    own: Sandbox, objects: SharedObjects, tmp_path: Path
) -> None:
    objects.put("first", b"", over=None)
    before = (tmp_path / "statements.log").read_text().count("MERGE")
    own.faults.add(Fault(FaultKind.DELAY, matching="^MERGE", seconds=0.5))

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda number: objects.put(f"a/{number}", b"x", over=None), range(20)))

    assert len(list(objects.list("a"))) == 20
    assert (tmp_path / "statements.log").read_text().count("MERGE") - before <= 4


def test_two_rows_of_one_path_are_told(own: Sandbox, objects: SharedObjects) -> None:
    objects.put("a", b"0", over=None)
    with sql.connect(**own.connection.connect_arguments) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO main.state.objects SELECT * FROM main.state.objects WHERE path = 'a'")

    for attempt in (lambda: objects.get("a"), lambda: objects.put("a", b"1", over=None)):
        with pytest.raises(DatabridgeError) as refusal:
            attempt()
        assert code(refusal) == "DB429"


def test_a_failure_is_told_and_the_next_write_is_not_held_up(own: Sandbox, objects: SharedObjects) -> None:
    first = objects.put("a", b"0", over=None)
    own.faults.add(Fault(FaultKind.FAIL, matching="^MERGE", message=NO_RIGHT))

    with pytest.raises(DatabridgeError) as refusal:
        objects.put("a", b"1", over=first)

    assert code(refusal) == "DB417"
    assert "MODIFY" in refusal.value.diagnostics[0].hint
    objects.put("a", b"2", over=first)
    assert content(objects, "a") == b"2"


def test_a_connection_that_broke_is_made_anew(own: Sandbox, objects: SharedObjects) -> None:
    objects.put("a", b"0", over=None)
    own._service.close()  # as if it had been idle for too long

    assert content(objects, "a") == b"0"


def test_what_is_wrong_with_the_way_is_told(
    own: Sandbox, table: StateTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = table.destination.model_copy(update={"catalog": "nowhere"})
    for changed, expected in ((elsewhere, "DB416"), (table.destination, "DB415")):
        if expected == "DB415":
            monkeypatch.setenv("DATABRIDGE_SECRET_SANDBOX", "dapi-wrong-one")
        with pytest.raises(DatabridgeError) as refusal:
            open_place(table.model_copy(update={"destination": changed})).ledger("sales")
        assert code(refusal) == expected
        assert "dapi" not in repr(refusal.value.diagnostics)
        assert str(table.schema_name) in refusal.value.diagnostics[0].detail


def test_nothing_is_made_by_looking(own: Sandbox, table: StateTable) -> None:
    store = open_place(table)

    assert store.ledger("sales") is None
    assert store.stacks() == ()
    with sql.connect(**own.connection.connect_arguments) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM main.information_schema.schemata WHERE schema_name = 'state'")
        assert cursor.fetchall()[0][0] == 0


def test_who_creates_a_row_changes_the_row_that_all_creators_change(
    own: Sandbox, objects: SharedObjects
) -> None:
    def root() -> str:
        with sql.connect(**own.connection.connect_arguments) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT token FROM main.state.objects WHERE path = ''")
            return "".join(token for (token,) in cursor.fetchall())

    first = objects.put("a", b"0", over=None)
    before = root()
    objects.put("b", b"0", over=None)
    created = root()
    objects.put("a", b"1", over=first)

    assert before != created
    assert root() == created


def test_what_is_removed_is_gone_and_nothing_else(objects: SharedObjects) -> None:
    for path in ("a", "b", "c"):
        objects.put(path, b"0", over=None)

    objects.remove([])
    objects.remove(["a", "c", "d"])

    assert [content(objects, path) for path in ("a", "b", "c")] == [None, b"0", None]

"""DuckDB files: which state counts, and what is said of a file that gives none."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from databridge.locations import duckdb as reader
from databridge.locations import duckdbfile
from databridge.locations.duckdb import completed_in, read_datasets
from databridge.locations.stored import PlaceUnreadable, StoredDataset, StoredSchema, StoredState
from databridge.model.recorded import LocationStatus
from tests.unit.locations.places import add_loads, add_schemas, add_states, make_dataset


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "w.duckdb"
    make_dataset(path, "raw")
    return path


@contextmanager
def written_by_another(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    code = (
        f"import duckdb, sys; c = duckdb.connect({str(file)!r}); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdout.readline()
        yield writer
        end(writer)


def end(writer: subprocess.Popen[bytes]) -> None:
    assert writer.stdin is not None
    writer.stdin.close()
    writer.wait()


def test_the_newest_completed_state_of_each_pipeline(file: Path) -> None:
    add_states(file, "raw", [("a", "1.5", "a1"), ("a", "3.5", "a3"), ("a", "2.5", "a2"), ("b", "2.0", "b2")])
    add_loads(file, "raw", [("1.5", "a", 0), ("2.5", "a", 0), ("3.5", "a", 0), ("2.0", "b", 0)])
    states = read_datasets(file, ["raw"])["raw"].states
    assert states == {"a": StoredState("a3", "3.5"), "b": StoredState("b2", "2.0")}


def test_a_state_whose_load_was_never_completed_does_not_count(file: Path) -> None:
    add_states(file, "raw", [("a", "1.5", "a1"), ("a", "2.5", "a2"), ("a", "3.5", "a3"), ("b", "4.0", "b4")])
    add_loads(file, "raw", [("1.5", "a", 0), ("2.5", "a", 1)])
    assert read_datasets(file, ["raw"])["raw"].states == {"a": StoredState("a1", "1.5")}


def test_a_state_that_is_larger_than_what_is_kept_of_a_file(file: Path) -> None:
    large = os.urandom(40_000_000).hex()
    add_states(file, "raw", [("a", "1.5", large)])
    add_loads(file, "raw", [("1.5", "a", 0)])
    with pytest.raises(duckdb.OutOfMemoryException):
        reader._read(file, ["raw"], with_schemas=False, closely=(), cache=reader._CACHE)
    assert read_datasets(file, ["raw"])["raw"].states == {"a": StoredState(large, "1.5")}


def test_the_newest_schema_its_text_only_when_asked_for(file: Path) -> None:
    add_schemas(
        file,
        "raw",
        [("2024-01-02", "a", "new", "{}"), ("2024-01-01", "a", "old", "{}"), ("2024-01-01", "b", "x", "{}")],
    )
    assert read_datasets(file, ["raw"])["raw"].schemas == {"a": StoredSchema("new"), "b": StoredSchema("x")}
    assert read_datasets(file, ["raw"], with_schemas=True)["raw"].schemas["a"] == StoredSchema("new", "{}")


def test_many_datasets_under_the_names_they_were_asked_for(file: Path) -> None:
    for name in ("Other", 'it\'s ""odd""'):
        make_dataset(file, name)
    odd = 'it\'s "odd"'
    for stored, load in (("raw", "1"), ("Other", "2"), ('it\'s ""odd""', "3")):
        add_states(file, stored, [("p", load, f"state {load}")])
        add_loads(file, stored, [(load, "p", 0)])
    found = read_datasets(file, ["raw", "other", odd, "none"])
    assert {name: dataset.states["p"].text for name, dataset in found.items()} == {
        "raw": "state 1",
        "other": "state 2",
        odd: "state 3",
    }


def test_nothing_was_loaded_yet(tmp_path: Path, file: Path) -> None:
    with duckdb.connect(file) as connection:
        connection.execute("CREATE SCHEMA own; CREATE TABLE own.data (x INT); DROP TABLE raw._dlt_loads")
    assert read_datasets(tmp_path / "none.duckdb", ["raw"]) == {}
    assert not (tmp_path / "none.duckdb").exists()
    assert read_datasets(file, ["raw", "own"]) == {
        "raw": StoredDataset(),
        "own": StoredDataset(tables=frozenset({"data"})),
    }
    assert completed_in(tmp_path / "none.duckdb", "raw", "a", ["1"]) == frozenset()
    assert completed_in(file, "raw", "a", ["1"]) == frozenset()
    assert completed_in(file, "none", "a", ["1"]) == frozenset()


def test_which_tables_hold_rows(file: Path) -> None:
    add_loads(file, "raw", [("1.5", "a", 0)])
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE raw.Orders AS SELECT 1 AS id; CREATE TABLE raw.empty (id INTEGER)")
        connection.execute("CREATE TABLE raw.gone AS SELECT 1 AS id; DELETE FROM raw.gone")
        connection.execute("CREATE SCHEMA other; CREATE TABLE other.elsewhere AS SELECT 1 AS id")
    assert read_datasets(file, ["raw"])["raw"].filled == {"orders"}


def test_completed_loads(file: Path) -> None:
    add_loads(file, "raw", [("1.5", "a", 0), ("2.5", "a", 1), ("3.5", "b", 0), ("4.5", "a", 0)])
    assert completed_in(file, "RAW", "a", ["1.5", "2.5", "3.5", "9"]) == {"1.5"}
    assert completed_in(file, "raw", "a", []) == frozenset()


def test_busy_while_another_process_writes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdbfile, "_PATIENCE", 0.1)
    with written_by_another(file) as writer, pytest.raises(PlaceUnreadable) as caught:
        read_datasets(file, ["raw"])
    assert (caught.value.status, caught.value.detail) == (
        LocationStatus.BUSY,
        f"busy: process {writer.pid} is writing to it",
    )
    assert "raw" in read_datasets(file, ["raw"])


def test_a_short_write_is_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdbfile, "_PATIENCE", 60.0)
    with written_by_another(file) as writer:
        tries = []
        real = duckdb.connect

        def connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
            tries.append(path)
            if len(tries) == 3:
                end(writer)
            return real(path, read_only=read_only)

        monkeypatch.setattr(duckdb, "connect", connect)
        assert "raw" in read_datasets(file, ["raw"])
    assert len(tries) == 3


def test_busy_while_this_process_writes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdbfile, "_PATIENCE", 0.0)
    with duckdb.connect(file), pytest.raises(PlaceUnreadable) as caught:
        completed_in(file, "raw", "a", ["1"])
    assert (caught.value.status, caught.value.detail) == (
        LocationStatus.BUSY,
        "busy: this process is writing to it",
    )


def test_readers_do_not_hinder_each_other(file: Path) -> None:
    with duckdb.connect(file, read_only=True):
        assert "raw" in read_datasets(file, ["raw"])


@pytest.mark.parametrize("content", [b"", b"short", b"hello " * 5000])
def test_what_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.duckdb"
    path.write_bytes(content)
    with pytest.raises(PlaceUnreadable, match="it is not a DuckDB database") as caught:
        read_datasets(path, ["raw"])
    assert caught.value.status is LocationStatus.UNKNOWN


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(PlaceUnreadable, match="it can't be read: Is a directory"):
        read_datasets(tmp_path, ["raw"])


def test_an_sqlite_file_makes_nobody_call_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lite.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    monkeypatch.setattr(duckdb, "connect", lambda *_, **__: pytest.fail("shown to DuckDB"))
    with pytest.raises(PlaceUnreadable, match="it is not a DuckDB database"):
        read_datasets(path, ["raw"])


def test_a_damaged_database_is_named_but_its_folder_is_not(file: Path) -> None:
    content = bytearray(file.read_bytes())
    file.write_bytes(content[:20_000])
    with pytest.raises(PlaceUnreadable, match=r"DuckDB can't read it: .*w\.duckdb") as caught:
        read_datasets(file, ["raw"])
    assert caught.value.status is LocationStatus.UNKNOWN
    assert str(file.parent) not in caught.value.detail
    content[12] ^= 0xFF  # the format's version, which is under the checksum
    file.write_bytes(content)
    with pytest.raises(PlaceUnreadable, match="DuckDB can't read it: Corrupt database file"):
        read_datasets(file, ["raw"])


def test_a_table_of_another_shape_is_unknown_not_a_traceback(file: Path) -> None:
    add_states(file, "raw", [("a", "1.5", "a1")])
    add_loads(file, "raw", [("1.5", "a", 0)])
    with duckdb.connect(file) as connection:
        connection.execute("ALTER TABLE raw._dlt_pipeline_state DROP COLUMN state")
    with pytest.raises(PlaceUnreadable, match="DuckDB can't read it") as caught:
        read_datasets(file, ["raw"])
    assert caught.value.status is LocationStatus.UNKNOWN


def test_a_writer_that_was_killed_left_its_rows_in_the_log_and_reading_changes_nothing(file: Path) -> None:
    code = (
        f"import duckdb, os; c = duckdb.connect({str(file)!r});"
        "c.execute(\"INSERT INTO raw._dlt_pipeline_state VALUES (1,4,'a','late',NULL,NULL,'9',NULL)\");"
        "c.execute(\"INSERT INTO raw._dlt_loads VALUES ('9','a',0,NULL,NULL)\"); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    before = {
        entry.name: (entry.stat().st_size, entry.stat().st_mtime_ns) for entry in os.scandir(file.parent)
    }
    assert set(before) == {"w.duckdb", "w.duckdb.wal"}
    assert read_datasets(file, ["raw"])["raw"].states == {"a": StoredState("late", "9")}
    assert {e.name: (e.stat().st_size, e.stat().st_mtime_ns) for e in os.scandir(file.parent)} == before

"""A database by URL, read through SQLite: few statements, nothing written, and plain words where it can't be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from databridge.locations.sql import SqlReader
from databridge.locations.stored import PlaceUnreadable, StoredSchema, StoredState
from databridge.model.destination import SqlDestination
from databridge.model.observed import Remains
from databridge.model.recorded import LocationStatus
from databridge.secrets.chain import secret_chain
from databridge.warehouse.sql import connecting, dataset_file
from tests.support.secrets import NO_SECRETS
from tests.support.servers import free_port
from tests.unit.locations.places import state_text

FILE = SqlDestination(type="sql", url="sqlite:///dwh.db")
SCHEMA = '{"tables": {"orders": {"columns": {}}, "_dlt_loads": {}}}'
PASSWORD = "p@ss/w:rd%41"


def make_dataset(root: Path, name: str, pipelines: int) -> None:
    """A dataset with the states of so many pipelines, as dlt leaves them."""
    with closing(sqlite3.connect(dataset_file(root / "dwh.db", name))) as made, made:
        made.executescript("""
            CREATE TABLE _dlt_loads (load_id TEXT, schema_name TEXT, status BIGINT);
            CREATE TABLE _dlt_pipeline_state (pipeline_name TEXT, state TEXT, _dlt_load_id TEXT);
            CREATE TABLE _dlt_version (schema_name TEXT, version_hash TEXT, schema TEXT, inserted_at DATETIME);
            CREATE TABLE orders (id BIGINT, _dlt_load_id TEXT);
            CREATE TABLE empty (id BIGINT, odd GEOMETRY);
            INSERT INTO orders VALUES (1, '0.5'), (2, '9.9');
        """)
        for n in range(pipelines):
            made.executemany(
                "INSERT INTO _dlt_loads VALUES (?, ?, ?)", [(f"{n}.5", f"s_{n}", 0), (f"{n}.7", f"s_{n}", 1)]
            )
            states = [(f"s_{n}", state_text(f"s_{n}"), f"{n}.5"), (f"s_{n}", "dead", f"{n}.7")]
            made.executemany("INSERT INTO _dlt_pipeline_state VALUES (?, ?, ?)", states)
            versions = [
                (f"s_{n}", f"old {n}", "{}", "2026-01-01 00:00:00.000000"),
                (f"s_{n}", f"new {n}", SCHEMA, "2026-01-02 00:00:00.000000"),
            ]
            made.executemany("INSERT INTO _dlt_version VALUES (?, ?, ?, ?)", versions)


@pytest.fixture
def reader(tmp_path: Path) -> SqlReader:
    return SqlReader(FILE, root=tmp_path, secrets=NO_SECRETS)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def note(connection: sa.Connection, cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield said
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


def test_the_datasets_with_states_of_pipelines(reader: SqlReader, tmp_path: Path) -> None:
    for name in ("sales", "raw", "a", "b", "c", "d"):
        make_dataset(tmp_path, name, 1)
    with closing(sqlite3.connect(dataset_file(tmp_path / "dwh.db", "strange"))) as made, made:
        made.execute("CREATE TABLE orders (id BIGINT)")
    assert reader.datasets() == ["a", "b", "c", "d", "raw", "sales"]


def test_the_newest_complete_state_of_each_pipeline_counts(reader: SqlReader, tmp_path: Path) -> None:
    make_dataset(tmp_path, "raw", 2)

    found = reader.read_datasets(["raw", "other"], pipelines={"s_0"}, with_schemas=False)

    assert list(found) == ["raw"]
    assert found["raw"].states == {"s_0": StoredState(state_text("s_0"), "0.5")}
    assert found["raw"].schemas == {"s_0": StoredSchema("new 0"), "s_1": StoredSchema("new 1")}
    assert found["raw"].loads == {"s_0": "0.5", "s_1": "1.5"}
    assert found["raw"].filled == frozenset()  # nobody asks where each pipeline has a state
    assert reader.completed_in("raw", "s_0", ["0.5", "0.7", "1.5"]) == {"0.5"}


def test_what_is_there_is_told_where_somebody_asks(reader: SqlReader, tmp_path: Path) -> None:
    make_dataset(tmp_path, "raw", 1)
    make_dataset(tmp_path, "raw_staging", 0)

    found = reader.read_datasets(["raw"], pipelines=None, with_schemas=True, closely=["raw"])

    assert found["raw"].schemas == {"s_0": StoredSchema("new 0", SCHEMA)}
    assert found["raw"].filled == {"orders"}
    inventory = found["raw"].inventory
    assert inventory
    assert inventory.tables["orders"] == {"id": "BIGINT", "_dlt_load_id": "TEXT"}
    assert inventory.tables["empty"] == {"id": "BIGINT", "odd": "NUMERIC"}
    assert inventory.remains == (Remains("orders", "9.9", 1),)
    assert inventory.dead_states == {}
    assert (inventory.states, inventory.loads, inventory.schemas) == ({"s_0": 2}, {"s_0": 2}, {"s_0": 2})
    assert inventory.oldest == {"s_0": "0.5"}
    staged = found["raw_staging"].inventory
    assert staged
    assert "orders" in staged.tables


def test_more_pipelines_take_no_more_statements(
    reader: SqlReader, tmp_path: Path, statements: list[str]
) -> None:
    make_dataset(tmp_path, "few", 1)
    make_dataset(tmp_path, "many", 100)

    def asked(dataset: str) -> int:
        statements.clear()
        reader.read_datasets([dataset], pipelines=None, with_schemas=False)
        return len(statements)

    assert asked("few") == asked("many") < 10


def test_any_number_of_datasets_is_read(reader: SqlReader, tmp_path: Path) -> None:
    names = [f"raw_{n}" for n in range(15)]  # SQLite attaches ten files at most
    for name in names:
        make_dataset(tmp_path, name, 1)

    found = reader.read_datasets(names, pipelines={"s_0"}, with_schemas=True, closely=names)

    assert sorted(found) == sorted(names)


def test_reading_makes_no_file(reader: SqlReader, tmp_path: Path) -> None:
    assert reader.read_datasets(["raw"], pipelines=None, with_schemas=True, closely=["raw"]) == {}
    assert reader.completed_in("raw", "s", ["1.5"]) == frozenset()
    assert not list(tmp_path.iterdir())
    make_dataset(tmp_path, "raw", 1)
    before = [(each, each.stat().st_mtime_ns) for each in tmp_path.iterdir()]
    reader.read_datasets(["raw"], pipelines=None, with_schemas=True, closely=["raw"])
    assert [(each, each.stat().st_mtime_ns) for each in tmp_path.iterdir()] == before


def test_a_file_that_is_being_written_is_busy(reader: SqlReader, tmp_path: Path) -> None:
    make_dataset(tmp_path, "raw", 1)
    with closing(sqlite3.connect(dataset_file(tmp_path / "dwh.db", "raw"), isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        refused = unreadable(reader)
    assert refused.status is LocationStatus.BUSY
    assert refused.detail == "busy: a load is writing to it"


def test_a_file_of_another_kind_is_told(reader: SqlReader, tmp_path: Path) -> None:
    dataset_file(tmp_path / "dwh.db", "raw").write_bytes(b"nothing that SQLite knows" * 100)

    refused = unreadable(reader)

    assert refused.status is LocationStatus.UNKNOWN
    assert refused.detail == "it answers: file is not a database"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (
            "postgresql+psycopg://u:${secret.pw}@127.0.0.1:PORT/d",
            "it can't be reached; see that host, port and network are right",
        ),
        (
            "postgresql+nobodys://u:${secret.pw}@h/d",
            "its driver `nobodys` is not installed; install it: pip install 'databridge[postgres]'",
        ),
        ("quantum+entangled://u:${secret.pw}@h/d", "its driver `entangled` is not installed"),
    ],
)
def test_a_server_that_cant_be_reached_is_told(tmp_path: Path, url: str, says: str) -> None:
    destination = SqlDestination(type="sql", url=url.replace("PORT", str(free_port())))
    secrets = secret_chain(tmp_path, {"DATABRIDGE_SECRET_PW": PASSWORD})

    refused = unreadable(SqlReader(destination, root=tmp_path, secrets=secrets))

    assert refused.status is LocationStatus.UNKNOWN
    assert refused.detail == says


def test_a_password_is_put_in_as_it_is(tmp_path: Path) -> None:
    destination = SqlDestination(type="sql", url="postgresql+psycopg://u:${secret.pw}@h/d")
    secrets = secret_chain(tmp_path, {"DATABRIDGE_SECRET_PW": PASSWORD})

    how = connecting(destination, root=tmp_path, secrets=secrets)

    assert how.url.password == PASSWORD
    assert sa.make_url(how.url.render_as_string(hide_password=False)) == how.url  # as dlt is told
    assert PASSWORD not in repr(how)


def unreadable(reader: SqlReader, datasets: Sequence[str] = ("raw",)) -> PlaceUnreadable:
    with pytest.raises(PlaceUnreadable) as refused:
        reader.read_datasets(datasets, pipelines=None, with_schemas=False)
    return refused.value

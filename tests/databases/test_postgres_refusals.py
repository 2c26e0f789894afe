"""A server that can't be reached or read gives one error that names the cause; nothing is loaded, and the next load is right."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator

import pytest

from databridge.engine.extraction import csvblocks as reader
from databridge.model.resource import Column, TableResource, WriteDisposition
from tests.support.postgresdatabase import PostgresDatabase
from tests.support.servers import free_port
from tests.support.sourceloads import ORDERS, T, refusal
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


@pytest.mark.parametrize(
    ("changed", "cause", "hint"),
    [
        ({"username": "nobody_at_all"}, 'role "nobody_at_all" does not exist', "username"),
        ({"database": "nowhere"}, 'database "nowhere" does not exist', "database"),
        ({"host": "host.invalid"}, "host.invalid", "host, port and network"),
        ({"port": free_port()}, "refused", "host, port and network"),
        ({"sslmode": "require"}, "SSL", "Mend"),
    ],
)
def test_a_server_that_is_not_reached(
    bench: Workbench, database: PostgresDatabase, changed: dict[str, object], cause: str, hint: str
) -> None:
    said = refusal(bench, database.source.model_copy(update=changed))
    assert said.code == "DB550"
    assert cause in said.summary
    assert hint in said.hint


def test_a_wrong_password_is_not_shown(
    bench: Workbench, database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRIDGE_SECRET_PG", "p@ss/w:rd%41")
    source = database.source.model_copy(update={"username": "nobody_at_all", "password": "${secret.pg}"})
    assert "p@ss" not in str(refusal(bench, source))


def test_a_right_that_is_revoked(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE t (a integer); INSERT INTO t VALUES (1)")
    role = f"reader_{database.name}"
    database.run(f"CREATE ROLE {role} LOGIN")
    try:
        source = database.source.model_copy(update={"username": role})
        said = refusal(bench, source)
        assert (said.code, "permission denied for table t" in said.summary) == ("DB550", True)
        assert "SELECT" in said.hint
        database.run(f"GRANT SELECT ON t TO {role}")
        bench.load(T, source=source)
        assert bench.rows("t", "a") == [(1,)]
    finally:
        database.run(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_server_that_dies_in_the_middle(
    bench: Workbench, database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.run("CREATE TABLE orders (id integer, at integer, w text)")
    database.run("INSERT INTO orders VALUES (1, 1, 'x')")
    bench.load(ORDERS, source=database.source)
    database.run("INSERT INTO orders SELECT i, i, repeat('x', 200) FROM generate_series(2, 100000) i")
    monkeypatch.setattr(reader, "_BLOCK", 1 << 20)

    blocks = reader._blocks

    def dying(lines: Iterable[bytes]) -> Iterator[bytearray]:
        for number, block in enumerate(blocks(lines)):
            if number == 2:
                database.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND datname = "
                    f"'{database.name}'"
                )
            yield block

    monkeypatch.setattr(reader, "_blocks", dying)
    said = refusal(bench, database.source, ORDERS)
    assert said.code == "DB550"
    assert "up; then apply again" in said.hint
    monkeypatch.setattr(reader, "_blocks", blocks)
    assert bench.rows("orders", "id") == [(1,)]
    assert bench.load(ORDERS, source=database.source).rows == {"orders": 99_999}
    assert len(bench.rows("orders", "id")) == 100_000


def test_a_query_that_takes_too_long(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE VIEW t AS SELECT pg_sleep(60)::text AS a")
    source = database.source.model_copy(update={"query_timeout": 1})
    said = refusal(bench, source)
    assert (said.code, "statement timeout" in said.summary) == ("DB550", True)
    assert "query_timeout" in said.hint


def test_a_column_that_is_dropped_before_it_is_read(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE t (a integer, b integer); INSERT INTO t VALUES (1, 2)")
    bench.load(T, source=database.source)
    database.run("ALTER TABLE t DROP COLUMN b")
    said = refusal(bench, database.source, T.model_copy(update={"include_columns": ("a", "b")}))
    assert said.code == "DB514"
    bench.load(T, source=database.source)
    assert bench.rows("t", "a") == [(1,)]


@pytest.mark.parametrize("declared", ["numeric", "char(5)", "interval", "int4range", "timetz", "jsonb"])
def test_a_cursor_that_would_pass_rows_by(
    bench: Workbench, database: PostgresDatabase, declared: str
) -> None:
    database.run(f"CREATE TABLE orders (id integer, at {declared})")
    said = refusal(bench, database.source, ORDERS)
    assert said.code == "DB551"
    assert said.summary.startswith("the cursor `at` of `orders` is ")


def test_a_number_without_precision_is_a_cursor_once_it_is_declared(
    bench: Workbench, database: PostgresDatabase
) -> None:
    database.run("CREATE TABLE orders (id integer, at numeric); INSERT INTO orders VALUES (1, 9), (2, 10)")
    declared = ORDERS.model_copy(
        update={"columns": {"at": Column(data_type="decimal", precision=20, scale=2)}}
    )
    bench.load(declared, source=database.source)
    database.run("INSERT INTO orders VALUES (3, 10), (4, 100.25), (5, 9.5)")
    assert bench.load(declared, source=database.source).rows == {"orders": 2}
    assert bench.rows("orders", "id") == [(1,), (2,), (3,), (4,)]


def test_texts_have_the_order_that_dlt_gives_them(bench: Workbench, database: PostgresDatabase) -> None:
    database.run('CREATE TABLE orders (id integer, at text COLLATE "en-x-icu")')
    database.run("INSERT INTO orders VALUES (1, 'B')")
    bench.load(ORDERS, source=database.source)
    database.run("INSERT INTO orders VALUES (2, 'B'), (3, 'a'), (4, 'é')")
    assert bench.load(ORDERS, source=database.source).rows == {"orders": 3}
    assert bench.rows("orders", "id") == [(1,), (2,), (3,), (4,)]


def test_connections_are_within_the_budget(bench: Workbench, database: PostgresDatabase) -> None:
    names = [f"t{n}" for n in range(6)]
    for name in names:
        database.run(f"CREATE TABLE {name} (a integer, b text)")
        database.run(f"INSERT INTO {name} SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i")
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.is_set():
            ((count,),) = database.run(
                f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database.name}' AND pid <> pg_backend_pid()"
            )
            most[0] = max(most[0], int(str(count)))
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        source = database.source.model_copy(update={"max_connections": 1})
        bench.load(
            *(TableResource(name=n, write_disposition=WriteDisposition.REPLACE) for n in names), source=source
        )
    finally:
        done.set()
        watcher.join()
    assert most[0] == 1

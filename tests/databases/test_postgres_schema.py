"""A whole schema is loaded with each value as it is at the source; a second load brings nothing, a third what is new or changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import duckdb
import psycopg
import pytest
from databricks import sql
from psycopg.rows import dict_row

from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from tests.support.manytables import ROWS, digest, resources, statements
from tests.support.postgresdatabase import PostgresDatabase
from tests.support.warehouse import destination_of
from tests.support.workbench import WAREHOUSE, Workbench

pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.timeout(600)]

_NEW = "INSERT INTO {} (id, parent, at) VALUES (1000, 1, now())"
Rows = list[dict[str, object]]


@pytest.fixture(params=["duckdb", "databricks"])
def stored(request: pytest.FixtureRequest, bench: Workbench) -> Any:
    """How the rows of a table at the destination are read."""

    def in_duckdb(table: str) -> Rows:
        with duckdb.connect(str(bench.root / WAREHOUSE)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return list(connection.execute(f"FROM raw.{table}").to_arrow_table().to_pylist())

    if request.param == "duckdb":
        yield in_duckdb
        return
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(SandboxSettings(root=bench.root / "sandbox")))
        bench.place = replace(bench.place, destination=destination_of(sandbox, bench.root))

        def in_sandbox(table: str) -> Rows:
            arguments: dict[str, Any] = dict(sandbox.connection.connect_arguments)
            with sql.connect(**arguments) as connection, connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM main.raw.{table}")
                return list(cursor.fetchall_arrow().to_pylist())

        yield in_sandbox


def test_a_schema_of_38_tables_is_equal_to_its_source(
    bench: Workbench, database: PostgresDatabase, stored: Callable[[str], Rows]
) -> None:
    host, port = database.server.split(":")
    for statement in statements():
        database.run(statement)
    wanted = resources()
    assert len(wanted) == 38

    def compare(*names: str) -> None:
        with psycopg.connect(
            f"host={host} port={port} user=postgres dbname={database.name}", row_factory=dict_row
        ) as connection:
            for name in names:
                source = connection.execute(f"SELECT * FROM {name}").fetchall()
                assert digest(stored(name)) == digest(source), name

    assert bench.load(*wanted, source=database.source).rows == {r.name: ROWS for r in wanted}
    compare(*(resource.name for resource in wanted))
    few = [resource for resource in wanted if resource.name in {"t0", "t1", "v0", "wide"}]
    # Nothing is appended; of what is merged the row at the cursor's last value is taken once more, and changes nothing.
    assert bench.load(*few, source=database.source).rows.keys() <= {"t0", "v0"}
    database.run(_NEW.format("t0"))
    database.run(_NEW.format("t1"))
    database.run("UPDATE wide SET c3 = 7, at = now() WHERE id = 5")
    database.run("UPDATE t0 SET at = now() WHERE id = 6")
    brought = bench.load(*few, source=database.source).rows
    assert (brought["t1"], brought["wide"]) == (1, 1)
    compare("t0", "t1", "v0")
    assert len(stored("wide")) == ROWS + 1

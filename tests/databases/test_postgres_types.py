"""Each row of the matrix keeps the values at the edges of its type, on the way to each kind of destination."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from databricks import sql

from databridge.model.destination import FilesystemDestination, dialect_of
from databridge.model.postgrestypes import POSTGRES_TYPES
from databridge.model.resource import TableResource
from databridge.model.sourcetype import SourceType
from databridge.model.typematrix import DESTINATIONS, cell
from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from tests.support.postgresdatabase import PostgresDatabase
from tests.support.postgresvalues import EDGES
from tests.support.warehouse import destination_of
from tests.support.workbench import WAREHOUSE, Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

KINDS = ("duckdb", "filesystem", "databricks")


def test_every_row_of_the_matrix_has_values() -> None:
    assert EDGES.keys() == {row.name for row in POSTGRES_TYPES}


def python_of(row: SourceType, text: str, *, time_as_text: bool) -> object:
    """A value as Python has it, from the text that PostgreSQL writes for it."""
    readers: dict[str, Callable[[str], object]] = {
        "bigint": int,
        "decimal": Decimal,
        "double": float,
        "bool": lambda each: each == "true",
        "date": date.fromisoformat,
        "timestamp": datetime.fromisoformat,
        "time": str if time_as_text else time.fromisoformat,
        "binary": lambda each: bytes.fromhex(each[2:]),
    }
    value = readers.get(row.data_type, str)(text)
    return struct.unpack("f", struct.pack("f", value))[0] if row.name == "real" else value


@pytest.mark.parametrize("kind", KINDS)
def test_values_at_the_edges_of_their_types_are_kept(
    bench: Workbench, database: PostgresDatabase, kind: str
) -> None:
    database.run("CREATE TYPE mood AS ENUM ('sad', 'happy now')")
    columns = {row.name: f"c{number}" for number, row in enumerate(POSTGRES_TYPES)}
    declared = ", ".join(f"{columns[name]} {edges.declared}" for name, edges in EDGES.items())
    database.run(f"CREATE TABLE t (id integer, {declared})")
    for number in range(max(len(edges.values) for edges in EDGES.values())):
        database.run("INSERT INTO t (id) VALUES (%s)", number)
    for name, edges in EDGES.items():
        for number, value in enumerate(edges.values):
            change = f"{columns[name]} = {_literal(edges.declared, value)}"
            database.run(f"UPDATE t SET {change} WHERE id = %s", value, number)
    read = _destination(bench, kind)
    try:
        bench.load(TableResource(name="t", load_date=False), source=database.source)
        rows = sorted(read[0]().to_pylist(), key=lambda row: int(row["id"]))
    finally:
        read[1]()
    stored = dialect_of(bench.place.destination)
    for row in POSTGRES_TYPES:
        values = EDGES[row.name].values
        wanted = [python_of(row, each, time_as_text=kind == "databricks") for each in values]
        found = [each[columns[row.name]] for each in rows]
        assert list(map(repr, map(_plain, found[: len(values)]))) == list(map(repr, map(_plain, wanted))), (
            row.name
        )
        assert set(found[len(values) :]) <= {None}, row.name
        assert cell(row, stored).fidelity.value in {"exact", "widening"}


def _literal(declared: str, value: str) -> str:
    if declared.endswith("[]"):  # given as the JSON that it becomes
        depth = "[]" if not value.startswith("[[") else "[][]"
        inner = value.replace("[", "{").replace("]", "}")
        return f"translate(%s, '[]', '{{}}')::{declared.removesuffix('[]')}{depth}" if inner else ""
    if declared == "money":
        return "%s::numeric::money"
    return f"%s::text::{declared}"


def _plain(value: object) -> object:
    """Moments without what they call their zone."""
    return value.isoformat() if isinstance(value, datetime) else value


def _destination(bench: Workbench, kind: str) -> tuple[Callable[[], pa.Table], Callable[[], object]]:
    """How the table is read there, and how what was started for it is stopped."""
    if kind == "duckdb":

        def in_duckdb() -> pa.Table:
            with duckdb.connect(str(bench.root / WAREHOUSE)) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                return connection.execute("FROM raw.t").to_arrow_table()

        return in_duckdb, lambda: None
    if kind == "filesystem":
        lake = FilesystemDestination(type="filesystem", bucket_url="file://lake")
        bench.place = replace(bench.place, destination=lake)

        def in_files() -> pa.Table:
            (file,) = (bench.root / "lake" / "raw" / "t").glob("*.parquet")
            return pq.ParquetFile(file).read()

        return in_files, lambda: None
    sandbox = Sandbox(SandboxSettings(root=bench.root / "sandbox"))
    running = sandbox.__enter__()
    bench.place = replace(bench.place, destination=destination_of(running, bench.root))

    def in_sandbox() -> pa.Table:
        arguments: dict[str, Any] = dict(running.connection.connect_arguments)
        with sql.connect(**arguments) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT * FROM main.raw.t")
            return cursor.fetchall_arrow()

    return in_sandbox, lambda: sandbox.__exit__(None, None, None)


def test_the_matrix_names_the_types_that_tables_get(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TYPE mood AS ENUM ('sad')")
    names = {f"c{number}": row for number, row in enumerate(POSTGRES_TYPES)}
    declared = ", ".join(f"{column} {EDGES[row.name].declared}" for column, row in names.items())
    database.run(f"CREATE TABLE t ({declared}); INSERT INTO t DEFAULT VALUES")
    bench.load(TableResource(name="t", load_date=False), source=database.source)
    found = bench.types("t")
    for column, row in names.items():
        told = (
            cell(row, "duckdb")
            .name.replace("(p,s)", "(38,10)")
            .replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE")
        )
        assert found[column] == told, row.name
    assert DESTINATIONS.keys() >= set(KINDS)


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("citext", "aB"),
        ("varchar(3)", "abc"),
        ("numeric(12,2)", "1.50"),
        ("int4", "7"),
        ("hstore", '"a"=>"b"'),
    ],
)
def test_types_of_types_are_read_as_what_they_are_made_of(
    bench: Workbench, database: PostgresDatabase, declared: str, value: str
) -> None:
    if declared in {"citext", "hstore"}:
        if not database.run("SELECT 1 FROM pg_available_extensions WHERE name = %s", declared):
            pytest.skip(f"the server has no {declared}: apt-get install postgresql-contrib")
        database.run(f"CREATE EXTENSION {declared}")
    database.run(f"CREATE DOMAIN d AS {declared}; CREATE TABLE t (a {declared}, b d)")
    database.run(f"INSERT INTO t SELECT x, x FROM (SELECT %s::text::{declared}) AS v (x)", value)
    bench.load(TableResource(name="t", load_date=False), source=database.source)
    ((a, b),) = bench.rows("t", "a", "b")
    assert str(a) == str(b) == value

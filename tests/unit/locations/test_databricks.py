"""A Databricks catalog, read through the sandbox: few statements, and plain words where it can't be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from databricks import sql

from databridge.locations.databricks import DatabricksReader
from databridge.locations.read import read_locations
from databridge.locations.stored import PlaceUnreadable, StoredSchema, StoredState
from databridge.locations.wanted import Wanted
from databridge.model.destination import DatabricksDestination
from databridge.model.observed import Leftover, RecordCounts, Remains
from databridge.model.recorded import LocationState, LocationStatus
from databridge.sandbox.fault import Fault, FaultKind
from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from databridge.secrets.chain import secret_chain
from tests.support.secrets import NO_SECRETS
from tests.support.warehouse import destination_of
from tests.unit.locations.places import state_text

PIPELINES = 50
SCHEMA = '{"tables": {}}'
Changed = Callable[..., LocationState]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "statements.log"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory, log: Path) -> Iterator[Sandbox]:
    settings = SandboxSettings(root=tmp_path_factory.mktemp("sandbox"), statement_log=log)
    with Sandbox(settings) as running:
        with sql.connect(**running.connection.connect_arguments) as connection, connection.cursor() as cursor:
            for statement in dataset("raw", PIPELINES):
                cursor.execute(statement)
        yield running


@pytest.fixture(autouse=True)
def sound(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.faults.clear()


def dataset(name: str, pipelines: int) -> Iterator[str]:
    """Statements that make a dataset with the states of so many pipelines, as dlt leaves them."""
    yield f"CREATE SCHEMA main.{name}"
    yield f"CREATE TABLE main.{name}._dlt_loads (load_id STRING, schema_name STRING, status BIGINT)"
    yield f"CREATE TABLE main.{name}._dlt_pipeline_state (pipeline_name STRING, state STRING, _dlt_load_id STRING)"
    yield (
        f"CREATE TABLE main.{name}._dlt_version"
        " (schema_name STRING, version_hash STRING, `schema` STRING, inserted_at TIMESTAMP)"
    )
    yield f"CREATE TABLE main.{name}.orders AS SELECT 1 AS id"
    yield f"CREATE TABLE main.{name}.empty (id BIGINT)"
    numbers = range(pipelines)
    for table, rows in {
        "_dlt_loads": [f"('{n}.5', 's_{n}', 0), ('{n}.7', 's_{n}', 1)" for n in numbers],
        "_dlt_pipeline_state": [
            f"('s_{n}', '{state_text(f's_{n}')}', '{n}.5'), ('s_{n}', 'dead', '{n}.7')" for n in numbers
        ],
        "_dlt_version": [
            f"('s_{n}', 'hash {n}', '{SCHEMA}', TIMESTAMP '2026-01-01 00:00:00')" for n in numbers
        ],
    }.items():
        yield f"INSERT INTO main.{name}.{table} VALUES {', '.join(rows)}"


def statements(log: Path) -> int:
    return sum(" > " in line for line in log.read_text().splitlines())


def wanted(destination: DatabricksDestination, *numbers: int, with_tables: bool = False) -> list[Wanted]:
    return [Wanted(f"s.{n}", f"s_{n}", f"s_{n}", destination, "raw", with_tables) for n in numbers]


def test_the_states_of_many_pipelines_take_three_statements(
    sandbox: Sandbox, log: Path, tmp_path: Path
) -> None:
    before = statements(log)
    destination = destination_of(sandbox, tmp_path)
    found = read_locations(
        wanted(destination, *range(PIPELINES), with_tables=True),
        root=tmp_path,
        pipelines_dir=tmp_path,
        secrets=secret_chain(tmp_path, {}),
    )
    assert {each.destination.status for each in found.values()} == {LocationStatus.FOUND}
    assert statements(log) - before <= 3


def test_a_closer_look_takes_three_statements_too(sandbox: Sandbox, log: Path, tmp_path: Path) -> None:
    before = statements(log)
    asked = [
        replace(each, closely=True) for each in wanted(destination_of(sandbox, tmp_path), *range(PIPELINES))
    ]
    found = read_locations(asked, root=tmp_path, pipelines_dir=tmp_path, secrets=secret_chain(tmp_path, {}))
    assert statements(log) - before <= 3
    seen = found["s.3"].observed
    assert seen is not None
    assert seen.counts == RecordCounts(states=2, schemas=1, loads=2)
    assert seen.oldest_load == "3.5"
    assert seen.tables["orders"] == {"id": "int"}
    assert found["s.3"].destination.filled == {"orders"}
    assert (seen.remains, seen.leftovers) == ((), ())


def test_what_dead_loads_left(sandbox: Sandbox, log: Path, tmp_path: Path) -> None:
    data = '"columns": {}, "x-normalizer": {"seen-data": true}'
    schema = f'{{"tables": {{"orders": {{{data}}}, "orders__items": {{"parent": "orders", {data}}}}}}}'
    columns = "load_id STRING, schema_name STRING, status BIGINT"
    version = "schema_name STRING, version_hash STRING, `schema` STRING, inserted_at TIMESTAMP"
    with sql.connect(**sandbox.connection.connect_arguments) as connection, connection.cursor() as cursor:
        for statement in (
            "CREATE SCHEMA main.left_over",
            f"CREATE TABLE main.left_over._dlt_loads ({columns})",
            "INSERT INTO main.left_over._dlt_loads VALUES ('1.5', 's_1', 0)",
            f"CREATE TABLE main.left_over._dlt_version ({version})",
            f"INSERT INTO main.left_over._dlt_version VALUES ('s_1', 'x', '{schema}', current_timestamp())",
            "CREATE TABLE main.left_over.orders (id DECIMAL(10,2), _dlt_load_id STRING, _dlt_id STRING)",
            "INSERT INTO main.left_over.orders VALUES (1, '1.5', 'a'), (2, '2.5', 'b'), (3, '2.5', 'c')",
            "CREATE TABLE main.left_over.orders__items (_dlt_parent_id STRING, _dlt_id STRING)",
            "INSERT INTO main.left_over.orders__items VALUES ('a', '1'), ('b', '2'), ('b', '3'), ('z', '4')",
            "CREATE SCHEMA main.left_over_staging",
            "CREATE TABLE main.left_over_staging.gone (id INT)",
            "CREATE TABLE main.left_over_staging.orders (id INT)",
        ):
            cursor.execute(statement)
    destination = destination_of(sandbox, tmp_path)
    asked = [Wanted("s.1", "s_1", "s_1", destination, "left_over", closely=True)]
    before = statements(log)
    found = read_locations(asked, root=tmp_path, pipelines_dir=tmp_path, secrets=secret_chain(tmp_path, {}))
    assert statements(log) - before <= 3
    seen = found["s.1"].observed
    assert seen is not None
    assert seen.remains == (
        Remains("orders", "2.5", 2),
        Remains("orders__items", "", 1),
        Remains("orders__items", "2.5", 2),
    )
    assert seen.leftovers == (Leftover("gone"),)
    assert seen.tables["orders"] == {"id": "decimal(10,2)", "_dlt_load_id": "string", "_dlt_id": "string"}


def test_files_of_dead_loads_wait_in_a_volume(sandbox: Sandbox, log: Path, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"12345")
    version = "schema_name STRING, version_hash STRING, `schema` STRING, inserted_at TIMESTAMP"
    known = '{"tables": {"_dlt_pipeline_state": {}, "%s": {}}}'
    volume = "/Volumes/main/waiting%s/_dlt_staging_load_volume/%s"
    arguments = sandbox.connection.connect_arguments | {"staging_allowed_local_path": str(tmp_path)}
    with sql.connect(**arguments) as connection, connection.cursor() as cursor:
        for statement in (
            "CREATE SCHEMA main.waiting",
            "CREATE SCHEMA main.waiting_staging",
            "CREATE VOLUME main.waiting._dlt_staging_load_volume",
            "CREATE VOLUME main.waiting_staging._dlt_staging_load_volume",
            f"CREATE TABLE main.waiting._dlt_version ({version})",
            *(
                f"INSERT INTO main.waiting._dlt_version VALUES ('s_{n}', 'x', '{known % table}', current_timestamp())"
                for n, table in enumerate(("orders", "theirs"), start=1)
            ),
            *(
                f"PUT '{file}' INTO '{volume % (staging, name)}'"
                for staging, name in (
                    ("", "1/orders.1.0.parquet"),
                    ("", "2/orders.2.0.parquet"),
                    ("", "3/theirs.1.0.parquet"),
                    ("", "4/nobodys.1.0.parquet"),
                    ("", "5/valid_dlt_pipeline_state.1.0.parquet"),
                    ("_staging", "6/orders.3.0.parquet"),
                )
            ),
        ):
            cursor.execute(statement)
    destination = destination_of(sandbox, tmp_path)
    asked = [Wanted(f"s.{n}", f"s_{n}", f"s_{n}", destination, "waiting", closely=True) for n in ("1", "2")]
    before = statements(log)
    found = read_locations(asked, root=tmp_path, pipelines_dir=tmp_path, secrets=secret_chain(tmp_path, {}))
    assert statements(log) - before <= 3 + 2 + 6
    seen = {n: each.observed for n, each in found.items()}
    place, staged = (f"{dataset}._dlt_staging_load_volume" for dataset in ("waiting", "waiting_staging"))
    nobodys = Leftover("nobodys", 1, place, volume=True, bytes=5)
    assert seen["s.1"] is not None
    assert seen["s.1"].leftovers == (
        nobodys,
        Leftover("orders", 2, place, volume=True, bytes=10),
        Leftover("orders", 1, staged, volume=True, bytes=5),
    )
    assert seen["s.2"] is not None
    assert seen["s.2"].leftovers == (nobodys, Leftover("theirs", 1, place, volume=True, bytes=5))
    # Who may not look into a volume reads all the rest.
    sandbox.faults.add(Fault(FaultKind.FAIL, matching="^LIST ", times=None))
    found = read_locations(asked, root=tmp_path, pipelines_dir=tmp_path, secrets=secret_chain(tmp_path, {}))
    assert found["s.1"].observed == replace(seen["s.1"], leftovers=())


def test_the_newest_completed_state_and_what_holds_rows(sandbox: Sandbox, tmp_path: Path) -> None:
    reader = DatabricksReader(
        destination_of(sandbox, tmp_path), root=tmp_path, secrets=secret_chain(tmp_path, {})
    )
    stored = reader.read_datasets(["RAW", "none"], pipelines={"s_3"}, with_schemas=True)
    assert list(stored) == ["RAW"]
    assert stored["RAW"].states == {"s_3": StoredState(state_text("s_3"), "3.5")}
    assert stored["RAW"].schemas["s_3"] == StoredSchema("hash 3", SCHEMA)
    assert stored["RAW"].filled == {"orders"}


def test_completed_loads(sandbox: Sandbox, tmp_path: Path) -> None:
    reader = DatabricksReader(
        destination_of(sandbox, tmp_path), root=tmp_path, secrets=secret_chain(tmp_path, {})
    )
    assert reader.completed_in("raw", "s_1", ["1.5", "1.7", "2.5", "it's"]) == {"1.5"}
    assert reader.completed_in("none", "s_1", ["1.5"]) == frozenset()


@pytest.fixture
def read(sandbox: Sandbox, tmp_path: Path) -> Changed:
    """Reads the catalog by a destination that is changed a little."""

    def changed(**fields: object) -> LocationState:
        destination = destination_of(sandbox, tmp_path).model_copy(update=fields)
        secrets = secret_chain(tmp_path, {})
        found = read_locations(wanted(destination, 1), root=tmp_path, pipelines_dir=tmp_path, secrets=secrets)
        return found["s.1"].destination

    return changed


def test_a_wrong_token(read: Changed, tmp_path: Path, sandbox: Sandbox) -> None:
    destination = destination_of(sandbox, tmp_path)
    (tmp_path / ".dlt" / "secrets.toml").write_text('[databridge.secrets]\nsandbox_token = "dapi-wrong"\n')
    found = read_locations(
        wanted(destination, 1), root=tmp_path, pipelines_dir=tmp_path, secrets=secret_chain(tmp_path, {})
    )["s.1"].destination
    assert found.status is LocationStatus.UNKNOWN
    assert found.detail == "it refuses the credentials, or does not let them read here"
    assert "dapi-wrong" not in repr(found)


def test_a_missing_secret_names_the_places(sandbox: Sandbox, tmp_path: Path) -> None:
    destination = destination_of(sandbox, tmp_path)
    found = read_locations(wanted(destination, 1), root=tmp_path, pipelines_dir=tmp_path, secrets=NO_SECRETS)[
        "s.1"
    ].destination
    assert found.status is LocationStatus.UNKNOWN
    assert "sandbox_token" in found.detail


def test_a_missing_catalog(read: Changed) -> None:
    found = read(catalog="elsewhere")
    assert found.status is LocationStatus.UNKNOWN
    assert "elsewhere" in found.detail


def test_nobody_listens(read: Changed) -> None:
    found = read(port=9)
    assert found.status is LocationStatus.UNKNOWN
    assert found.detail.startswith("it can't be reached")


def test_a_failure_in_the_middle_is_no_state(read: Changed, sandbox: Sandbox) -> None:
    sandbox.faults.add(
        Fault(
            FaultKind.FAIL, matching="_dlt_pipeline_state", message="[PERMISSION_DENIED] No. SQLSTATE: 42501"
        )
    )
    found = read()
    assert (found.status, found.state) == (LocationStatus.UNKNOWN, None)
    assert "[PERMISSION_DENIED] No." in found.detail


def test_what_is_no_answer_is_raised_as_such(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.faults.add(Fault(FaultKind.FAIL, matching="information_schema"))
    reader = DatabricksReader(
        destination_of(sandbox, tmp_path), root=tmp_path, secrets=secret_chain(tmp_path, {})
    )
    with pytest.raises(PlaceUnreadable, match="INTERNAL_ERROR"):
        reader.read_datasets(["raw"], pipelines=None, with_schemas=False)

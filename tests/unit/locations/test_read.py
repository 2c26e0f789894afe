"""Reading many pipelines in many places, some of them out of order."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from databridge.locations.read import Wanted, completed_loads, list_states, read_locations
from databridge.model.destination import Destination, DuckDbDestination, FilesystemDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import LocationKind, LocationStatus
from databridge.model.storage import StorageCredentials
from tests.support.secrets import NO_SECRETS
from tests.support.servers import free_port
from tests.unit.locations.places import add_loads, add_schemas, add_states, make_dataset, state_text

WAREHOUSE = DuckDbDestination(type="duckdb", path="data/w.duckdb")
LAKE = FilesystemDestination(type="filesystem", bucket_url="file://data/lake")
SCHEMA = json.dumps(
    {"tables": {"orders": {"resource": "ORDERS", "columns": {"id": {"data_type": "bigint"}}}}}
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "w.duckdb"
    make_dataset(file, "raw")
    add_states(file, "raw", [("s_a", "1.5", state_text("s_a", 3)), ("s_b", "2.5", state_text("s_b", 4))])
    add_loads(file, "raw", [("1.5", "s_a", 0), ("2.5", "s_b", 0)])
    add_schemas(file, "raw", [("2024-01-01", f"s_{x}", f"schema_{x}", SCHEMA) for x in "ab"])
    states = tmp_path / "data" / "lake" / "raw" / "_dlt_pipeline_state"
    states.mkdir(parents=True)
    (states / "s_c__3.5__00.jsonl").write_text(json.dumps({"state": state_text("s_c", 5)}))
    (states.parent / "_dlt_loads").mkdir()
    (states.parent / "_dlt_loads" / "s_c__3.5.jsonl").touch()
    (tmp_path / "pipelines" / "s_a").mkdir(parents=True)
    (tmp_path / "pipelines" / "s_a" / "state.json").write_text(state_text("s_a", 9))
    return tmp_path


def wanted(name: str, destination: Destination, *, dataset: str = "raw", with_tables: bool = False) -> Wanted:
    return Wanted(f"s.{name}", f"s_{name}", f"s_{name}", destination, dataset, with_tables)


def test_each_pipeline_in_its_place(project: Path) -> None:
    asked = [
        wanted("a", WAREHOUSE, with_tables=True),
        wanted("b", WAREHOUSE),
        wanted("c", LAKE),
        wanted("d", LAKE),
    ]
    found = read_locations(asked, root=project, pipelines_dir=project / "pipelines", secrets=NO_SECRETS)
    assert list(found) == ["s.a", "s.b", "s.c", "s.d"]
    a, b, c, d = found.values()
    assert (a.local.title, a.destination.title) == ("local", "duckdb data/w.duckdb")
    assert (a.destination.kind, c.destination.kind) == (LocationKind.DUCKDB, LocationKind.FILESYSTEM)
    versions = [
        (p.destination.state.version, p.destination.state.load_id) for p in (a, b, c) if p.destination.state
    ]
    assert versions == [(3, "1.5"), (4, "2.5"), (5, "3.5")]
    assert a.local.state is not None
    assert (a.local.state.version, b.local.status) == (9, LocationStatus.MISSING)
    assert a.destination.state is not None
    assert (a.destination.state.schema_hash, list(a.destination.state.tables)) == ("schema_a", ["orders"])
    assert b.destination.state is not None
    assert (b.destination.state.schema_hash, b.destination.state.tables) == ("schema_b", {})
    assert (d.destination.status, d.destination.detail) == (
        LocationStatus.MISSING,
        "dataset raw holds no state of s_d",
    )


def test_a_file_is_opened_once_however_it_is_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    real = duckdb.connect

    def connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        opened.append(path)
        return real(path, read_only=read_only)

    monkeypatch.setattr(duckdb, "connect", connect)
    same = WAREHOUSE.model_copy(update={"path": "./data/../data/w.duckdb"})
    asked = [wanted("a", WAREHOUSE), wanted("b", same), wanted("e", WAREHOUSE, dataset="other")]
    found = read_locations(asked, root=project, pipelines_dir=project, secrets=NO_SECRETS)
    assert [p.destination.status.value for p in found.values()] == ["found", "found", "missing"]
    assert found["s.e"].destination.detail == "there is no dataset other"
    assert len(opened) == 1


def test_without_refresh_no_destination_is_touched(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb, "connect", lambda *_, **__: pytest.fail("opened"))
    asked = [wanted("a", WAREHOUSE), wanted("c", LAKE)]
    found = read_locations(
        asked, root=project, pipelines_dir=project / "pipelines", secrets=NO_SECRETS, refresh=False
    )
    assert [p.destination.status for p in found.values()] == [LocationStatus.SKIPPED] * 2
    assert found["s.a"].local.status is LocationStatus.FOUND


def test_one_bad_place_spoils_no_other(project: Path) -> None:
    (project / "bad.duckdb").write_text("not a database at all")
    bad = DuckDbDestination(type="duckdb", path="bad.duckdb")
    gone = FilesystemDestination(
        type="filesystem",
        bucket_url="s3://bucket",
        endpoint=f"http://127.0.0.1:{free_port()}",
        credentials=StorageCredentials(aws_access_key_id="key", aws_secret_access_key="made-up"),
    )
    asked = [wanted("a", WAREHOUSE), wanted("x", bad), wanted("y", gone)]
    found = read_locations(asked, root=project, pipelines_dir=project, secrets=NO_SECRETS)
    assert found["s.a"].destination.status is LocationStatus.FOUND
    assert found["s.x"].destination.status is LocationStatus.UNKNOWN
    assert found["s.x"].destination.detail == "it is not a DuckDB database"
    assert found["s.y"].destination.status is LocationStatus.UNKNOWN
    assert found["s.y"].destination.detail.startswith("it can't be reached")


def test_one_bad_state_spoils_no_other(project: Path) -> None:
    file = project / "data" / "w.duckdb"
    add_states(file, "raw", [("s_a", "8.5", state_text("s_a", _state_engine_version=5))])
    add_loads(file, "raw", [("8.5", "s_a", 0)])
    found = read_locations(
        [wanted("a", WAREHOUSE), wanted("b", WAREHOUSE)],
        root=project,
        pipelines_dir=project,
        secrets=NO_SECRETS,
    )
    assert found["s.a"].destination.status is LocationStatus.UNKNOWN
    assert "s_a can't be read: its engine version is 5" in found["s.a"].destination.detail
    assert found["s.b"].destination.status is LocationStatus.FOUND


@pytest.mark.parametrize(("destination", "names"), [(WAREHOUSE, ["s_a", "s_b"]), (LAKE, ["s_c"])])
def test_all_states_of_a_dataset(project: Path, destination: Destination, names: list[str]) -> None:
    assert [
        state.pipeline_name for state in list_states(destination, "raw", root=project, secrets=NO_SECRETS)
    ] == names
    assert list_states(destination, "none", root=project, secrets=NO_SECRETS) == ()


def test_states_are_sorted_and_read_by_the_name_of_their_schema(project: Path) -> None:
    file = project / "data" / "w.duckdb"
    sources: object = {"own": {"resources": {"ORDERS": {}}}}
    names = ["z", "foreign", "y", "s_0", "x"]
    add_states(
        file, "raw", [(n, "7.5", state_text(n, default_schema_name="own", sources=sources)) for n in names]
    )
    add_loads(file, "raw", [("7.5", "own", 0)])
    found = list_states(WAREHOUSE, "raw", root=project, secrets=NO_SECRETS)
    assert [state.pipeline_name for state in found] == sorted([*names, "s_a", "s_b"])
    assert list(found[0].resources) == ["ORDERS"]


def test_a_list_that_would_not_be_whole_is_refused(project: Path) -> None:
    file = project / "data" / "w.duckdb"
    add_states(file, "raw", [("s_x", "8.5", "{")])
    add_loads(file, "raw", [("8.5", "s_x", 0)])
    with pytest.raises(DatabridgeError, match=r"DB432 duckdb data/w\.duckdb can't be read") as caught:
        list_states(WAREHOUSE, "raw", root=project, secrets=NO_SECRETS)
    assert (
        caught.value.diagnostics[0].detail
        == "The state of s_x can't be read: it is neither JSON nor compressed JSON."
    )


def test_completed_loads_or_an_error(project: Path) -> None:
    assert completed_loads(WAREHOUSE, "raw", "s_a", ["1.5", "2.5"], root=project, secrets=NO_SECRETS) == {
        "1.5"
    }
    assert completed_loads(LAKE, "raw", "s_c", iter(["3.5", "4.5"]), root=project, secrets=NO_SECRETS) == {
        "3.5"
    }
    with duckdb.connect(project / "data" / "w.duckdb") as connection:
        connection.execute("ALTER TABLE raw._dlt_loads DROP COLUMN status")
    with pytest.raises(DatabridgeError, match="DB432"):
        completed_loads(WAREHOUSE, "raw", "s_a", ["1.5"], root=project, secrets=NO_SECRETS)


def test_reading_loads_no_heavy_module(project: Path) -> None:
    code = (
        "import sys; from pathlib import Path; root = Path(sys.argv[1]); from databridge.locations.read import Wanted, read_locations;"
        "from databridge.model.destination import FilesystemDestination as F; from databridge.secrets.chain import SecretsChain;"
        "w = Wanted('s.c', 's_c', 's_c', F(type='filesystem', bucket_url='data/lake'), 'raw');"
        "r = read_locations([w], root=root, pipelines_dir=root, secrets=SecretsChain());"
        "print(r['s.c'].destination.status, {'dlt', 'duckdb', 'fsspec', 'pandas', 'pyarrow', 'numpy'} & set(sys.modules))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code, str(project)], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "found set()"

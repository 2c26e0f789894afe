"""What we read without dlt equals what dlt itself reads, of states that dlt itself wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import dlt
import duckdb
import pytest
from dlt.common.destination.client import WithStateSync
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.pipeline import get_dlt_pipelines_dir
from dlt.common.versioned_state import decompress_state, json_decode_state, json_encode_state
from dlt.pipeline.state_sync import load_pipeline_state_from_destination
from dlt.sources.filesystem import filesystem

from databridge.locations.decode import decode_state
from databridge.locations.landing import landing_files
from databridge.locations.read import Wanted, completed_loads, list_states, read_locations
from databridge.model.destination import Destination, DuckDbDestination, FilesystemDestination
from databridge.model.marker import MARKER_KEY, MarkedResource, Marker, Owner
from databridge.model.recorded import DltState, LocationStatus, PendingPackage, RecordedPipeline
from tests.support.secrets import NO_SECRETS

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

WAREHOUSE = DuckDbDestination(type="duckdb", path="data/w.duckdb")
LAKE = FilesystemDestination(type="filesystem", bucket_url="file://data/lake")
DESTINATIONS = pytest.mark.parametrize("destination", [WAREHOUSE, LAKE], ids=["duckdb", "filesystem"])
CURSORS: dict[str, list[Any]] = {
    "INT": [1, 2**53 + 1],
    "FLOAT": [0.5, 1.25],
    "DECIMAL": [Decimal("1.10"), Decimal("99999999999999999999.123456789")],
    "AWARE": [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 5, 31, 8, 15, 0, 123456, tzinfo=UTC)],
    "ZONED": [datetime(2024, 5, 31, 8, 15, tzinfo=timezone(timedelta(hours=2)))],
    "NAIVE": [datetime(2024, 1, 1), datetime(2024, 5, 31, 8, 15)],  # noqa: DTZ001 - naive on purpose
    "DATE": [date(2024, 1, 1), date(2024, 5, 31)],
    "TIME": [time(8), time(23, 59, 59, 5)],
    "TEXT": ["a", "z"],
    "Ünïcödé 東京": ["žluťoučký", "東京"],
}


@dataclass(frozen=True)
class Project:
    """A project's folder, and dlt pipelines in it."""

    root: Path

    @property
    def pipelines_dir(self) -> Path:
        return self.root / "pipelines"

    def pipeline(self, name: str, destination: Destination = WAREHOUSE, dataset: str = "raw") -> dlt.Pipeline:
        target = (
            dlt.destinations.duckdb(str(self.root / destination.path))
            if isinstance(destination, DuckDbDestination)
            else dlt.destinations.filesystem((self.root / "data" / "lake").as_uri())
        )
        return dlt.pipeline(
            name, pipelines_dir=str(self.pipelines_dir), destination=target, dataset_name=dataset
        )

    def read(
        self, *names: str, destination: Destination = WAREHOUSE, dataset: str = "raw"
    ) -> list[RecordedPipeline]:
        wanted = [Wanted(f"s.{name}", name, name, destination, dataset, with_tables=True) for name in names]
        return list(
            read_locations(
                wanted, root=self.root, pipelines_dir=self.pipelines_dir, secrets=NO_SECRETS
            ).values()
        )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    (tmp_path / "data").mkdir()
    assert Path(get_dlt_pipelines_dir()) != tmp_path / "pipelines"
    return Project(tmp_path)


def source(
    name: str, cursors: dict[str, list[Any]] = CURSORS, marker: Marker | None = None
) -> dlt.sources.DltSource:
    """A resource per cursor type, the cursor in the column `at` and in a nested one."""

    @dlt.source(name=name)
    def of_all_types() -> Iterator[dlt.sources.DltResource]:
        for resource, values in cursors.items():
            yield resource_of(resource, values)

    def resource_of(resource: str, values: list[Any]) -> dlt.sources.DltResource:
        cursor: Any = dlt.sources.incremental("$.meta.at", initial_value=values[0])

        @dlt.resource(name=resource, primary_key="id", write_disposition="merge")
        def rows(at: Any = cursor) -> Iterator[Any]:
            dlt.current.resource_state()["databridge_files"] = {
                f"{resource}/a.csv": [3, "2024-05-31T08:15:00.000000+00:00"]
            }
            if marker is not None:
                dlt.current.source_state(MARKER_KEY).update(marker.model_dump(mode="json"))
            yield [{"id": i, "meta": {"at": value}, "kids": [{"x": i}]} for i, value in enumerate(values)]

        return rows

    return of_all_types()


def marker_of(pipeline: str) -> Marker:
    return Marker(
        owner=Owner(project="demo", target="dev", stack="s", pipeline=pipeline),
        spec={"dataset": "raw", "source": {"type": "sqlite", "path": "é.db"}},
        resources={"INT": MarkedResource(spec={"mode": "merge", "primary_key": ["id"]})},
    )


def dlt_remote(pipeline: dlt.Pipeline) -> Any:
    """The destination's state, as dlt would restore it."""
    with pipeline.destination_client() as client:
        try:
            return load_pipeline_state_from_destination(pipeline.pipeline_name, cast(WithStateSync, client))
        except DestinationUndefinedEntity:
            return None


def exactly(value: object) -> tuple[object, type, str]:
    """A value with what `==` overlooks: 1 is not 1.0, and 8:15+02:00 is not 6:15+00:00."""
    return value, type(value), str(value)


def assert_equal(ours: DltState | None, theirs: Any, schema_name: str) -> None:
    assert ours is not None
    assert (ours.pipeline_name, ours.version) == (theirs["pipeline_name"], theirs["_state_version"])
    assert (ours.version_hash, ours.engine_version) == (
        theirs["_version_hash"],
        theirs["_state_engine_version"],
    )
    assert ours.dataset == theirs["dataset_name"]
    resources = theirs["sources"].get(schema_name, {}).get("resources", {})
    assert list(ours.resources) == list(resources)
    for name, resource in resources.items():
        found = [
            (c.path, exactly(c.last_value), exactly(c.initial_value)) for c in ours.resources[name].cursors
        ]
        assert found == [
            (path, exactly(cursor["last_value"]), exactly(cursor["initial_value"]))
            for path, cursor in resource.get("incremental", {}).items()
        ]
        assert {k: [m.size, m.modified] for k, m in ours.resources[name].files.items()} == resource.get(
            "databridge_files", {}
        )
    stored = theirs["sources"].get(MARKER_KEY)
    assert (ours.marker and ours.marker.model_dump(mode="json")) == stored


@DESTINATIONS
def test_every_type_of_cursor_in_every_location(project: Project, destination: Destination) -> None:
    pipeline = project.pipeline("s_sales", destination)
    info = pipeline.run(source("s_sales", marker=marker_of("sales")))
    (found,) = project.read("s_sales", destination=destination)
    assert found.pending == ()
    assert_equal(found.local.state, pipeline.state, "s_sales")
    assert_equal(found.destination.state, dlt_remote(pipeline), "s_sales")
    assert found.destination.state is not None
    assert found.destination.state.load_id == info.loads_ids[-1]
    assert found.destination.newest_load == found.local.newest_load == info.loads_ids[-1]
    assert [len(found.destination.state.resources[name].cursors) for name in CURSORS] == [1] * len(CURSORS)
    assert found.destination.state.marker == marker_of("sales")
    for state in (found.local.state, found.destination.state):
        assert state is not None
        assert state.schema_hash == pipeline.default_schema.version_hash
        tables = {t["name"]: t for t in pipeline.default_schema.data_tables() if "parent" not in t}
        assert tables.keys() == state.tables.keys()
        for name, table in tables.items():
            ours = state.tables[str(name)]
            assert (ours.resource, ours.write_disposition) == (table["resource"], table["write_disposition"])
            assert ours.primary_key == ("id",)
            assert ours.columns == {c: hints["data_type"] for c, hints in table["columns"].items()}


def stored_text(project: Project) -> str:
    with duckdb.connect(project.root / "data" / "w.duckdb") as connection:
        ((text,),) = connection.execute("SELECT state FROM raw._dlt_pipeline_state").fetchall()
    return str(text)


def test_whole_documents_decode_alike(project: Project) -> None:
    pipeline = project.pipeline("s_sales")
    pipeline.run(source("s_sales"))
    text = stored_text(project)
    plain = json_encode_state(decompress_state(text))  # type: ignore[arg-type]  # dlt's own two types differ
    assert decode_state(text) == decompress_state(text)
    assert decode_state(plain) == json_decode_state(plain)
    assert decode_state((project.pipelines_dir / "s_sales" / "state.json").read_text()) == pipeline.state


def test_a_row_of_the_legacy_form(project: Project) -> None:
    pipeline = project.pipeline("s_sales")
    pipeline.run(source("s_sales", {name: CURSORS[name] for name in ("INT", "FLOAT", "TEXT")}))
    plain = json_encode_state(decompress_state(stored_text(project)))  # type: ignore[arg-type]  # as above
    assert plain.isascii()  # dlt 1.31 reads no others
    with duckdb.connect(project.root / "data" / "w.duckdb") as connection:
        connection.execute("UPDATE raw._dlt_pipeline_state SET state = ?", [plain])
    (found,) = project.read("s_sales")
    assert_equal(found.destination.state, dlt_remote(pipeline), "s_sales")


@DESTINATIONS
def test_pipelines_that_share_a_dataset(project: Project, destination: Destination) -> None:
    names = ["s_a", "s_b", "s_b__c"]
    for number, name in enumerate(names):
        for step in (1, 2):
            project.pipeline(name, destination).run(source(name, {f"R{number}": [number, number + step]}))
    for name, found in zip(names, project.read(*names, destination=destination), strict=True):
        assert_equal(found.destination.state, dlt_remote(project.pipeline(name, destination)), name)
        assert found.destination.state is not None
        assert found.local.state is not None
        assert found.destination.state.version_hash == found.local.state.version_hash


def test_a_state_whose_load_was_not_completed_is_not_seen(project: Project) -> None:
    pipeline = project.pipeline("s_a")
    for step in (1, 2):
        last = pipeline.run(source("s_a", {"R": [0, step]})).loads_ids[-1]
    with duckdb.connect(project.root / "data" / "w.duckdb") as connection:
        connection.execute("DELETE FROM raw._dlt_loads WHERE load_id = ?", [last])
    (found,) = project.read("s_a")
    assert_equal(found.destination.state, dlt_remote(pipeline), "s_a")
    assert found.destination.state is not None
    assert found.destination.state.resources["R"].cursors[0].last_value == 1


@DESTINATIONS
def test_nothing_there(project: Project, destination: Destination) -> None:
    project.pipeline("s_a", destination).run(source("s_a", {"R": [0, 1]}))
    other, elsewhere = project.pipeline("s_x", destination), project.pipeline("s_a", destination, "other")
    (found,) = project.read("s_x", destination=destination)
    assert (found.destination.status, dlt_remote(other)) == (LocationStatus.MISSING, None)
    (found,) = project.read("s_a", destination=destination, dataset="other")
    assert (found.destination.status, dlt_remote(elsewhere)) == (LocationStatus.MISSING, None)
    assert sorted(p.name for p in (project.root / "data").iterdir()) == [
        "w.duckdb" if destination is WAREHOUSE else "lake"
    ]


@DESTINATIONS
def test_all_states_of_a_dataset_with_their_markers(project: Project, destination: Destination) -> None:
    for name in ("s_b", "s_a"):
        project.pipeline(name, destination).run(source(name, {"INT": [0, 1]}, marker_of(name)))
    project.pipeline("foreign", destination).run(source("foreign", {"R": [0, 1]}))
    states = list_states(destination, "raw", root=project.root, secrets=NO_SECRETS)
    assert [(s.pipeline_name, s.marker) for s in states] == [
        ("foreign", None),
        ("s_a", marker_of("s_a")),
        ("s_b", marker_of("s_b")),
    ]
    assert [list(s.resources) for s in states] == [["R"], ["INT"], ["INT"]]


@DESTINATIONS
def test_completed_loads(project: Project, destination: Destination) -> None:
    pipeline = project.pipeline("s_a", destination)
    ids = [i for step in (1, 2) for i in pipeline.run(source("s_a", {"R": [0, step]})).loads_ids]
    pipeline.extract(source("s_a", {"R": [0, 3]}))
    waiting = pipeline.list_extracted_load_packages()
    found: object = completed_loads(
        destination, "raw", "s_a", [*ids, *waiting, "0"], root=project.root, secrets=NO_SECRETS
    )
    assert len(ids) == 2
    assert found == set(ids)
    assert (
        completed_loads(destination, "raw", "other", ids, root=project.root, secrets=NO_SECRETS)
        == frozenset()
    )
    assert (
        completed_loads(destination, "none", "s_a", ids, root=project.root, secrets=NO_SECRETS) == frozenset()
    )


def pending_of(pipeline: dlt.Pipeline) -> list[str]:
    return [*pipeline.list_normalized_load_packages(), *pipeline.list_extracted_load_packages()]


def test_packages_that_wait(project: Project) -> None:
    pipeline = project.pipeline("s_a")
    pipeline.extract(source("s_a", {"R": [0, 1]}))
    (found,) = project.read("s_a")
    assert found.pending == tuple(PendingPackage(i, "extracted") for i in pending_of(pipeline))
    assert_equal(found.local.state, pipeline.state, "s_a")
    pipeline.normalize()
    pipeline.extract(source("s_a", {"R": [0, 2]}))
    (found,) = project.read("s_a")
    assert [p.load_id for p in found.pending] == pending_of(pipeline)
    assert [p.stage for p in found.pending] == ["normalized", "extracted"]
    assert_equal(found.local.state, pipeline.state, "s_a")
    assert found.destination.status is LocationStatus.MISSING
    pipeline.normalize()
    pipeline.load()
    (found,) = project.read("s_a")
    assert (found.pending, pending_of(pipeline)) == ((), [])


KILLED = """
import os, sys
import dlt
from dlt.destinations.impl.duckdb.duck import DuckDbClient

def die(*args, **kwargs):
    os._exit(9)

step = sys.argv[1]
if step == "tables":
    DuckDbClient.create_load_job = die
elif step == "committed":
    DuckDbClient.complete_load = lambda self, load_id, real=DuckDbClient.complete_load: (real(self, load_id), die())
pipeline = dlt.pipeline(
    "s_a", pipelines_dir="pipelines", destination=dlt.destinations.duckdb("data/w.duckdb"), dataset_name="raw"
)
pipeline.run([{"id": 1}], table_name="r")
"""


@pytest.mark.parametrize(("step", "complete"), [("tables", False), ("committed", True)])
def test_a_load_that_was_killed(project: Project, step: str, complete: bool) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, step], env=os.environ, check=False, capture_output=True
    )
    assert killed.returncode == 9, killed.stderr.decode()
    (found,) = project.read("s_a")
    pipeline = project.pipeline("s_a")
    assert [(p.load_id, p.stage) for p in found.pending] == [(i, "loading") for i in pending_of(pipeline)]
    (load_id,) = pending_of(pipeline)
    assert completed_loads(WAREHOUSE, "raw", "s_a", [load_id], root=project.root, secrets=NO_SECRETS) == (
        {load_id} if complete else set()
    )
    assert (found.destination.status is LocationStatus.FOUND) == complete


GLOBS = [
    "*",
    "*.csv",
    "**",
    "**/*.csv",
    "a/*",
    "a/**",
    "a/b/c.csv",
    "?/*.csv",
    "[ab]/*",
    "a/[!b]*",
    "**/b/*",
    "./a//*.csv",
]
GLOBS += ["a*/**/*", ".h/*", "**/.h/*", "none*", "a/b", "a/**/", "**/c.*", "ü*", "a/[[]x].csv"]


@pytest.mark.parametrize("glob", GLOBS)
def test_a_glob_means_the_files_that_dlt_lists(project: Project, glob: str) -> None:
    bucket = project.root / "data" / "landing"
    names = [
        "1.csv",
        "2.txt",
        "ü.csv",
        ".x.csv",
        ".h/3.csv",
        "a/4.csv",
        "a/[x].csv",
        "a/b/c.csv",
        "a/b/d e.txt",
        "a/.h/5.csv",
    ]
    for number, name in enumerate([*names, "ab/b/6.csv"]):
        file = bucket / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x" * number)
        os.utime(file, ns=(0, 1_716_000_000_123_456_789 + number * 987_654_321_987))
    (bucket / "link").symlink_to(bucket / "a")
    items = [
        item
        for item in filesystem(bucket.as_uri(), file_glob=glob)
        if (bucket / item["relative_path"]).is_file()
    ]
    theirs = {
        item["relative_path"]: (
            item["size_in_bytes"],
            item["modification_date"].astimezone(UTC).isoformat(timespec="microseconds"),
        )
        for item in items
    }
    ours = {key: (mark.size, mark.modified) for key, mark in landing_files(str(bucket), glob)}
    assert len(ours) == len(theirs)
    assert sorted(ours.values()) == sorted(theirs.values())
    assert all(any(path.endswith(key) for path in theirs) for key in ours)

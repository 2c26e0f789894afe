"""What we read of states without dlt equals what dlt itself reads, of states that dlt itself wrote."""

from __future__ import annotations

import duckdb
import pytest
from dlt.common.versioned_state import decompress_state, json_decode_state, json_encode_state

from databridge.locations.decode import decode_state
from databridge.locations.read import list_states
from databridge.model.destination import Destination
from databridge.model.recorded import LocationStatus
from tests.support.dltproject import (
    CURSORS,
    DESTINATIONS,
    WAREHOUSE,
    DltProject,
    assert_equal,
    dlt_remote,
    marker_of,
    source,
)
from tests.support.secrets import NO_SECRETS

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


@DESTINATIONS
def test_every_type_of_cursor_in_every_location(dlt_project: DltProject, destination: Destination) -> None:
    pipeline = dlt_project.pipeline("s_sales", destination)
    info = pipeline.run(source("s_sales", marker=marker_of("sales")))
    (found,) = dlt_project.read("s_sales", destination=destination)
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


def stored_text(dlt_project: DltProject) -> str:
    with duckdb.connect(dlt_project.root / "data" / "w.duckdb") as connection:
        ((text,),) = connection.execute("SELECT state FROM raw._dlt_pipeline_state").fetchall()
    return str(text)


def test_whole_documents_decode_alike(dlt_project: DltProject) -> None:
    pipeline = dlt_project.pipeline("s_sales")
    pipeline.run(source("s_sales"))
    text = stored_text(dlt_project)
    plain = json_encode_state(decompress_state(text))  # type: ignore[arg-type]  # dlt's own two types differ
    assert decode_state(text) == decompress_state(text)
    assert decode_state(plain) == json_decode_state(plain)
    assert decode_state((dlt_project.pipelines_dir / "s_sales" / "state.json").read_text()) == pipeline.state


def test_a_row_of_the_legacy_form(dlt_project: DltProject) -> None:
    pipeline = dlt_project.pipeline("s_sales")
    pipeline.run(source("s_sales", {name: CURSORS[name] for name in ("INT", "FLOAT", "TEXT")}))
    plain = json_encode_state(decompress_state(stored_text(dlt_project)))  # type: ignore[arg-type]  # as above
    assert plain.isascii()  # dlt 1.31 reads no others
    with duckdb.connect(dlt_project.root / "data" / "w.duckdb") as connection:
        connection.execute("UPDATE raw._dlt_pipeline_state SET state = ?", [plain])
    (found,) = dlt_project.read("s_sales")
    assert_equal(found.destination.state, dlt_remote(pipeline), "s_sales")


@DESTINATIONS
def test_pipelines_that_share_a_dataset(dlt_project: DltProject, destination: Destination) -> None:
    names = ["s_a", "s_b", "s_b__c"]
    for number, name in enumerate(names):
        for step in (1, 2):
            dlt_project.pipeline(name, destination).run(source(name, {f"R{number}": [number, number + step]}))
    for name, found in zip(names, dlt_project.read(*names, destination=destination), strict=True):
        assert_equal(found.destination.state, dlt_remote(dlt_project.pipeline(name, destination)), name)
        assert found.destination.state is not None
        assert found.local.state is not None
        assert found.destination.state.version_hash == found.local.state.version_hash


def test_a_state_whose_load_was_not_completed_is_not_seen(dlt_project: DltProject) -> None:
    pipeline = dlt_project.pipeline("s_a")
    for step in (1, 2):
        last = pipeline.run(source("s_a", {"R": [0, step]})).loads_ids[-1]
    with duckdb.connect(dlt_project.root / "data" / "w.duckdb") as connection:
        connection.execute("DELETE FROM raw._dlt_loads WHERE load_id = ?", [last])
    (found,) = dlt_project.read("s_a")
    assert_equal(found.destination.state, dlt_remote(pipeline), "s_a")
    assert found.destination.state is not None
    assert found.destination.state.resources["R"].cursors[0].last_value == 1


@DESTINATIONS
def test_nothing_there(dlt_project: DltProject, destination: Destination) -> None:
    dlt_project.pipeline("s_a", destination).run(source("s_a", {"R": [0, 1]}))
    other, elsewhere = (
        dlt_project.pipeline("s_x", destination),
        dlt_project.pipeline("s_a", destination, "other"),
    )
    (found,) = dlt_project.read("s_x", destination=destination)
    assert (found.destination.status, dlt_remote(other)) == (LocationStatus.MISSING, None)
    (found,) = dlt_project.read("s_a", destination=destination, dataset="other")
    assert (found.destination.status, dlt_remote(elsewhere)) == (LocationStatus.MISSING, None)
    assert sorted(p.name for p in (dlt_project.root / "data").iterdir()) == [
        "w.duckdb" if destination is WAREHOUSE else "lake"
    ]


@DESTINATIONS
def test_all_states_of_a_dataset_with_their_markers(
    dlt_project: DltProject, destination: Destination
) -> None:
    for name in ("s_b", "s_a"):
        dlt_project.pipeline(name, destination).run(source(name, {"INT": [0, 1]}, marker_of(name)))
    dlt_project.pipeline("foreign", destination).run(source("foreign", {"R": [0, 1]}))
    states = list_states(destination, "raw", root=dlt_project.root, secrets=NO_SECRETS)
    assert [(s.pipeline_name, s.marker) for s in states] == [
        ("foreign", None),
        ("s_a", marker_of("s_a")),
        ("s_b", marker_of("s_b")),
    ]
    assert [list(s.resources) for s in states] == [["R"], ["INT"], ["INT"]]

"""dlt's own `databricks` destination, as it is installed, loads by volume; nothing of it is changed but its settings."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
import pytest
from dlt.destinations.adapters import databricks_adapter

from databridge.sandbox.fault import Fault, FaultKind
from databridge.sandbox.server import Sandbox
from tests.sandbox.places import Place
from tests.sandbox.shop import check_first_day, check_later, load, pipeline, select, shop

FIRST = [{"id": 1, "v": "a", "items": [{"x": 1}]}, {"id": 2, "v": "b", "items": [{"x": 2}]}]
SECOND = [{"id": 2, "v": "B", "items": [{"x": 22}, {"x": 23}]}, {"id": 3, "v": "c", "items": []}]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "CRITICAL")


@pytest.fixture
def into(place: Place, tmp_path: Path, request: pytest.FixtureRequest) -> dlt.Pipeline:
    """A pipeline to a dataset of the test's own."""
    name = "".join(c if c.isalnum() else "_" for c in request.node.name.lower())[5:45]
    return pipeline(f"{place.schema}_{name}", place.credentials, tmp_path / "pipelines")


@pytest.fixture(autouse=True)
def _dataset_is_dropped(place: Place, into: dlt.Pipeline) -> Any:
    yield
    place.run(f"DROP SCHEMA IF EXISTS {into.dataset_name} CASCADE")
    place.run(f"DROP SCHEMA IF EXISTS {into.dataset_name}_staging CASCADE")


def test_append_merge_and_replace_with_nested_tables(
    into: dlt.Pipeline, place: Place, tmp_path: Path
) -> None:
    load(into, shop(later=False))
    check_first_day(into)
    load(into, shop(later=True))
    check_later(into)
    shutil.rmtree(tmp_path / "pipelines")
    again = pipeline(into.pipeline_name, place.credentials, tmp_path / "pipelines")
    again.sync_destination()
    load(again, shop(later=True))
    check_later(again)


@pytest.mark.parametrize("strategy", ["delete-insert", "upsert", "insert-only"])
def test_each_way_to_merge(into: dlt.Pipeline, strategy: str) -> None:
    for data in (FIRST, SECOND):
        disposition = {"disposition": "merge", "strategy": strategy}
        load(into, data, table_name="t", write_disposition=disposition, primary_key="id")
    kept = "b" if strategy == "insert-only" else "B"
    assert select(into, "SELECT id, v FROM t ORDER BY id") == [(1, "a"), (2, kept), (3, "c")]
    # The first item of the second row has the key of one that is there.
    first = 2 if strategy == "insert-only" else 22
    assert select(into, "SELECT x FROM t__items ORDER BY x") == [(1,), (first,), (23,)]


def test_merging_keeps_history_with_scd2(into: dlt.Pipeline) -> None:
    for data in (FIRST, SECOND):
        flat = [{key: value for key, value in row.items() if key != "items"} for row in data]
        disposition = {"disposition": "merge", "strategy": "scd2"}
        load(into, flat, table_name="t", write_disposition=disposition)
    current = select(into, "SELECT id, v FROM t WHERE _dlt_valid_to IS NULL ORDER BY id")
    assert current == [(2, "B"), (3, "c")]
    assert select(into, "SELECT count(*) AS c FROM t") == [(4,)]


def test_rows_are_deleted_by_a_hint(into: dlt.Pipeline) -> None:
    hints: Any = {"gone": {"hard_delete": True, "data_type": "bool"}}
    for data in (
        [{"id": 1, "v": "a", "gone": False}, {"id": 2, "v": "b", "gone": False}],
        [{"id": 1, "v": None, "gone": True}],
    ):
        load(into, data, table_name="t", write_disposition="merge", primary_key="id", columns=hints)
    assert select(into, "SELECT id FROM t") == [(2,)]


@pytest.mark.parametrize("strategy", ["truncate-and-insert", "insert-from-staging", "staging-optimized"])
def test_each_way_to_replace(into: dlt.Pipeline, strategy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESTINATION__REPLACE_STRATEGY", strategy)
    for data in (FIRST, SECOND):
        load(into, data, table_name="t", write_disposition="replace")
    assert select(into, "SELECT id, v FROM t ORDER BY id") == [(2, "B"), (3, "c")]
    assert select(into, "SELECT x FROM t__items ORDER BY x") == [(22,), (23,)]


def test_jsonl_as_well(into: dlt.Pipeline) -> None:
    load(into, FIRST, table_name="t", loader_file_format="jsonl")
    assert select(into, "SELECT id, v FROM t ORDER BY id") == [(1, "a"), (2, "b")]


def test_what_the_adapter_asks_for_can_be_read_back(into: dlt.Pipeline, place: Place) -> None:
    resource = dlt.resource([{"id": 1, "day": date(2024, 1, 1)}], name="t")
    adapted = databricks_adapter(
        resource,
        cluster="AUTO",
        table_comment="it's a table",
        table_tags=["pii", {"env": "dev"}],
        table_properties={"delta.appendOnly": False},
        column_hints={"id": {"column_comment": "the key", "column_tags": ["k"]}},
    )
    load(into, adapted)
    name = f"{into.dataset_name}.t"
    described = {row[0]: row for row in place.run(f"DESCRIBE TABLE EXTENDED {name}")}
    assert described["id"][2] == "the key"
    assert described["Comment"][1] == "it's a table"
    assert ("delta.appendOnly", "false") in place.run(f"SHOW TBLPROPERTIES {name}")
    where = f"schema_name = '{into.dataset_name}' AND table_name = 't'"
    tags = place.run(
        f"SELECT tag_name, tag_value FROM information_schema.table_tags WHERE {where} ORDER BY 1"
    )
    assert tags == [("env", "dev"), ("pii", "")]
    columns = place.run(f"SELECT column_name, tag_name FROM information_schema.column_tags WHERE {where}")
    assert columns == [("id", "k")]


def test_keys_are_made_where_that_is_asked_for(place: Place, tmp_path: Path, into: dlt.Pipeline) -> None:
    keyed = pipeline(into.pipeline_name, place.credentials, tmp_path / "pipelines", create_indexes=True)
    load(keyed, [{"id": 1}], table_name="t", primary_key="id")
    query = "SELECT constraint_type FROM information_schema.table_constraints WHERE table_schema ="
    assert ("PRIMARY KEY",) in place.run(f"{query} '{into.dataset_name}' AND table_name = 't'")


def test_arrow_tables_arrive_whole(into: dlt.Pipeline) -> None:
    number = 200_000
    table = pa.table(
        {
            "id": pa.array(range(number), pa.int64()),
            "text": ["x" * 20] * number,
            "at": pa.array([datetime(2024, 1, 1, tzinfo=UTC)] * number),
        }
    )
    load(into, table, table_name="t")
    dataset = into.dataset()
    assert sum(chunk.num_rows for chunk in dataset["t"].iter_arrow(50_000)) == number
    assert select(into, "SELECT count(*) AS c, sum(id) AS s FROM t") == [(number, number * (number - 1) // 2)]


def test_tables_are_dropped_for_a_refresh(into: dlt.Pipeline) -> None:
    load(into, FIRST, table_name="t")
    load(into, SECOND, table_name="t", refresh="drop_sources")
    assert select(into, "SELECT id FROM t ORDER BY id") == [(2,), (3,)]
    with into.destination_client() as client:
        client.drop_storage()
        assert not client.is_storage_initialized()


@pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated:DeprecationWarning")  # dlt 1.31 calls it
def test_a_load_that_met_a_failure_ends_well_when_it_is_run_again(
    own_sandbox: Sandbox, tmp_path: Path
) -> None:
    own_sandbox.faults.add(Fault(FaultKind.FAIL, matching="^COPY INTO .*`t__items`"))
    broken = pipeline("met_a_failure", own_sandbox.connection.dlt_credentials, tmp_path / "broken")
    with pytest.raises(Exception, match="An injected fault"):
        load(broken, FIRST, table_name="t")
    load(broken, FIRST, table_name="t")
    assert select(broken, "SELECT DISTINCT id FROM t ORDER BY id") == [(1,), (2,)]


def test_a_service_principal_loads(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(sandbox.connection.ca_file))
    principal = pipeline("by_m2m", sandbox.connection.dlt_m2m_credentials, tmp_path / "m2m")
    load(principal, [{"id": 1}], table_name="t")
    assert select(principal, "SELECT id FROM t") == [(1,)]


def test_the_environment_is_enough(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox.connection.env.items():
        monkeypatch.setenv(name, value)
    found = dlt.pipeline(
        "by_env", destination="databricks", dataset_name="by_env", pipelines_dir=str(tmp_path / "env")
    )
    load(found, [{"id": 1}], table_name="t")
    assert select(found, "SELECT id FROM t") == [(1,)]

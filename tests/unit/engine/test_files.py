"""Each file is loaded once and whole, and what becomes of one that changed is as the stack says."""

from __future__ import annotations

import os
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import CsvOptions, FileResource, Mode, WriteDisposition
from databridge.model.source import FilesystemSource
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

VISITS = FileResource(name="visits", glob="visits/*")


def test_each_file_once(bench: Workbench) -> None:
    bench.landing("visits/1.csv", "id\n1\n")
    bench.landing("visits/.hidden.csv", "id\n99\n")
    assert bench.load(VISITS).rows == {"visits": 1}
    bench.landing("visits/0.csv", "id\n2\n3\n")
    assert bench.load(VISITS).rows == {"visits": 2}
    (bench.root / "landing/visits/1.csv").unlink()
    assert bench.load(VISITS).rows == {}
    assert bench.rows("visits", "id") == [(1,), (2,), (3,)]


@pytest.mark.parametrize("content", ["", "id\n"])
def test_a_file_without_rows_is_looked_at_once(bench: Workbench, content: str) -> None:
    bench.landing("visits/1.csv", content)
    assert bench.load(VISITS).load_ids
    assert not bench.load(VISITS).load_ids


@pytest.mark.parametrize("change", ["size", "time"])
def test_a_changed_file_stops_the_load(bench: Workbench, change: str) -> None:
    bench.landing("visits/1.csv", "id\n1\n", modified=1_700_000_000)
    bench.load(VISITS)
    bench.landing(
        "visits/1.csv",
        "id\n12\n" if change == "size" else "id\n2\n",
        modified=1_700_000_000 + (change == "time"),
    )
    bench.landing("visits/2.csv", "id\n3\n")
    with pytest.raises(DatabridgeError, match=r"1\.csv") as raised:
        bench.load(VISITS)
    assert raised.value.diagnostics[0].code == "DB524"
    assert bench.rows("visits", "id") == [(1,)]


def test_a_changed_file_is_loaded_on_top_where_that_is_wanted(bench: Workbench) -> None:
    again = VISITS.model_copy(update={"on_change": "append"})
    bench.landing("visits/1.csv", "id\n1\n", modified=1_700_000_000)
    bench.load(again)
    bench.landing("visits/1.csv", "id\n1\n2\n", modified=1_700_000_001)
    assert bench.load(again).rows == {"visits": 2}
    assert bench.load(again).rows == {}
    assert bench.rows("visits", "id") == [(1,), (1,), (2,)]


def test_a_file_that_can_not_be_read_holds_back_the_whole_load(bench: Workbench) -> None:
    bench.landing("visits/1.csv", "id\n1\n")
    bad = bench.landing("visits/2.csv", "id\n1,2\n")
    with pytest.raises(DatabridgeError, match=r"2\.csv"):
        bench.load(VISITS)
    assert bench.types("visits") == {} if (bench.root / "w.duckdb").exists() else True
    bad.write_text("id\n2\n")
    assert bench.load(VISITS).rows == {"visits": 2}
    assert bench.rows("visits", "id") == [(1,), (2,)]


def test_types_are_those_of_all_files_before(bench: Workbench) -> None:
    bench.landing("visits/1.csv", "id,note\n1,NA\n")
    bench.landing("visits/2.csv", "id,note\n2,0.5\n")
    csv = VISITS.model_copy(update={"csv": CsvOptions(null_values=("NA",))})
    bench.load(csv)
    assert bench.types("visits") == {"id": "BIGINT", "note": "DOUBLE"}
    bench.landing("visits/3.csv", "note,id\nNA,3\n")
    bench.landing("visits/4.csv", "id,note,new\n4,1,x\n")
    bench.load(csv)
    assert bench.rows("visits", "id", "note", "new") == [
        (1, None, None),
        (2, 0.5, None),
        (3, None, None),
        (4, 1.0, "x"),
    ]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_name_that_is_no_text_is_no_hindrance(bench: Workbench, ending: str) -> None:
    name = os.fsdecode(b"b\xff." + ending.encode())
    parquet = BytesIO()
    pq.write_table(pa.table({"id": [1]}), parquet)
    content = {"csv": b"id\n1\n", "jsonl": b'{"id": 1}\n', "parquet": parquet.getvalue()}[ending]
    file = bench.landing(f"visits/{name}", content, modified=1_700_000_000)
    assert bench.load(VISITS).rows == {"visits": 1}
    assert bench.load(VISITS).rows == {}
    os.utime(file, (0, 0))
    with pytest.raises(DatabridgeError) as raised:
        bench.load(VISITS)
    assert raised.value.diagnostics[0].summary.endswith(
        f"1 file of `visits` changed after it was loaded: b\\xff.{ending}"
    )


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "unknown"])
def test_a_name_that_is_no_text_can_be_told(bench: Workbench, ending: str) -> None:
    bench.landing("visits/" + os.fsdecode(b"b\xff." + ending.encode()), b'"\xff')
    with pytest.raises(DatabridgeError) as raised:
        bench.load(VISITS)
    told = raised.value.diagnostics[0]
    assert f"`b\\xff.{ending}`" in told.summary
    assert told.model_dump_json()


def test_two_names_that_read_the_same_are_refused(bench: Workbench) -> None:
    for name in (b"b\xff.csv", b"b\\xff.csv"):
        bench.landing("visits/" + os.fsdecode(name), "id\n1\n")
    with pytest.raises(DatabridgeError) as raised:
        bench.load(VISITS)
    assert raised.value.diagnostics[0].code == "DB522"
    assert "rename" in raised.value.diagnostics[0].detail


def test_a_file_that_a_glob_finds_by_two_ways_is_loaded_once(bench: Workbench) -> None:
    bench.landing("visits/a/1.csv", "id\n1\n")
    assert bench.load(VISITS.model_copy(update={"glob": "**/**/*.csv"})).rows == {"visits": 1}


@pytest.mark.parametrize("name", ["1.csv", "1.jsonl", "1.parquet"])
def test_a_column_that_bears_the_name_of_the_load_date_is_not_lost(bench: Workbench, name: str) -> None:
    parquet = BytesIO()
    pq.write_table(pa.table({"Load_Date": ["mine"]}), parquet)
    content = {
        "csv": b"Load_Date\nmine\n",
        "jsonl": b'{"Load_Date": "mine"}\n',
        "parquet": parquet.getvalue(),
    }
    bench.landing(f"visits/{name}", content[name.removeprefix("1.")])
    with pytest.raises(DatabridgeError) as raised:
        bench.load(VISITS.model_copy(update={"load_date": True}))
    assert raised.value.diagnostics[0].code == "DB525"
    bench.load(VISITS.model_copy(update={"load_date": False}))
    assert bench.rows("visits", "load_date") == [("mine",)]


def test_a_snapshot_takes_every_file_each_time(bench: Workbench) -> None:
    whole = VISITS.model_copy(update={"mode": Mode.SNAPSHOT, "write_disposition": WriteDisposition.REPLACE})
    bench.landing("visits/1.csv", "id\n1\n")
    bench.load(whole)
    bench.landing("visits/1.csv", "id\n1\n5\n")
    assert bench.load(whole).rows == {"visits": 2}
    assert bench.rows("visits", "id") == [(1,), (5,)]


def test_nested_rows_become_tables_of_their_own(bench: Workbench) -> None:
    events = FileResource(name="events", glob="*.jsonl")
    bench.landing("1.jsonl", '{"id": 1, "steps": [{"n": 1}, {"n": 2}], "who": {"name": "x"}}\n{"id": 2}\n')
    assert bench.load(events).rows == {"events": 2}
    assert bench.rows("events", "id", "who__name") == [(1, "x"), (2, None)]
    assert bench.rows("events__steps", "n") == [(1,), (2,)]


def test_a_missing_folder_is_told(bench: Workbench) -> None:
    with pytest.raises(DatabridgeError) as raised:
        bench.load(VISITS, source=FilesystemSource(type="filesystem", bucket_url="file://nowhere"))
    assert raised.value.diagnostics[0].code == "DB523"


def test_a_limited_load_takes_whole_files_and_the_next_takes_the_rest(bench: Workbench) -> None:
    for number in range(4):
        bench.landing(f"visits/{number}.csv", "id\n" + "".join(f"{number * 3 + i}\n" for i in range(3)))
    assert bench.load(VISITS, limit=4).rows == {"visits": 6}
    assert bench.load(VISITS).rows == {"visits": 6}
    assert bench.rows("visits", "id") == [(i,) for i in range(12)]

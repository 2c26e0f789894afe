"""What nobody settled is mended by the next load, also where the working folder is there and nothing waits in it."""

from __future__ import annotations

import json
import shutil

import pytest

from databridge.locations.local import read_local
from databridge.model.amendment import PutState
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Mode, TableResource
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

ORDERS = TableResource(name="orders", mode=Mode.INCREMENTAL, cursor_field="at")
CUSTOMERS = TableResource(name="customers", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")


def fill(bench: Workbench, moment: int) -> None:
    for table in ("orders", "customers"):
        bench.sqlite(f"CREATE TABLE IF NOT EXISTS {table} (id INTEGER, at INTEGER)")
        bench.sqlite(f"INSERT INTO {table} VALUES ({moment}, {moment})")


def test_rows_of_a_load_that_died_elsewhere_go(bench: Workbench) -> None:
    fill(bench, 1)
    (load_id,) = bench.load(ORDERS).load_ids
    bench.warehouse(f"INSERT INTO raw.orders VALUES (2, 2, '{float(load_id) + 1:.4f}')")
    bench.warehouse("INSERT INTO raw.orders VALUES (3, 3, 'by hand')")
    fill(bench, 2)
    bench.load(ORDERS)
    assert bench.rows("orders", "id") == [(1,), (2,), (3,)]


@pytest.mark.parametrize("loaded", [False, True], ids=["the first load", "a later one"])
def test_a_load_that_failed_leaves_no_state_in_the_working_folder(bench: Workbench, loaded: bool) -> None:
    fill(bench, 1)
    if loaded:
        bench.load(ORDERS)
    bench.sqlite("INSERT INTO orders VALUES (2, 'no number')")
    with pytest.raises(DatabridgeError):
        bench.load(ORDERS)
    state, pending = read_local(bench.root / "pipelines", "s_p", "s_p")
    assert (state.state, pending) == (None, ())


@pytest.mark.parametrize(
    "lost", ["DELETE FROM raw._dlt_pipeline_state", "DROP TABLE raw._dlt_pipeline_state"]
)
def test_a_state_is_put_where_neither_folder_nor_destination_has_one(bench: Workbench, lost: str) -> None:
    fill(bench, 1)
    bench.load(ORDERS)
    fill(bench, 2)
    bench.load(ORDERS)
    folder = bench.root / "pipelines" / "s_p"
    text = (folder / "state.json").read_text()
    shutil.rmtree(folder)
    bench.warehouse(lost)
    assert bench.amend(PutState(text=text)).load_ids
    ((version,),) = bench.rows("_dlt_pipeline_state", "version")
    assert version == json.loads(text)["_state_version"] + 1
    shutil.rmtree(folder)
    assert bench.load(ORDERS).rows == {}
    fill(bench, 3)
    bench.load(ORDERS)
    assert bench.rows("orders", "id") == [(1,), (2,), (3,)]


@pytest.mark.parametrize("gone", ["orders", "customers"])
def test_a_table_that_was_dropped_fails_the_load_and_says_what_mends_it(bench: Workbench, gone: str) -> None:
    fill(bench, 1)
    bench.load(ORDERS, CUSTOMERS)
    bench.warehouse(f"DROP TABLE raw.{gone}")
    fill(bench, 2)
    with pytest.raises(DatabridgeError) as raised:
        bench.load(ORDERS, CUSTOMERS)
    (told,) = raised.value.diagnostics
    assert told.code == "DB503"
    assert "databridge drift" in told.hint
    assert "databridge reset" in told.hint


@pytest.mark.parametrize("gone", [("customers",), ("customers", "_dlt_version")], ids=str)
def test_staging_tables_that_were_dropped_are_made_anew(bench: Workbench, gone: tuple[str, ...]) -> None:
    fill(bench, 1)
    bench.load(ORDERS, CUSTOMERS)
    for table in gone:
        bench.warehouse(f"DROP TABLE raw_staging.{table}")
    fill(bench, 2)
    bench.load(ORDERS, CUSTOMERS)
    assert bench.rows("customers", "id") == bench.rows("orders", "id") == [(1,), (2,)]

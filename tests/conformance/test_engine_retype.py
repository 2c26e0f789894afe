"""A column gets another type with the values that are there; where one would change, or the job does not come to its end, it has the old one."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from databridge.apply.engine import Job, Prepared, Settlement, Traces
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Column, Mode, TableResource
from tests.support.grounds import Ground, LakeGround
from tests.support.jobs import EVENTS, ORDERS, cursor, job, rows

GROUNDS = ("fake", "duckdb", "filesystem", "databricks", "postgres")
MERGED = TableResource(name="orders", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")
typed = pytest.mark.parametrize("ground", GROUNDS[1:], indirect=True)


class Broken(Exception):
    """The process dies here."""


def declared(kind: str, resource: TableResource = ORDERS, **more: int) -> TableResource:
    column = Column.model_validate({"data_type": kind, **more})
    return resource.model_copy(update={"columns": {"v": column}})


def retyping(ground: Ground, orders: TableResource) -> Job:
    return replace(job(ground, marked=(orders, EVENTS)), retype={"orders": orders.columns})


def loaded(ground: Ground, orders: TableResource = ORDERS) -> None:
    ground.table("orders", rows(1, v=10) + rows(2, v=20))
    ground.table("events", rows(7))
    ground.perform(job(ground, orders, EVENTS))


def test_rows_and_cursor_stay_and_each_row_at_it_is_loaded_once(ground: Ground) -> None:
    loaded(ground)
    double = declared("double")
    assert retyping(ground, double).rewrites == ("orders",)  # no undo takes that for nothing
    assert ground.perform(retyping(ground, double)).load_ids
    assert (ground.rows("orders"), cursor(ground, "orders")) == (rows(1, v=10) + rows(2, v=20), 2)
    every = rows(1, v=10) + rows(2, v=20) + rows(3, at=2, v=30) + rows(4, v=40)
    ground.table("orders", every)
    # Another machine knows only what is stored.
    ground.perform(replace(job(ground, double, EVENTS), discard_local=True))
    assert ground.rows("orders") == every
    assert ground.rows("events") == rows(7)


@pytest.mark.parametrize("ground", ["duckdb", "databricks", "postgres"], indirect=True)
def test_what_is_merged_is_merged_on(ground: Ground) -> None:
    text = declared("text", MERGED)
    loaded(ground, MERGED)
    ground.perform(retyping(ground, text))
    ground.table("orders", rows(1, at=5, v=11) + rows(2, v=20))
    ground.perform(job(ground, text, EVENTS))
    assert ground.rows("orders") == [{"id": 1, "at": 5, "v": "11"}, {"id": 2, "at": 2, "v": "20"}]


@typed
def test_where_a_value_would_change_nothing_does(ground: Ground) -> None:
    loaded(ground)
    with pytest.raises(DatabridgeError) as refused:
        ground.perform(retyping(ground, declared("decimal", precision=1, scale=0)))
    assert refused.value.diagnostics[0].code == "DB538"
    ground.table("orders", rows(3, v=30))
    ground.perform(job(ground, ORDERS, EVENTS))
    assert ground.rows("orders") == rows(1, v=10) + rows(2, v=20) + rows(3, v=30)


def test_one_that_never_began_is_taken_back(ground: Ground) -> None:
    loaded(ground)
    seen: list[Prepared] = []

    def prepared(package: Prepared) -> None:
        seen.append(package)
        raise Broken

    with pytest.raises(Broken):
        ground.perform(retyping(ground, declared("double")), prepared=prepared)
    engine = ground.another_engine()
    settled = engine.settle(ground.place(), (seen[0].load_id,), Traces(retyped=seen[0].retyped))
    assert settled is Settlement.ROLLED_BACK
    ground.table("orders", rows(3, v=30))
    ground.perform(job(ground, ORDERS, EVENTS))
    assert ground.rows("orders") == rows(1, v=10) + rows(2, v=20) + rows(3, v=30)


@pytest.mark.parametrize("ground", [*GROUNDS[1:], "lake in s3"], indirect=True)
def test_one_that_came_far_is_taken_back_to_the_old_type(ground: Ground) -> None:
    loaded(ground)
    seen: list[Prepared] = []
    ground.perform(retyping(ground, declared("text")), prepared=seen.append)
    assert ground.rows("orders") == [{"id": 1, "at": 1, "v": "10"}, {"id": 2, "at": 2, "v": "20"}]
    # As if its package had been another one, which never completed.
    settled = ground.engine.settle(ground.place(), ("1700000000.1",), Traces(retyped=seen[0].retyped))
    assert settled is Settlement.ROLLED_BACK
    assert ground.rows("orders") == rows(1, v=10) + rows(2, v=20)
    assert ground.engine.settle(ground.place(), (seen[0].load_id,)) is Settlement.FINISHED


@pytest.mark.parametrize("ground", ["filesystem"], indirect=True)
def test_files_that_were_there_have_the_types_of_those_that_come(ground: Ground) -> None:
    assert isinstance(ground, LakeGround)
    loaded(ground)
    decimal = declared("decimal", precision=20, scale=4)
    ground.perform(retyping(ground, decimal))
    ground.table("orders", rows(1, v=10) + rows(2, v=20) + rows(3, v=30))
    ground.perform(job(ground, decimal, EVENTS))
    lake = ground.root / "lake"
    schemas = [pq.read_schema(file) for file in (lake / "raw" / "orders").glob("*.parquet")]
    assert len(schemas) == 2
    assert schemas[0].equals(schemas[1])
    assert schemas[0].field("v").type == pa.decimal128(20, 4)
    assert [each.name for each in lake.iterdir()] == ["raw"], "nothing is left beside it"


@pytest.mark.parametrize("ground", ["filesystem"], indirect=True)
def test_a_file_of_another_kind_keeps_the_type(ground: Ground) -> None:
    assert isinstance(ground, LakeGround)
    loaded(ground)
    other = ground.root / "lake" / "raw" / "orders" / "1700000000.1.0123456789.jsonl"
    other.write_text('{"id": 9, "at": 0, "v": 90}')
    with pytest.raises(DatabridgeError, match="is no Parquet file"):
        ground.perform(retyping(ground, declared("text")))
    assert ground.rows("orders") == rows(1, v=10) + rows(2, v=20)


@typed
def test_a_column_that_is_of_the_type_already_stays_as_it_is(ground: Ground) -> None:
    loaded(ground)
    seen: list[Prepared] = []
    ground.perform(retyping(ground, declared("bigint")), prepared=seen.append)
    assert seen[0].retyped == ()
    assert ground.rows("orders") == rows(1, v=10) + rows(2, v=20)

"""A pipeline that moves to another dataset has its rows and cursors there; a move that did not come to its end leaves nothing there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.apply.engine import Job, Place, Prepared, Settlement
from databridge.locations.wanted import Wanted
from databridge.model.destination import DuckDbDestination, FilesystemDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import LocationState, LocationStatus
from databridge.model.resource import TableResource
from databridge.sandbox.server import Sandbox
from tests.support.grounds import MERGING, USUAL, DuckDbGround, Ground
from tests.support.jobs import CUSTOMERS, EVENTS, ORDERS, cursor, job, marker, rows
from tests.support.warehouse import destination_of

GROUNDS = USUAL
EARLIER = "early"
"""The dataset that the pipeline is loaded into at first; a ground looks into the one that it moves to."""


class Broken(Exception):
    """The process dies here."""


def origin(ground: Ground) -> Place:
    return replace(ground.place(), dataset=EARLIER)


def loaded(ground: Ground, *resources: TableResource) -> None:
    ground.table("orders", rows(1, 2))
    ground.table("events", rows(7))
    ground.table("customers", rows(1, 2))
    ground.perform(replace(job(ground, *(resources or (ORDERS, EVENTS))), place=origin(ground)))


def moving(ground: Ground, *resources: TableResource) -> Job:
    moved = marker(*(resources or (ORDERS, EVENTS))).model_copy(update={"spec": {"dataset": "moved"}})
    there = replace(ground.place(), origin=origin(ground))
    return replace(job(ground), place=there, marker=moved)


def left(ground: Ground) -> LocationState:
    wanted = Wanted("shop.main", "shop_main", "shop_main", ground.destination, EARLIER, with_tables=True)
    return ground.places.states([wanted], refresh=True)["shop.main"].destination


def test_rows_and_cursors_go_along(ground: Ground) -> None:
    loaded(ground)
    before = left(ground)
    ground.table("orders", rows(1, 2, 3))
    done = ground.perform(moving(ground))
    assert (ground.rows("orders"), cursor(ground, "orders")) == (rows(1, 2), 2)
    assert (ground.rows("events"), cursor(ground, "events")) == (rows(7), 7)
    assert set(done.load_ids) < ground.loads()
    assert ground.engine.settle(moving(ground).place, done.load_ids) is Settlement.FINISHED
    ground.perform(job(ground, ORDERS, EVENTS))
    assert (ground.rows("orders"), cursor(ground, "orders")) == (rows(1, 2, 3), 3)
    assert ground.rows("events") == rows(7)
    assert left(ground) == before
    assert before.filled == {"orders", "events"}


def test_on_another_machine_the_next_load_goes_on(ground: Ground) -> None:
    loaded(ground)
    ground.table("orders", rows(1, 2, 3))
    ground.perform(replace(moving(ground), discard_local=True))
    ground.perform(replace(job(ground, ORDERS, EVENTS), discard_local=True))
    assert (ground.rows("orders"), cursor(ground, "orders")) == (rows(1, 2, 3), 3)
    state = ground.stored().state
    assert state is not None
    assert {table.resource for table in state.tables.values()} == {"orders", "events"}


@pytest.mark.parametrize("ground", [each for each in MERGING if each in USUAL], indirect=True)
def test_what_is_merged_is_merged_on(ground: Ground) -> None:
    loaded(ground, CUSTOMERS)
    ground.perform(moving(ground, CUSTOMERS))
    ground.table("customers", rows(1) + rows(2, at=5, v=1))
    ground.perform(job(ground, CUSTOMERS))
    assert ground.rows("customers") == rows(1) + rows(2, at=5, v=1)


def test_one_that_died_on_the_way_leaves_nothing(ground: Ground) -> None:
    loaded(ground)
    seen: list[str] = []

    def prepared(package: Prepared) -> None:
        seen.append(package.load_id)
        raise Broken

    with pytest.raises(Broken):
        ground.perform(moving(ground), prepared=prepared)
    settled = ground.another_engine().settle(moving(ground).place, tuple(seen))
    assert settled is Settlement.ROLLED_BACK
    assert (ground.stored().status, ground.stored().filled) == (LocationStatus.MISSING, frozenset())
    ground.perform(moving(ground))
    assert (ground.rows("orders"), cursor(ground, "orders")) == (rows(1, 2), 2)


def test_what_is_not_there_has_nothing_to_copy(ground: Ground) -> None:
    ground.perform(moving(ground))
    ground.table("orders", rows(1))
    ground.perform(job(ground, ORDERS))
    assert ground.rows("orders") == rows(1)


def test_what_dead_loads_left_is_not_copied(ground: Ground) -> None:
    loaded(ground)
    ground.table("orders", rows(1, 2, 3))

    def prepared(_: Prepared) -> None:
        raise Broken

    with pytest.raises(Broken):
        ground.perform(replace(job(ground, ORDERS, EVENTS), place=origin(ground)), prepared=prepared)
    ground.perform(moving(ground))
    assert (ground.rows("orders"), cursor(ground, "orders")) == (rows(1, 2), 2)
    ground.perform(job(ground, ORDERS, EVENTS))
    assert ground.rows("orders") == rows(1, 2, 3)


def test_nothing_is_copied_to_where_something_is(ground: Ground) -> None:
    loaded(ground)
    ground.perform(job(ground, ORDERS, pipeline="other"))
    with pytest.raises(DatabridgeError) as refused:
        ground.perform(moving(ground))
    assert refused.value.diagnostics[0].code == "DB541"
    # Nothing was copied yet, so nothing there is taken for a copy.
    assert ground.engine.settle(moving(ground).place, ()) is Settlement.ROLLED_BACK
    assert ground.rows("orders") == rows(1, 2)
    assert left(ground).filled == {"orders", "events"}


def goes_elsewhere(ground: Ground, old: Place, *resources: TableResource) -> None:
    """It is loaded into another destination, moves, and goes on."""
    ground.table("orders", rows(1, 2))
    ground.table("customers", rows(1))
    ground.perform(replace(job(ground, *resources), place=old))
    ground.perform(replace(moving(ground, *resources), place=replace(ground.place(), origin=old)))
    ground.table("orders", rows(1, 2, 3))
    ground.perform(job(ground, *resources))
    assert (ground.rows("orders"), cursor(ground, "orders")) == (rows(1, 2, 3), 3)


@pytest.mark.parametrize("ground", ["fake", "duckdb"], indirect=True)
def test_from_one_file_to_another(ground: Ground) -> None:
    old = replace(ground.place(), destination=DuckDbDestination(type="duckdb", path="it's old.duckdb"))
    goes_elsewhere(ground, old, ORDERS, CUSTOMERS)
    assert ground.rows("customers") == rows(1)


@pytest.mark.parametrize("ground", ["fake", "databricks"], indirect=True)
def test_from_a_file_to_a_warehouse(ground: Ground) -> None:
    old = replace(ground.place(), destination=DuckDbDestination(type="duckdb", path="old.duckdb"))
    goes_elsewhere(ground, old, ORDERS, CUSTOMERS)
    assert ground.rows("customers") == rows(1)


@pytest.mark.parametrize("ground", ["duckdb"], indirect=True)
def test_from_a_warehouse_to_a_file(ground: DuckDbGround, sandbox: Sandbox) -> None:
    warehouse = destination_of(sandbox, ground.root)
    goes_elsewhere(ground, replace(ground.place(), destination=warehouse, dataset="shelf"), ORDERS, CUSTOMERS)
    assert ground.rows("customers") == rows(1)


@pytest.mark.parametrize("ground", ["fake", "duckdb", "databricks"], indirect=True)
def test_from_a_folder_to_a_database(ground: Ground) -> None:
    folder = FilesystemDestination(type="filesystem", bucket_url="file://old lake")
    goes_elsewhere(ground, replace(ground.place(), destination=folder), ORDERS)


@pytest.mark.parametrize("ground", ["fake", "filesystem", "lake in s3"], indirect=True)
def test_from_a_file_to_a_folder_or_a_bucket(ground: Ground) -> None:
    old = replace(ground.place(), destination=DuckDbDestination(type="duckdb", path="old.duckdb"))
    goes_elsewhere(ground, old, ORDERS)


@pytest.mark.parametrize("ground", ["filesystem", "lake in s3"], indirect=True)
def test_from_a_folder_to_another_or_to_a_bucket(ground: Ground) -> None:
    folder = FilesystemDestination(type="filesystem", bucket_url="file://old lake")
    goes_elsewhere(ground, replace(ground.place(), destination=folder), ORDERS)

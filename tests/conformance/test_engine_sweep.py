"""What every engine takes away when it is told to, and what it leaves whatever it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.apply.engine import Job, Loaded
from databridge.locations.wanted import Wanted
from databridge.model.observed import Observed
from databridge.model.sweep import Sweep
from tests.support.grounds import MERGING, Ground
from tests.support.jobs import CUSTOMERS, EVENTS, ORDERS, Resource, cursor, job, rows
from tests.support.warehouse import SandboxGround

DEAD, ALSO_DEAD = "1700000000.1", "1700000000.2"
"""Older than any load of the tests, but for the fake's."""
KEEPING_STATES = ("duckdb", "databricks")


def sweeping(ground: Ground, sweep: Sweep, *marked: Resource) -> Job:
    return replace(job(ground, marked=marked), sweep=sweep)


def seen(ground: Ground) -> Observed:
    wanted = Wanted("shop.main", "shop_main", "shop_main", ground.destination, "raw", closely=True)
    found = ground.places.states([wanted], refresh=True)["shop.main"].observed
    assert found is not None
    return found


def test_rows_of_the_named_loads_go_and_no_others(ground: Ground) -> None:
    ground.table("orders", rows(1, 2))
    ground.table("events", rows(1))
    ground.perform(job(ground, ORDERS, EVENTS))
    ground.leave_rows("orders", rows(7), DEAD)
    ground.leave_rows("events", rows(8), DEAD)
    ground.leave_rows("orders", rows(9), ALSO_DEAD)
    done = ground.perform(sweeping(ground, Sweep(loads=(DEAD,)), ORDERS, EVENTS))
    assert done == Loaded()
    assert ground.rows("orders") == rows(1, 2, 9)
    assert ground.rows("events") == rows(1)
    assert (cursor(ground, "orders"), cursor(ground, "events")) == (2, 1)


def test_a_complete_load_stays_though_it_is_named(ground: Ground) -> None:
    ground.table("orders", rows(1, 2))
    loaded = ground.perform(job(ground, ORDERS))
    ground.perform(sweeping(ground, Sweep(loads=loaded.load_ids), ORDERS))
    assert ground.rows("orders") == rows(1, 2)
    assert ground.loads() == set(loaded.load_ids)


@pytest.mark.parametrize("ground", MERGING, indirect=True)
def test_a_merged_row_stays_for_it_stands_for_another(ground: Ground) -> None:
    ground.table("customers", rows(1, 2))
    ground.perform(job(ground, CUSTOMERS))
    ground.leave_rows("customers", rows(3), DEAD)
    ground.perform(sweeping(ground, Sweep(loads=(DEAD,)), CUSTOMERS))
    assert ground.rows("customers") == rows(1, 2, 3)


def test_to_sweep_again_does_nothing(ground: Ground) -> None:
    ground.table("orders", rows(1))
    ground.perform(job(ground, ORDERS))
    ground.leave_rows("orders", rows(7), DEAD)
    swept = sweeping(ground, Sweep(loads=(DEAD,), staged=("gone",), packages=1, states=1), ORDERS)
    for _ in range(2):
        assert ground.perform(swept) == Loaded()
        assert ground.rows("orders") == rows(1)
    ground.table("orders", rows(1, 2))
    assert ground.perform(job(ground, ORDERS)).rows == {"orders": 1}


@pytest.mark.parametrize("ground", KEEPING_STATES, indirect=True)
def test_the_newest_states_and_packages_stay(ground: Ground) -> None:
    for last in range(1, 5):
        ground.table("orders", rows(*range(1, last + 1)))
        ground.perform(job(ground, ORDERS))
    before = seen(ground)
    assert (before.counts.states, before.packages) == (4, 4)
    ground.perform(sweeping(ground, Sweep(states=2, packages=3), ORDERS))
    after = seen(ground)
    assert (after.counts.states, after.counts.loads, after.packages) == (2, 4, 3)
    assert cursor(ground, "orders") == 4
    ground.perform(sweeping(ground, Sweep(states=1, packages=1), ORDERS))
    assert (seen(ground).counts.states, seen(ground).packages) == (1, 1)
    assert cursor(ground, "orders") == 4
    ground.table("orders", rows(1, 2, 3, 4, 5))
    assert ground.perform(job(ground, ORDERS)).rows == {"orders": 1}


@pytest.mark.parametrize("ground", KEEPING_STATES, indirect=True)
def test_other_pipelines_states_stay(ground: Ground) -> None:
    for last in (1, 2):
        for pipeline in ("main", "other"):
            ground.table("orders" if pipeline == "main" else "events", rows(*range(1, last + 1)))
            ground.perform(job(ground, ORDERS if pipeline == "main" else EVENTS, pipeline=pipeline))
    ground.perform(sweeping(ground, Sweep(states=1), ORDERS))
    theirs = Wanted("shop.other", "shop_other", "shop_other", ground.destination, "raw", closely=True)
    found = ground.places.states([theirs], refresh=True)["shop.other"].observed
    assert found is not None
    assert (seen(ground).counts.states, found.counts.states) == (1, 2)


@pytest.mark.parametrize("broken", ["orders", "customers"])
@pytest.mark.parametrize("ground", ["databricks"], indirect=True)
def test_files_that_a_dead_load_left_in_the_volume_go_when_it_is_settled(ground: Ground, broken: str) -> None:
    for name in ("orders", "customers"):
        ground.table(name, rows(1))
    ground.perform(job(ground, ORDERS, CUSTOMERS))
    assert seen(ground).leftovers == ()
    for name in ("orders", "customers"):
        ground.table(name, rows(1, 2))
    dead = ground.load_half(job(ground, ORDERS, CUSTOMERS), broken)
    # The other one's rows are there before its file is taken away: it may be left too.
    assert broken in {each.table for each in seen(ground).leftovers if each.volume}
    ground.engine.settle(ground.place(), (dead,))
    assert seen(ground).leftovers == ()
    ground.perform(job(ground, ORDERS, CUSTOMERS))
    assert ground.rows("orders") == ground.rows("customers") == rows(1, 2)


@pytest.mark.parametrize("ground", ["databricks"], indirect=True)
def test_files_in_the_volume_go_where_they_are_named_and_no_others(ground: Ground) -> None:
    assert isinstance(ground, SandboxGround)
    ground.table("orders", rows(1))
    ground.perform(job(ground, ORDERS))
    ground.leave_files("orders", "events")
    ground.perform(sweeping(ground, Sweep(volume=("orders",)), ORDERS))
    waiting = [(each.table, each.files) for each in seen(ground).leftovers if each.volume]
    assert waiting == [("events", 1)]


@pytest.mark.parametrize("ground", KEEPING_STATES, indirect=True)
def test_staged_tables_that_are_named_go_and_the_next_merge_goes_on(ground: Ground) -> None:
    ground.table("customers", rows(1))
    ground.perform(job(ground, CUSTOMERS))
    ground.perform(sweeping(ground, Sweep(staged=("customers",)), CUSTOMERS))
    ground.table("customers", rows(1, 2))
    ground.perform(job(ground, CUSTOMERS))
    assert ground.rows("customers") == rows(1, 2)

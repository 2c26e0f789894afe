"""A renamed resource keeps its rows and its cursor; a renaming that did not come to its end is taken back when it is settled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.apply.engine import Job, Prepared, Settlement, Traces
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Mode, TableResource
from tests.support.grounds import MERGING, WITH_BUCKET, Ground
from tests.support.jobs import EVENTS, ORDERS, cursor, job, rows

BILLS = ORDERS.model_copy(update={"name": "bills"})
MERGED = TableResource(name="orders", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")
MERGED_BILLS = MERGED.model_copy(update={"name": "bills"})
RENAMES = (("orders", "bills"),)
GROUNDS = (*WITH_BUCKET, "sqlite")


class Broken(Exception):
    """The process dies here."""


def loaded(ground: Ground, orders: TableResource = ORDERS) -> None:
    ground.table("orders", rows(1, 2))
    ground.table("bills", rows(1, 2, 3))
    ground.table("events", rows(7))
    ground.perform(job(ground, orders, EVENTS))


def renaming(ground: Ground, bills: TableResource = BILLS) -> Job:
    return replace(job(ground, marked=(bills, EVENTS)), rename=RENAMES)


def there(ground: Ground) -> tuple[set[str], set[str]]:
    """Tables that hold rows, and resources that dlt's state knows."""
    place = ground.stored()
    assert place.state is not None
    return set(place.filled), {n for n, s in place.state.resources.items() if s.cursors}


def test_rows_and_cursor_stay(ground: Ground) -> None:
    loaded(ground)
    ground.perform(renaming(ground))
    assert there(ground) == ({"bills", "events"}, {"bills", "events"})
    assert (ground.rows("bills"), cursor(ground, "bills")) == (rows(1, 2), 2)
    ground.perform(job(ground, BILLS, EVENTS))
    assert (ground.rows("bills"), cursor(ground, "bills")) == (rows(1, 2, 3), 3)
    assert (ground.rows("events"), cursor(ground, "events")) == (rows(7), 7)


@pytest.mark.parametrize("ground", MERGING, indirect=True)
def test_what_is_merged_is_merged_on(ground: Ground) -> None:
    loaded(ground, MERGED)
    ground.perform(renaming(ground, MERGED_BILLS))
    ground.table("bills", rows(1) + rows(2, at=5, v=1))
    ground.perform(job(ground, MERGED_BILLS, EVENTS))
    assert ground.rows("bills") == rows(1) + rows(2, at=5, v=1)


def test_there_and_back_again(ground: Ground) -> None:
    loaded(ground)
    ground.perform(renaming(ground))
    back = replace(job(ground, marked=(ORDERS, EVENTS)), rename=(("bills", "orders"),))
    ground.perform(back)
    ground.table("orders", rows(1, 2, 4))
    state = ground.stored().state
    assert state is not None
    assert {table.resource for table in state.tables.values()} == {"orders", "events"}
    # On another machine, which knows only what is stored.
    ground.perform(replace(job(ground, ORDERS, EVENTS), discard_local=True))
    assert (ground.rows("orders"), cursor(ground, "orders")) == (rows(1, 2, 4), 4)


def test_one_that_never_began_is_taken_back(ground: Ground) -> None:
    loaded(ground)
    seen: list[str] = []

    def prepared(package: Prepared) -> None:
        seen.append(package.load_id)
        raise Broken

    with pytest.raises(Broken):
        ground.perform(renaming(ground), prepared=prepared)
    settled = ground.another_engine().settle(ground.place(), tuple(seen), Traces(RENAMES))
    assert settled is Settlement.ROLLED_BACK
    assert there(ground) == ({"orders", "events"}, {"orders", "events"})
    ground.perform(renaming(ground))
    assert (ground.rows("bills"), cursor(ground, "bills")) == (rows(1, 2), 2)


def test_one_that_came_to_its_end_stays(ground: Ground) -> None:
    loaded(ground)
    done = ground.perform(renaming(ground))
    assert ground.engine.settle(ground.place(), done.load_ids, Traces(RENAMES)) is Settlement.FINISHED
    assert there(ground) == ({"bills", "events"}, {"bills", "events"})


def test_what_is_not_there_has_nothing_to_rename(ground: Ground) -> None:
    ground.perform(replace(job(ground, marked=(BILLS,)), rename=RENAMES))
    ground.table("bills", rows(1))
    ground.perform(job(ground, BILLS))
    assert ground.rows("bills") == rows(1)


def test_nothing_is_renamed_to_what_another_pipeline_has_filled(ground: Ground) -> None:
    loaded(ground)
    ground.perform(job(ground, BILLS, pipeline="other"))
    with pytest.raises(DatabridgeError) as refused:
        ground.perform(renaming(ground))
    assert refused.value.diagnostics[0].code == "DB528"
    ground.engine.settle(ground.place(), (), Traces(RENAMES))
    assert (ground.rows("orders"), ground.rows("bills")) == (rows(1, 2), rows(1, 2, 3))
    assert cursor(ground, "orders") == 2

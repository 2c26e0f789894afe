"""An edit that crashed before any of its effects is settled by the next command: it was made or it was not, in every place alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from databridge.apply.fake import Crash, Fuse
from databridge.model.address import Address
from databridge.model.edit import Edit, Move, Pull, Remove, Restore, SetCursor
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Mode, TableResource
from databridge.model.stack import Desired, Stack
from tests.support.world import SHOP, WAREHOUSE, Site, desired

ORDERS = TableResource(name="ORDERS", mode=Mode.INCREMENTAL, cursor_field="at")
RATES = TableResource(name="RATES", mode=Mode.INCREMENTAL, cursor_field="at")
FROM, TO = Address("shop", "main"), Address("north", "sales")
SET = SetCursor(address=Address("shop", "main", "ORDERS"), value="1")
MOVE = Move(address=FROM, to=TO)
EDITS: list[Edit] = [SET, Remove(address=Address("shop", "main", "ORDERS")), Remove(address=FROM), MOVE]


def stacks(address: Address) -> Desired:
    """Both stacks, with the pipeline at that address."""
    pipeline = Pipeline(
        name=address.pipeline, source=SHOP, destination=WAREHOUSE, dataset="raw", resources=(ORDERS, RATES)
    )
    return desired(
        *(
            Stack(name=name, pipelines=(pipeline,) if name == address.stack else ())
            for name in ("north", "shop")
        )
    )


def opened() -> Site:
    site = Site()
    site.world.tables[SHOP] = {name: [{"id": n, "at": n} for n in (1, 2, 3)] for name in ("ORDERS", "RATES")}
    site.apply(stacks(FROM))
    return site


def facts(site: Site) -> object:
    """What is recorded in every place, and the rows; neither versions nor serials, nor what made them."""
    ledgers = {
        f"{stack}.{name}": record
        for stack in site.store.stacks()
        if (ledger := site.store.ledger(stack))
        for name, record in ledger.pipelines.items()
    }
    states = {
        name: (state.resources, state.marker)
        for dataset in site.world.datasets.values()
        for name, state in dataset.states.items()
    }
    return ledgers, states, site.world.contents()


def effects(site: Site, wish: Edit) -> tuple[str, ...]:
    fuse = Fuse()
    site.edit(stacks(FROM), wish, fuse=fuse)
    return tuple(fuse.effects)


def crashes(before: Site, wish: Edit) -> Iterator[tuple[str, Site]]:
    """A site for each effect that the edit died before, and what that was."""
    for number, effect in enumerate(effects(before.copy(), wish)):
        site = before.copy()
        with pytest.raises(Crash):
            site.edit(stacks(FROM), wish, fuse=Fuse(number))
        yield effect, site


def settle(site: Site) -> None:
    """Any command that takes the locks."""
    with site.session(stacks(FROM)).locked(timeout=0, on_wait=print):
        pass
    assert not any(site.store.open_entries(stack) for stack in ("north", "shop"))


@pytest.mark.parametrize("wish", EDITS, ids=lambda wish: str(wish)[:40])
def test_it_is_made_or_it_is_not(wish: Edit) -> None:
    before = opened()
    calm = before.copy()
    effects(calm, wish)
    ends = set()
    for effect, site in crashes(before, wish):
        settle(site)
        found = facts(site)
        assert found in (facts(before), facts(calm)), f"after a crash before {effect}"
        ends.add(found == facts(calm))
    assert ends == {True, False}


def test_what_was_made_is_undone_wherever_the_undoing_died() -> None:
    before = opened()
    calm = facts(before)
    effects(before, SET)
    undo = Restore(point=before.store.restore_points(newest=1)[0].restore_id)
    for effect, site in crashes(before, undo):
        settle(site)
        site.edit(stacks(FROM), undo)
        assert facts(site) == calm, f"after a crash before {effect}"


def test_a_move_that_died_half_way_is_whole_in_both_ledgers() -> None:
    for effect, site in crashes(opened(), MOVE):
        settle(site)
        here, there = (site.record(address.stack, address.pipeline) for address in (FROM, TO))
        assert (here is None) != (there is None), f"after a crash before {effect}"
        wanted = stacks(FROM if here else TO)
        assert not site.plan(wanted).changes
        assert not site.plan(wanted).blocking


def test_a_pull_costs_nothing_wherever_it_dies() -> None:
    before = opened()
    before.world.local.clear()
    for _, site in crashes(before, Pull()):
        settle(site)
        site.apply(stacks(FROM))
        assert site.world.contents() == before.world.contents()

"""An undo that crashed before any of its effects is settled by the next command: the run is undone, or it is as if nobody had tried."""

from __future__ import annotations

import pytest

from databridge.apply.fake import Crash, Fuse
from databridge.model.edit import Undo
from databridge.plan.options import PlanOptions, ResetWish
from databridge.plan.selection import EVERYTHING
from tests.properties.test_edits import FROM, effects, facts, opened, settle, stacks
from tests.support.world import SHOP, Site


def loaded() -> tuple[Site, Undo]:
    """Both tables were loaded twice, and what undoes the second run."""
    site = opened()
    for table in site.world.tables[SHOP].values():
        table += [{"id": n, "at": n} for n in (4, 5)]
    _, run = site.apply(stacks(FROM))
    assert run
    return site, Undo(run=run.run_id)


def test_a_run_is_undone_or_it_is_not() -> None:
    before, wish = loaded()
    calm = before.copy()
    names = effects(calm, wish)
    assert sum(len(rows) for rows in calm.world.contents().values()) == 6
    ends = set()
    for number, effect in enumerate(names):
        site = before.copy()
        with pytest.raises(Crash):
            site.edit(stacks(FROM), wish, fuse=Fuse(number))
        settle(site)
        found = facts(site)
        assert found in (facts(before), facts(calm)), f"after a crash before {effect}"
        ends.add(found == facts(calm))
        site.edit(stacks(FROM), wish)
        assert facts(site) == facts(calm), f"undone once more after a crash before {effect}"
        site.apply(stacks(FROM))
        assert site.world.contents() == before.world.contents(), f"loaded again after a crash before {effect}"
    assert ends == {True, False}


def test_a_first_run_is_loaded_again_wherever_its_undoing_died() -> None:
    before = opened()
    wish = Undo(run=before.store.runs(newest=1)[0].run_id)
    for number, effect in enumerate(effects(before.copy(), wish)):
        site = before.copy()
        with pytest.raises(Crash):
            site.edit(stacks(FROM), wish, fuse=Fuse(number))
        site.apply(stacks(FROM))
        assert site.world.contents() == before.world.contents(), f"after a crash before {effect}"
        assert not site.plan(stacks(FROM)).changes


def test_a_reset_is_undone_or_made_again_wherever_its_undoing_died() -> None:
    """Killed half way, the next apply loads anew what the reset had loaded: no row is lost, and none stands twice."""
    before = opened()
    for table in before.world.tables[SHOP].values():
        table += [{"id": n, "at": n} for n in (4, 5)]
    rows = before.world.contents()
    _, run = before.apply(stacks(FROM), PlanOptions(reset=ResetWish(EVERYTHING)))
    assert run
    wish, calm = Undo(run=run.run_id), before.copy()
    names = effects(calm, wish)
    assert calm.world.contents() == rows
    for number, effect in enumerate(names):
        site = before.copy()
        with pytest.raises(Crash):
            site.edit(stacks(FROM), wish, fuse=Fuse(number))
        site.apply(stacks(FROM))
        assert site.world.contents() == before.world.contents(), f"after a crash before {effect}"
        assert not site.plan(stacks(FROM)).changes

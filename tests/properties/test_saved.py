"""A saved plan is carried out as long as what it was made from stands, and refused with no effect once that moved."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from databridge.apply.fake import Crash, Fuse
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.plan.binding import SavedPlan
from tests.support.crash import arranged
from tests.support.edits import HARMLESS_EDITS
from tests.support.examples import examples
from tests.support.histories import Mishap, Turn, edited, histories
from tests.support.world import Site


@given(history=histories())
@examples(60)
def test_a_saved_plan_does_what_a_fresh_one_does(history: tuple[Turn, ...]) -> None:
    site, turn = arranged(history)
    other = site.copy()
    saved = reread(site.save(turn.desired))
    assume(saved.plan.actions)
    site.apply_saved(saved, turn.desired)
    other.apply(turn.desired)
    assert site.world.contents() == other.world.contents()
    assert not site.plan(turn.desired).changes


@given(history=histories(mishaps=(Mishap.NONE, Mishap.LOCAL)))
@examples(60)
def test_a_load_in_between_does_not_make_a_plan_stale(history: tuple[Turn, ...]) -> None:
    site, turn = arranged(history)
    saved = reread(site.save(turn.desired))
    assume(saved.plan.runs and not saved.plan.changes)
    known = schemas(site)
    site.apply(turn.desired)
    assume(schemas(site) == known)  # a table's first row changes dlt's schema, and a plan is bound to that
    site.wait(hours=1)
    world = site.copy().world
    site.apply_saved(saved, turn.desired)
    assert site.world == world, "what was due when the plan was made was loaded since"


@given(history=histories(mishaps=(Mishap.NONE, Mishap.LOCAL)), data=st.data())
@examples(60)
def test_a_saved_plan_that_crashed_is_carried_out_once(
    history: tuple[Turn, ...], data: st.DataObject
) -> None:
    site, turn = arranged(history)
    saved = reread(site.save(turn.desired))
    assume(saved.plan.runs and not saved.plan.changes)
    before, calm, fuse = site.copy(), site.copy(), Fuse()
    calm.apply_saved(saved, turn.desired, fuse=fuse)
    number = data.draw(st.integers(0, len(fuse.effects) - 1), label="effects")
    with pytest.raises(Crash):
        site.apply_saved(saved, turn.desired, fuse=Fuse(number))
    with suppress(DatabridgeError):
        site.apply_saved(saved, turn.desired)
        assert site.world.contents() == calm.world.contents()
        return
    assert schemas(site) != schemas(before), "refused, though only a table's first row may make it stale"


@given(history=histories(), data=st.data())
@examples(100)
def test_a_plan_whose_base_moved_is_refused_with_no_effect(
    history: tuple[Turn, ...], data: st.DataObject
) -> None:
    site, turn = arranged(history)
    saved = reread(site.save(turn.desired))
    touched = {(a.address.stack, a.address.pipeline) for a in saved.plan.actions}
    bases = _bases(site, touched)
    now = data.draw(edited(turn.desired, HARMLESS_EDITS), label="written since")
    if data.draw(st.booleans(), label="applied since"):
        assume(not site.plan(now).blocking)
        site.apply(now)
    if data.draw(st.booleans(), label="ledger lost since"):
        site.store.lose()
    rewritten = any(_written(turn, path) != _written(Turn(now, {}, {}), path) for path in touched)
    assume(rewritten or _bases(site, touched) != bases)
    world, store = site.copy().world, site.store.holds()
    with pytest.raises(DatabridgeError) as refusal:
        site.apply_saved(saved, now)
    assert refusal.value.exit_code is ExitCode.STALE
    assert site.world == world
    assert site.store.holds() == store


def schemas(site: Site) -> object:
    """Every table that dlt's schemas know."""
    return {place: {name: {**s} for name, s in d.schemas.items()} for place, d in site.world.datasets.items()}


def reread(saved: SavedPlan) -> SavedPlan:
    """A plan as it comes back from its file."""
    return SavedPlan.model_validate_json(saved.model_dump_json())


def _bases(site: Site, paths: Iterable[tuple[str, str]]) -> object:
    """What identifies the definitions in the ledgers of some pipelines' stacks."""
    ledgers = {stack: site.store.ledger(stack) for stack, _ in paths}
    return {stack: found and (found.lineage, found.spec_serial) for stack, found in ledgers.items()}


def _written(turn: Turn, path: tuple[str, str]) -> object:
    for stack in turn.desired.stacks:
        for pipeline in stack.pipelines:
            if (stack.name, pipeline.name) == path:
                # What a resource was called long ago is no part of what it is.
                return {r.name: r.model_copy(update={"renamed_from": None}) for r in pipeline.resources}
    return None

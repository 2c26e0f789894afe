"""A plan is a value of what is written and what is recorded: it survives its JSON, knows no order, and hides nothing."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from databridge.model.recorded import Recorded, RecordedStack
from databridge.model.stack import Desired
from databridge.plan.actions import Reset
from databridge.plan.plan import Plan
from databridge.plan.planner import make_plan
from databridge.render.planjson import plan_json, read_plan_json
from databridge.render.planmarkdown import plan_markdown
from databridge.render.plantext import plan_text
from tests.support.crash import Refused, calm, prepared, records
from tests.support.edits import EDITS
from tests.support.examples import examples
from tests.support.histories import Mishap, Turn, edited, histories
from tests.support.world import NOON, Site


@st.composite
def situations(draw: st.DrawFn) -> tuple[Site, Turn]:
    """A site with something recorded, and stacks that were edited since in every way."""
    history = draw(histories(longest=2))
    try:
        site, turn = prepared(history)
        calm(site, turn)
    except Refused:
        site = Site()
        history[0].meet(site)
        turn = history[0]
    last = Turn(
        draw(edited(turn.desired, EDITS)), turn.tables, turn.files, mishap=draw(st.sampled_from(Mishap))
    )
    last.meet(site)
    return site, last


@given(situation=situations())
@examples(80)
def test_a_plan_survives_its_json_and_renders_alike(situation: tuple[Site, Turn]) -> None:
    plan = planned(*situation)
    again = read_plan_json(plan_json(plan))
    assert again == plan
    assert renderings(again) == renderings(plan)


@given(situation=situations(), data=st.data())
@examples(80)
def test_the_plan_does_not_depend_on_any_order(situation: tuple[Site, Turn], data: st.DataObject) -> None:
    site, turn = situation
    recorded = site.recorded(turn.desired)
    plan = make_plan(turn.desired, recorded, now=NOON)
    written = shuffled(data, turn.desired.model_dump(mode="json", by_alias=True))
    assert make_plan(Desired.model_validate(written), reordered(data, recorded), now=NOON) == plan


@given(situation=situations())
@examples(80)
def test_every_address_of_a_plan_stands_in_every_rendering(situation: tuple[Site, Turn]) -> None:
    plan = planned(*situation)
    for text in renderings(plan):
        for each in (*plan.actions, *plan.findings):
            assert each.address.pipeline_path in text
            assert each.address.resource in text


@given(situation=situations())
@examples(80)
def test_what_the_ledger_protects_is_neither_reset_nor_forgotten(situation: tuple[Site, Turn]) -> None:
    site, turn = situation
    known = records(site.recorded(turn.desired))
    for action in planned(site, turn).actions:
        record = known.get((action.address.stack, action.address.pipeline))
        resource = record.resources.get(action.address.resource) if record else None
        assert not (isinstance(action, Reset) and resource and resource.lifecycle.prevent_reset)


def planned(site: Site, turn: Turn) -> Plan:
    """The plan that an apply would show."""
    return site.plan(turn.desired)


def renderings(plan: Plan) -> tuple[str, ...]:
    """The plan in every form that people or programs read."""
    return (
        plan_text(plan, width=200),
        plan_text(plan, width=200, explain=True),
        plan_markdown(plan),
        plan_json(plan),
    )


def shuffled(data: st.DataObject, value: JsonValue, key: str = "") -> JsonValue:
    """The same definitions in another order: of keys, and of stacks, pipelines and resources."""
    if isinstance(value, dict):
        keys = data.draw(st.permutations(list(value)))
        return {each: shuffled(data, value[each], each) for each in keys}
    if isinstance(value, list):
        items = [shuffled(data, item) for item in value]
        return data.draw(st.permutations(items)) if key in {"stacks", "pipelines", "resources"} else items
    return value


def reordered(data: st.DataObject, recorded: Recorded) -> Recorded:
    """The same records, found in another order."""

    def stack(found: RecordedStack) -> RecordedStack:
        ledger = found.ledger
        if ledger:
            written = shuffled(data, ledger.model_dump(mode="json"))
            ledger = type(ledger).model_validate_json(json.dumps(written))
        names = data.draw(st.permutations(list(found.pipelines)))
        places = {name: found.pipelines[name] for name in names}
        return RecordedStack(ledger, found.rebuilt, places, found.interrupted, found.arrivals)

    names = data.draw(st.permutations(list(recorded.stacks)))
    return Recorded({name: stack(recorded.stacks[name]) for name in names})

from __future__ import annotations

import pytest

from databridge.model.address import Address
from databridge.model.resource import Lifecycle
from databridge.model.spec import pipeline_spec, resource_spec
from databridge.plan.actions import Action, Adopt, Create, Forget, Migrate, Reset, Run, Step
from databridge.plan.project import record_after
from databridge.plan.reasons import Reason
from tests.support.builders import PIPELINE, STACK, appended, loaded, pipeline, record_of, stack, table


def act(kind: type[Action], resource: str = "ORDERS") -> Action:
    fields = {
        "address": Address(STACK, PIPELINE, resource),
        "reasons": (Reason.NEW_IN_STACK,),
        "steps": (Step.RECORD,),
    }
    made: Action = kind.model_validate(fields)
    return made


BEFORE = pipeline(appended(cursor_field="A"), table("COUNTRIES"))
AFTER = pipeline(appended(cursor_field="B", lifecycle={"prevent_reset": True}), table("COUNTRIES"))
RECORD = record_of(stack(BEFORE), BEFORE, last_load=loaded())


@pytest.mark.parametrize("kind", [Create, Reset, Migrate, Adopt])
def test_a_definition_is_taken_over_with_its_protection(kind: type[Action]) -> None:
    after = record_after(stack(AFTER), AFTER, RECORD, [act(kind)])
    assert after is not None
    orders = after.resources["ORDERS"]
    assert orders.spec == resource_spec(AFTER.resources[0])
    assert orders.lifecycle == Lifecycle(prevent_reset=True)
    assert after.resources["COUNTRIES"] == RECORD.resources["COUNTRIES"]


def test_a_run_changes_no_definition() -> None:
    assert record_after(stack(AFTER), AFTER, RECORD, [act(Run)]) == RECORD


@pytest.mark.parametrize("kind", [Create, Reset, Migrate, Adopt, Run])
def test_what_is_known_of_loads_is_not_touched(kind: type[Action]) -> None:
    owing = RECORD.resources["ORDERS"].model_copy(update={"owed": True})
    record = RECORD.model_copy(update={"resources": {"ORDERS": owing}})
    after = record_after(stack(AFTER), AFTER, record, [act(kind)])
    assert after is not None
    assert after.resources["ORDERS"].last_load == loaded()
    assert after.resources["ORDERS"].owed


def test_a_change_of_the_whole_pipeline_leaves_its_resources_alone() -> None:
    moved = pipeline(*AFTER.resources, source={"type": "sqlite", "path": "other.db"})
    after = record_after(stack(moved), moved, RECORD, [act(Migrate, "")])
    assert after is not None
    assert after.spec == pipeline_spec(moved)
    assert after.resources == RECORD.resources


def test_forgetting_one_leaves_the_others_and_forgetting_all_leaves_nothing() -> None:
    after = record_after(stack(), None, RECORD, [act(Forget)])
    assert after is not None
    assert set(after.resources) == {"COUNTRIES"}
    assert record_after(None, None, RECORD, [act(Forget), act(Forget, "COUNTRIES")]) is None


def test_one_is_forgotten_and_another_created_in_one_go() -> None:
    new = pipeline(table("COUNTRIES"), table("PRICES"))
    after = record_after(stack(new), new, RECORD, [act(Forget), act(Create, "PRICES")])
    assert after is not None
    assert set(after.resources) == {"COUNTRIES", "PRICES"}


def test_names_are_minted_once() -> None:
    first = record_after(stack(BEFORE), BEFORE, None, [act(Create)])
    assert first is not None
    assert (first.dlt_name, first.schema_name) == ("sales_main", "sales_main")
    named = pipeline(*AFTER.resources, dlt_names={"pipeline_name": "shop"})
    later = record_after(stack(named), named, first, [act(Reset)])
    assert later is not None
    assert (later.dlt_name, later.schema_name) == ("sales_main", "sales_main")


def test_a_pipeline_without_record_needs_its_stack() -> None:
    with pytest.raises(ValueError, match="needs its stack"):
        record_after(None, BEFORE, None, [act(Create)])
    with pytest.raises(ValueError, match="as it is written"):
        record_after(stack(), None, None, [act(Create)])


def test_a_record_says_where_the_data_is() -> None:
    record = record_of(stack(BEFORE), BEFORE)
    assert (record.destination, record.dataset) == (BEFORE.destination, BEFORE.dataset)
    assert record.spec == pipeline_spec(BEFORE)

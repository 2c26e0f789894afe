"""What an edit comes to is said before it is made: rows doubled, rows skipped, nothing; or why it is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.edit import Edit, Move, Pull, Push, Rebuild, Remove, Restore, SetCursor
from databridge.model.ledger import PipelineRecord, ResourceRecord
from databridge.model.marker import Owner, mark
from databridge.model.pipeline import Pipeline
from databridge.model.recorded import (
    CursorState,
    DltState,
    FileMark,
    LocationKind,
    LocationState,
    LocationStatus,
    PendingPackage,
    RecordedPipeline,
    ResourceState,
)
from databridge.model.resource import FileResource, Lifecycle, Mode, TableResource
from databridge.model.spec import pipeline_spec, resource_spec
from databridge.plan.consequence import Risk
from databridge.plan.edits.editor import make_edit
from databridge.plan.edits.editplan import EditPlan
from databridge.plan.edits.scene import Kept, Scene
from tests.support.world import NOON, SHOP, WAREHOUSE

ORDERS = TableResource(name="ORDERS", mode=Mode.INCREMENTAL, cursor_field="at")
CUSTOMERS = TableResource(name="CUSTOMERS", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")
COUNTRIES = TableResource(name="COUNTRIES")
VISITS = FileResource(name="VISITS", glob="*.csv")
MAIN = Pipeline(
    name="main",
    source=SHOP,
    destination=WAREHOUSE,
    dataset="raw",
    resources=(ORDERS, CUSTOMERS, COUNTRIES, VISITS),
)
ADDRESS = Address("shop", "main")
OWNER = Owner(project="demo", target="dev", stack="shop", pipeline="main")


def record(lifecycle: Lifecycle = Lifecycle()) -> PipelineRecord:  # noqa: B008 - frozen
    return PipelineRecord(
        dlt_name="shop_main",
        schema_name="shop_main",
        destination=WAREHOUSE,
        dataset="raw",
        spec=pipeline_spec(MAIN),
        resources={
            r.name: ResourceRecord(spec=resource_spec(r), lifecycle=lifecycle) for r in MAIN.resources
        },
    )


def state(version: int = 5, *, at: int = 10, owner: Owner = OWNER) -> DltState:
    resources = (
        ResourceState("ORDERS", (CursorState("at", at),)),
        ResourceState("CUSTOMERS", (CursorState("at", at),)),
        ResourceState("VISITS", files={"1.csv": FileMark(1, "t")}),
    )
    return DltState(
        pipeline_name="shop_main",
        version=version,
        version_hash=f"h{version}",
        engine_version=4,
        marker=mark(owner, record()),
        resources={each.name: each for each in resources},
    )


def found(
    local: DltState | None,
    remote: DltState | None,
    status: LocationStatus = LocationStatus.FOUND,
    *,
    made: str | None = "1.1",
) -> RecordedPipeline:
    return RecordedPipeline(
        local=LocationState(
            LocationKind.LOCAL,
            "local",
            LocationStatus.FOUND if local else LocationStatus.MISSING,
            local,
            newest_load=made,
        ),
        destination=LocationState(LocationKind.DUCKDB, WAREHOUSE.title, status, remote, newest_load="1.1"),
    )


SCENE = Scene(
    address=ADDRESS,
    record=record(),
    pipeline=MAIN,
    found=found(state(), state()),
    local="{}",
    destination="{}",
    minted=("shop_main", "shop_main"),
)


def planned(edit: Edit, *scenes: Scene) -> EditPlan:
    by_address = {scene.address: scene for scene in scenes or (SCENE,)}
    plan = make_edit(edit, by_address, project="demo", target="dev", now=NOON)
    assert EditPlan.model_validate_json(plan.model_dump_json()) == plan
    return plan


def set_to(value: str, resource: str = "ORDERS") -> SetCursor:
    return SetCursor(address=Address("shop", "main", resource), value=value)


@pytest.mark.parametrize(
    ("value", "resource", "risk", "told"),
    [
        ("4", "ORDERS", Risk.DUPLICATE, "appended a second time"),
        ("4", "CUSTOMERS", Risk.REREAD, "written over"),
        ("40", "ORDERS", Risk.SKIP, "rows between 10 and 40"),
        ("40", "CUSTOMERS", Risk.SKIP, "rows between 10 and 40"),
    ],
)
def test_a_cursor_set_back_doubles_and_one_set_forward_skips(
    value: str, resource: str, risk: Risk, told: str
) -> None:
    plan = planned(set_to(value, resource))
    (pipeline,) = plan.pipelines
    (edit,) = pipeline.resources
    assert plan.risks == {edit.consequence.risk} == {risk}
    assert told in " ".join(edit.words)
    assert [(c.path, c.before, c.after) for c in edit.changes] == [("at", "10", value)]
    assert {c.path: (c.before, c.after) for c in pipeline.places} == {
        "local": ("v5", "v6"),
        WAREHOUSE.title: ("v5", "v6"),
    }
    assert plan.summary == "Plan: 1 to set."


def test_what_is_so_already_is_no_change() -> None:
    assert planned(set_to("10")).summary == "No changes."


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (set_to("ten"), "DB630"),
        (set_to("1", "COUNTRIES"), "DB631"),
        (set_to("1", "VISITS"), "DB631"),
        (set_to("1", "NOBODY"), "DB632"),
        (Remove(address=Address("shop", "main", "NOBODY")), "DB632"),
        (Move(address=Address("shop", "main", "ORDERS"), to=Address("shop", "main", "BILLS")), "DB633"),
    ],
)
def test_what_makes_no_sense_is_an_error(edit: Edit, code: str) -> None:
    with pytest.raises(DatabridgeError, match=code):
        planned(edit)


PENDING = replace(SCENE, found=replace(found(state(), state()), pending=(PendingPackage("1.2", "loading"),)))
NOT_OURS = replace(SCENE, found=found(None, state(owner=OWNER.model_copy(update={"project": "other"}))))
PROTECTED = replace(SCENE, record=record(Lifecycle(prevent_reset=True)))
KEPT = replace(SCENE, record=record(Lifecycle(prevent_drop=True)))
GONE = replace(SCENE, found=found(None, None, LocationStatus.MISSING))
EMPTIED = replace(SCENE, found=found(None, None, LocationStatus.EMPTIED))
UNKNOWN = replace(SCENE, found=found(None, None, LocationStatus.UNKNOWN))
TAKEN = replace(SCENE, address=Address("shop", "other"))
BEHIND = replace(SCENE, found=found(state(4), state(5)))
STRANGE = replace(SCENE, found=found(state(6), state(5), made="1.0"))
UNMARKED = replace(SCENE, found=found(None, replace(state(), marker=None)))
REMOVE = Remove(address=Address("shop", "main", "ORDERS"))


@pytest.mark.parametrize(
    ("edit", "scenes", "code"),
    [
        (set_to("1"), (PENDING,), "DB241"),
        (Pull(), (PENDING,), "DB241"),
        (Push(), (PENDING,), "DB241"),
        (set_to("1"), (NOT_OURS,), "DB232"),
        (set_to("1"), (PROTECTED,), "DB242"),
        (REMOVE, (PROTECTED,), "DB242"),
        (REMOVE, (KEPT,), "DB242"),
        (set_to("1"), (GONE,), "DB240"),
        (set_to("1"), (EMPTIED,), "DB240"),
        (set_to("1"), (UNKNOWN,), "DB230"),
        (Move(address=ADDRESS, to=TAKEN.address), (SCENE, TAKEN), "DB244"),
        (Pull(addresses=(ADDRESS,)), (GONE,), "DB240"),
        (Push(addresses=(ADDRESS,)), (GONE,), "DB245"),
        (Push(addresses=(ADDRESS,)), (BEHIND,), "DB245"),
        (Push(addresses=(ADDRESS,)), (STRANGE,), "DB245"),
        (Rebuild(addresses=(ADDRESS,)), (UNMARKED,), "DB246"),
    ],
)
def test_what_nobody_can_tell_or_what_is_protected_is_refused(
    edit: Edit, scenes: tuple[Scene, ...], code: str
) -> None:
    assert {finding.code for finding in planned(edit, *scenes).blocking} == {code}


def test_a_removed_resource_is_said_to_be_refused_while_its_stack_has_it() -> None:
    (pipeline,) = planned(REMOVE).pipelines
    (edit,) = pipeline.resources
    assert edit.consequence.risk is Risk.NONE
    assert "plans refuse to load it from its start" in edit.words[0]
    assert pipeline.after
    assert pipeline.after.resources.keys() == {"CUSTOMERS", "COUNTRIES", "VISITS"}
    assert pipeline.marker
    assert pipeline.marker.resources.keys() == pipeline.after.resources.keys()


def test_a_removed_merge_is_read_again() -> None:
    plan = planned(Remove(address=Address("shop", "main", "CUSTOMERS")))
    assert plan.risks == {Risk.REREAD}


def test_a_whole_pipeline_leaves_no_entry() -> None:
    (pipeline,) = planned(Remove(address=ADDRESS)).pipelines
    assert (pipeline.after, pipeline.marker) == (None, None)
    assert len(pipeline.amendments) == 3


def test_to_pull_over_what_the_next_load_would_go_on_from_is_no_small_thing() -> None:
    ahead = replace(SCENE, found=found(state(6, at=12), state(5, at=10)))
    plan = planned(Pull(), ahead)
    assert plan.risks == {Risk.DUPLICATE, Risk.REREAD}
    assert planned(Pull(), BEHIND).risks == {Risk.NONE}


def test_a_reset_that_comes_back_is_announced_as_what_it_does() -> None:
    begun = state(6)
    begun = replace(begun, resources={**begun.resources, "ORDERS": ResourceState("ORDERS", reset_begun=True)})
    back = replace(SCENE, kept=Kept(record=record(), text="{}", state=begun))
    assert planned(Restore(point="p"), back).risks == {Risk.DELETE_ROWS}


def removed(version: int, **others: ResourceState) -> Scene:
    """Orders were removed, and the restore point is put back that has them."""
    orders = ResourceState("ORDERS", removed=True)
    now = replace(state(version), resources={**state().resources, "ORDERS": orders, **others})
    kept = Kept(record=record(), text="{}", state=state(5))
    return replace(SCENE, found=found(now, now), kept=kept)


def test_to_undo_a_removal_is_harmless() -> None:
    plan = planned(Restore(point="p"), removed(6))
    assert plan.risks == {Risk.NONE}
    assert "nothing was loaded since" in plan.pipelines[0].resources[0].words[0]


@pytest.mark.parametrize(
    "scene",
    [
        removed(7),
        removed(6, CUSTOMERS=ResourceState("CUSTOMERS", (CursorState("at", 11),))),
        removed(6, OTHER=ResourceState("OTHER")),
    ],
)
def test_an_older_restore_point_may_double_rows_of_what_was_removed_or_skip_some(scene: Scene) -> None:
    plan = planned(Restore(point="p"), scene)
    (orders,) = (r for r in plan.pipelines[0].resources if r.address.resource == "ORDERS")
    assert orders.consequence.duplicated is not None
    assert orders.consequence.risk.gravity == max(Risk.DUPLICATE.gravity, Risk.SKIP.gravity)
    assert len(orders.words) == 2


def test_to_push_changes_no_load() -> None:
    ahead = replace(SCENE, found=found(state(6, at=12), state(5, at=10)))
    assert planned(Push(), ahead).risks == {Risk.NONE}
    assert not planned(Push(), BEHIND).pipelines, "one that was not named is passed over"


def test_a_ledger_that_is_behind_takes_over_the_definitions_and_keeps_its_protection() -> None:
    old = record(Lifecycle(prevent_reset=True))
    orders = old.resources["ORDERS"].model_copy(
        update={"spec": {**old.resources["ORDERS"].spec, "cursor_field": "id"}}
    )
    behind = replace(SCENE, record=old.model_copy(update={"resources": {"ORDERS": orders}}))
    (pipeline,) = planned(Rebuild(), behind).pipelines
    assert pipeline.ledger_only
    assert pipeline.after
    assert pipeline.after.resources.keys() == record().resources.keys()
    assert pipeline.after.resources["ORDERS"].spec == record().resources["ORDERS"].spec
    assert pipeline.after.resources["ORDERS"].lifecycle.prevent_reset
    assert not planned(Rebuild()).pipelines


def test_a_lost_record_comes_back() -> None:
    lost = replace(SCENE, record=None)
    (pipeline,) = planned(Rebuild(), lost).pipelines
    assert pipeline.after
    assert pipeline.after.model_copy(update={"resources": record().resources}) == record()


def test_a_move_says_what_else_is_to_be_written() -> None:
    to = Scene(address=Address("north", "sales"), record=None)
    (pipeline,) = planned(Move(address=ADDRESS, to=to.address), SCENE, to).pipelines
    assert (pipeline.address, pipeline.leaves) == (to.address, ADDRESS)
    assert pipeline.marker
    assert pipeline.marker.owner.pipeline == "sales"
    told = " ".join(pipeline.words)
    assert "still stands in its stack" in told
    assert "no stack has north.sales yet" in told
    assert "dlt: {pipeline_name: shop_main}" in told

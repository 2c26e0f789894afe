"""What a prune comes to is said row by row before it is done, and whatever keeps it from being done is said too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.edit import Prune
from databridge.model.observed import DeclaredTable, Leftover, Observed, RecordCounts, Remains
from databridge.model.recorded import LocationStatus, PendingPackage, RecordedPipeline
from databridge.model.retention import Retention
from databridge.model.sweep import Sweep
from databridge.plan.consequence import Risk
from databridge.plan.edits.editor import make_edit
from databridge.plan.edits.editplan import EditPlan
from databridge.plan.edits.scene import Scene
from tests.support import builders
from tests.support.builders import NOW, appended, located, merged

PIPELINE = builders.pipeline(appended(), merged("CLIENTS"))
RECORD = builders.record_of(builders.stack(PIPELINE), PIPELINE, last_load=builders.loaded())
HERE = Address("sales", "main")
OLDEST, OLD, DEAD = "1763880000.5", "1763870000.5", "1763890000.5"
SEEN = Observed(
    packages=9,
    counts=RecordCounts(states=9),
    oldest_load=OLDEST,
    declared={
        "orders": DeclaredTable("orders", "ORDERS", "append"),
        "clients": DeclaredTable("clients", "CLIENTS", "merge"),
    },
    remains=(
        Remains("orders", DEAD, 3),
        Remains("orders", OLD, 2),
        Remains("clients", DEAD, 1),
        Remains("_dlt_pipeline_state", DEAD, 1),
    ),
    leftovers=(Leftover("gone"),),
)
KEPT = Retention(packages=4, states=5)
STATE = builders.state_of()
FOUND = replace(located(STATE, STATE), observed=SEEN)


def scene(found: RecordedPipeline = FOUND, address: Address = HERE) -> Scene:
    return Scene(address=address, record=RECORD, pipeline=PIPELINE, found=found, local="{}", destination="{}")


def planned(
    *scenes: Scene, named: bool = False, loads: tuple[str, ...] = (), points: tuple[str, ...] = ()
) -> EditPlan:
    by_address = {each.address: each for each in scenes or (scene(),)}
    edit = Prune(addresses=tuple(by_address) if named else (), loads=loads, retention=KEPT)
    plan = make_edit(edit, by_address, project="demo", target="dev", now=NOW, points=points)
    assert EditPlan.model_validate_json(plan.model_dump_json()) == plan
    return plan


def test_everything_that_goes_is_told() -> None:
    plan = planned()
    (pipeline,) = plan.pipelines
    assert pipeline.sweep == Sweep(loads=(DEAD,), staged=("gone",), packages=4, states=5)
    assert [(change.path, change.before, change.after) for change in pipeline.places] == [
        ("states of loads that never completed", 1, 0),
        ("raw_staging.gone", "staged", None),
        ("states at the destination", 8, 5),
        ("finished packages kept", 9, 4),
    ]
    (resource,) = pipeline.resources
    assert str(resource.address) == "sales.main.ORDERS"
    assert [(c.path, c.before, c.after) for c in resource.changes] == [
        (f"rows of load {DEAD} in orders", 3, 0)
    ]
    assert resource.words == ("3 rows that no completed load has brought are deleted for good",)
    assert plan.risks == {Risk.DELETE_ROWS}
    assert plan.summary == "Plan: 1 to prune."


def test_nested_rows_without_a_parent_are_told() -> None:
    items = DeclaredTable("orders__items", "ORDERS", "append", nested=True)
    seen = Observed(declared={"orders__items": items}, remains=(Remains("orders__items", "", 2),))
    (pipeline,) = planned(scene(replace(FOUND, observed=seen))).pipelines
    assert pipeline.sweep == Sweep(orphans=True)
    (resource,) = pipeline.resources
    assert str(resource.address) == "sales.main.ORDERS"
    assert [(c.path, c.before) for c in resource.changes] == [("rows in orders__items without a parent", 2)]


def test_nothing_of_the_state_is_written() -> None:
    (pipeline,) = planned().pipelines
    assert (pipeline.amendments, pipeline.after, pipeline.marker) == ((), RECORD, STATE.marker)


def test_a_load_that_is_named_goes_too() -> None:
    (pipeline,) = planned(named=True, loads=(OLD,)).pipelines
    assert pipeline.sweep.loads == (OLD, DEAD)
    assert [change.before for change in pipeline.resources[0].changes] == [3, 2]


@pytest.mark.parametrize("load_id", [OLDEST, "nonsense"])
def test_a_load_that_left_nothing_is_refused(load_id: str) -> None:
    plan = planned(named=True, loads=(load_id,))
    assert [finding.code for finding in plan.blocking] == ["DB247"]
    assert plan.pipelines == ()


def test_a_folder_that_goes_with_it_is_told() -> None:
    old = builders.state_of(version=2)
    stale = replace(located(old, STATE), observed=SEEN)
    (pipeline,) = planned(scene(stale)).pipelines
    assert (pipeline.places[0].path, pipeline.places[0].before, pipeline.places[0].after) == (
        "local",
        "v2",
        "v5",
    )


def test_nothing_goes_while_a_package_is_pending() -> None:
    waiting = replace(FOUND, pending=(PendingPackage(DEAD, "loading"),))
    assert planned(scene(waiting)).summary == "No changes."
    assert [finding.code for finding in planned(scene(waiting), named=True).blocking] == ["DB241"]


def test_one_that_can_not_be_read_does_not_keep_the_others() -> None:
    unread = located(None, None, LocationStatus.UNKNOWN)
    other = Address("sales", "other")
    plan = planned(scene(), scene(unread, other))
    assert ([each.address for each in plan.pipelines], plan.findings) == ([HERE], ())
    assert [finding.code for finding in planned(scene(unread), named=True).blocking] == ["DB230"]


def test_there_is_nothing_to_prune() -> None:
    assert planned(scene(replace(FOUND, observed=Observed()))).summary == "No changes."


def test_old_restore_points_alone_are_something() -> None:
    plan = planned(scene(replace(FOUND, observed=Observed())), points=("20250101T000000Z-1",))
    assert (plan.pipelines, plan.summary) == ((), "Plan: 1 to prune.")


def test_a_pipeline_that_nobody_knows() -> None:
    with pytest.raises(DatabridgeError, match="DB632"):
        planned(replace(scene(), record=None), named=True)

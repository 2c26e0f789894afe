"""An edit is made from what holds when it is made, and is an error where a place says something else afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from databridge.apply.editing import Editing
from databridge.apply.engine import Job, Loaded, Prepared
from databridge.apply.events import JobEvent
from databridge.apply.fake import Crash, FakeEngine, Fuse
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.edit import Restore, SetCursor
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Mode, TableResource
from databridge.model.run import Outcome
from databridge.model.stack import Stack
from tests.support.world import SHOP, WAREHOUSE, Site, desired

ORDERS = TableResource(name="ORDERS", mode=Mode.INCREMENTAL, cursor_field="at")
MAIN = Pipeline(name="main", source=SHOP, destination=WAREHOUSE, dataset="raw", resources=(ORDERS,))
SHOPS = desired(Stack(name="shop", pipelines=(MAIN,)))
SET = SetCursor(address=Address("shop", "main", "ORDERS"), value="1")


@pytest.fixture
def site() -> Site:
    """Loaded once."""
    made = Site()
    made.world.tables[SHOP] = {"ORDERS": [{"id": n, "at": n} for n in (1, 2)]}
    made.apply(SHOPS)
    return made


class Lying(FakeEngine):
    """Says that it did what it was told, and did something else."""

    def perform(
        self, job: Job, *, prepared: Callable[[Prepared], None], emit: Callable[[JobEvent], None]
    ) -> Loaded:
        return super().perform(replace(job, amend=()), prepared=prepared, emit=emit)


def made(
    site: Site, *, engine: FakeEngine | None = None, meanwhile: Callable[[], object] = lambda: None
) -> None:
    session = site.session(SHOPS, engine=engine, operation="state set")
    with session.locked(timeout=0, on_wait=print):
        editing = Editing(session)
        plan = editing.plan(SET)
        meanwhile()
        editing.execute(plan, parallelism=1)


def test_what_moved_since_it_was_planned_is_not_edited(site: Site) -> None:
    (dataset,) = site.world.datasets.values()
    state = dataset.states["shop_main"]
    moved = replace(state, version=9, version_hash="another", load_id="9.9")
    with pytest.raises(DatabridgeError, match="DB424") as refusal:
        made(site, meanwhile=lambda: dataset.states.update(shop_main=moved))
    assert refusal.value.exit_code is ExitCode.STALE
    assert dataset.states["shop_main"] is moved
    assert "state set" not in {point.command for point in site.store.restore_points(newest=9)}


def test_an_engine_that_did_something_else_is_found_out(site: Site) -> None:
    with pytest.raises(DatabridgeError, match="DB423") as error:
        made(site, engine=Lying(site.world))
    (point,) = site.store.restore_points(newest=1)
    assert f"databridge state restore {point.restore_id}" in error.value.diagnostics[0].hint
    assert "shop.main.ORDERS: " in error.value.diagnostics[0].detail
    (run,) = site.store.runs(newest=1)
    assert (run.operation, run.exit_code) == ("state set", ExitCode.ERROR)


def test_who_did_what_is_kept(site: Site) -> None:
    made(site)
    (run,) = site.store.runs(newest=1)
    assert (run.who, run.operation, run.exit_code) == ("tester@here", "state set", ExitCode.DONE)
    assert [part.outcome for part in run.pipelines] == [Outcome.EDITED]
    assert run.edit
    assert run.edit.restore_point == run.run_id
    told = {(str(field.address), field.path): (field.before, field.after) for field in run.edit.fields}
    assert told["shop.main.ORDERS", "at"] == ("2", "1")


@pytest.mark.parametrize(
    ("effect", "outcome"),
    [("journal prepared of shop.main", Outcome.UNDONE), ("write the ledger of shop", Outcome.EDITED)],
)
def test_an_edit_that_died_is_among_the_runs_and_whoever_settles_it_adds_what_came_of_it(
    site: Site, effect: str, outcome: Outcome
) -> None:
    calm = Fuse()
    site.copy().edit(SHOPS, SET, fuse=calm)
    with pytest.raises(Crash):
        site.edit(SHOPS, SET, fuse=Fuse(calm.effects.index(effect)))
    (dead,) = (run for run in site.store.runs(newest=9) if run.operation == "state set")
    assert (dead.exit_code, dead.pipelines) == (ExitCode.INTERRUPTED, ())
    assert dead.edit
    assert {(field.path, field.after) for field in dead.edit.fields} >= {("at", "1")}
    assert site.store.restore_point(dead.edit.restore_point)
    site.plan(SHOPS)
    told = site.store.run(dead.run_id)
    assert told
    assert (told.exit_code, told.edit) == (ExitCode.INTERRUPTED, dead.edit)
    assert [part.outcome for part in told.pipelines] == [outcome]


def test_an_edit_that_died_before_its_end_was_written_down_is_among_the_runs(site: Site) -> None:
    calm = Fuse()
    site.copy().edit(SHOPS, SET, fuse=calm)
    last = len(calm.effects) - 1
    assert calm.effects[last] == "record the run"
    with pytest.raises(Crash):
        site.edit(SHOPS, SET, fuse=Fuse(last))
    assert site.store.runs(newest=1)[0].exit_code == ExitCode.INTERRUPTED


def test_an_older_restore_point_leaves_it_on_record_when_a_resource_was_last_loaded(site: Site) -> None:
    made(site)
    (point,) = site.store.restore_points(newest=1)
    site.world.tables[SHOP]["ORDERS"].append({"id": 3, "at": 3})
    site.apply(SHOPS)
    before = site.record("shop", "main")
    _, run = site.edit(SHOPS, Restore(point=point.restore_id))
    assert run
    assert run.exit_code == ExitCode.DONE
    after = site.record("shop", "main")
    assert before
    assert after
    assert after.resources["ORDERS"].last_load == before.resources["ORDERS"].last_load

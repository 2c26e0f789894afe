"""A session holds its locks from the first look to the last record, and begins with what dead ones left open."""

from __future__ import annotations

from contextlib import suppress

import pytest

from databridge.apply.events import Recovered
from databridge.apply.fake import Crash, Fuse
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Mode, TableResource
from databridge.model.run import Outcome
from databridge.model.stack import Desired, Stack
from databridge.plan.options import PlanOptions
from databridge.plan.selection import Selection
from tests.support.world import SHOP, WAREHOUSE, Site, desired

ORDERS = TableResource(name="ORDERS", mode=Mode.INCREMENTAL, cursor_field="id")
COUNTRIES = TableResource(name="COUNTRIES")


def shops(*resources: TableResource, schedule: str = "always") -> Desired:
    main = Pipeline(
        name="main", source=SHOP, destination=WAREHOUSE, dataset="raw", schedule=schedule, resources=resources
    )
    return desired(Stack(name="north", pipelines=(main,)))


@pytest.fixture
def site() -> Site:
    made = Site()
    made.world.tables[SHOP] = {"ORDERS": [{"id": 1}], "COUNTRIES": [{"id": 1}]}
    return made


def crash_before(site: Site, written: Desired, effect: str) -> None:
    calm = Fuse()
    site.copy().apply(written, fuse=calm)
    with pytest.raises(Crash):
        site.apply(written, fuse=Fuse(calm.effects.index(effect)))


def test_only_one_session_at_a_time_has_a_stack(site: Site) -> None:
    written = shops(ORDERS)
    first, second = site.session(written), site.session(written)
    with first.locked(timeout=0, on_wait=print):
        with pytest.raises(DatabridgeError) as refusal, second.locked(timeout=0, on_wait=print):
            pass
        assert refusal.value.exit_code is ExitCode.LOCKED
    with second.locked(timeout=0, on_wait=print):
        assert second.plan(PlanOptions()).changes


def test_a_load_that_was_recovered_is_not_made_again_though_it_is_due(site: Site) -> None:
    written = shops(COUNTRIES)
    site.apply(written)
    crash_before(site, written, "write the ledger of north")
    plan, run = site.apply(written)
    assert not plan.actions
    assert run
    assert [(part.outcome, part.rows) for part in run.pipelines] == [(Outcome.RECOVERED, {"COUNTRIES": 1})]
    assert run.exit_code == ExitCode.DONE
    assert site.store.run(run.run_id) == run
    assert [event.finished for event in site.told if isinstance(event, Recovered)] == [True]
    assert [len(rows) for rows in site.world.contents().values()] == [2]


def test_a_load_that_was_undone_is_made_again_whatever_the_schedule(site: Site) -> None:
    written = shops(COUNTRIES, schedule="manual")
    site.apply(written)
    session = site.session(written, fuse=Fuse(5), operation="run")
    with pytest.raises(Crash), session.locked(timeout=0, on_wait=print):
        session.execute(session.plan(PlanOptions(run_now=True)), parallelism=1)
    plan, run = site.apply(written)
    assert [action.reasons for action in plan.actions] == [("run-owed",)]
    assert run
    assert [part.outcome for part in run.pipelines] == [Outcome.UNDONE, Outcome.LOADED]
    assert [len(rows) for rows in site.world.contents().values()] == [2]
    assert not site.plan(written).actions


def test_what_was_forgotten_halfway_is_forgotten(site: Site) -> None:
    site.apply(shops(ORDERS))
    crash_before(site, desired(), "journal finished of north.main")
    plan, _ = site.apply(desired())
    assert not plan.actions
    assert not site.store.open_entries("north")
    assert site.record("north", "main") is None


def test_with_nothing_to_do_and_nothing_to_mend_no_run_is_recorded(site: Site) -> None:
    site.apply(shops(ORDERS, schedule="1h"))
    assert len(site.store.runs(newest=9)) == 1
    _, run = site.apply(shops(ORDERS, schedule="1h"))
    assert run is None
    assert len(site.store.runs(newest=9)) == 1


def test_a_selection_that_matches_nothing_is_refused(site: Site) -> None:
    with pytest.raises(DatabridgeError) as refusal:
        site.apply(shops(ORDERS), PlanOptions(select=Selection(("noth",))))
    assert refusal.value.diagnostics[0].hint == "Did you mean `north`?"


def test_a_stale_plan_says_what_moved_and_does_nothing(site: Site) -> None:
    saved = site.save(shops(ORDERS))
    site.apply(shops(COUNTRIES))
    before, kept = site.copy().world, site.store.holds()
    with pytest.raises(DatabridgeError) as refusal:
        site.apply_saved(saved, shops(ORDERS))
    assert refusal.value.exit_code is ExitCode.STALE
    assert "north" in refusal.value.diagnostics[0].detail
    assert (site.world, site.store.holds()) == (before, kept)


def test_a_saved_plan_that_died_and_is_applied_again_loads_once(site: Site) -> None:
    written = shops(COUNTRIES)
    site.apply(written)
    saved = site.save(written)
    calm = Fuse()
    site.copy().apply_saved(saved, written, fuse=calm)
    with pytest.raises(Crash):
        site.apply_saved(saved, written, fuse=Fuse(calm.effects.index("write the ledger of north")))
    run = site.apply_saved(saved, written)
    assert [part.outcome for part in run.pipelines] == [Outcome.RECOVERED]
    assert [len(rows) for rows in site.world.contents().values()] == [2]


@pytest.mark.parametrize("refused", [False, True])
def test_what_a_command_settled_is_recorded_whatever_came_of_the_command(site: Site, refused: bool) -> None:
    written = shops(COUNTRIES)
    site.apply(written)
    crash_before(site, written, "write the ledger of north")
    session = site.session(written, operation="state backup")
    with suppress(DatabridgeError), session.locked(timeout=0, on_wait=print):
        if refused:
            raise DatabridgeError.of("DB601", "nobody to ask", hint="Ask.")
    run = site.store.runs(newest=1)[0]
    assert run.operation == "state backup"
    assert [part.outcome for part in run.pipelines] == [Outcome.RECOVERED]

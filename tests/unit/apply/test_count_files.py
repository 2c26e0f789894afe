"""Files that dlt listed before databridge came are counted once; the fake engine does it as the real one does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from databridge.apply.engine import Job, Place
from databridge.apply.fake import FakeEngine
from databridge.apply.work import works_of
from databridge.apply.world import Dataset, LandedFile, SeenResource, World
from databridge.model.address import Address
from databridge.model.amendment import CountFiles
from databridge.model.destination import DuckDbDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import CursorState, FileMark, Recorded, ResourceState
from databridge.model.source import FilesystemSource
from databridge.plan.actions import Adopt, Create, Step
from databridge.plan.plan import Plan
from databridge.plan.reasons import Reason
from tests.support.builders import NOW, desired, files, pipeline, stack, state_of

LAST = datetime(2024, 1, 2, tzinfo=UTC)
LANDING = FilesystemSource(type="filesystem", bucket_url="file://landing")
VISITS = files("visits", glob="visits/*.csv")
COUNT = CountFiles(resource=VISITS, source=LANDING, listing="filesystem_visits")
PLACE = Place("sales_main", "sales_main", DuckDbDestination(type="duckdb", path="w.duckdb"), "raw")


def world(last: datetime | None = LAST) -> World:
    """Two files that were listed, and one that came later."""
    found = World()
    found.landing[LANDING] = {
        f"visits/{name}.csv": LandedFile(FileMark.of(1, at), ({"id": 1},))
        for name, at in {"old": LAST - timedelta(1), "last": LAST, "new": LAST + timedelta(1)}.items()
    }
    listing = SeenResource("filesystem_visits", cursors=(CursorState("modification_date", last),))
    state = replace(state_of(listing), pipeline_name="sales_main")
    found.datasets["duckdb w.duckdb", "raw"] = Dataset(
        states={"sales_main": state}, schemas={"sales_main": {}}, loads={"1.0"}
    )
    return found


def count(of: World) -> dict[str, ResourceState]:
    job = Job(address=Address("sales", "main"), place=PLACE, source=None, amend=(COUNT,))
    FakeEngine(of).perform(job, prepared=lambda _: None, emit=lambda _: None)
    return dict(of.dataset(PLACE).states["sales_main"].resources)


def test_what_was_listed_is_remembered_as_loaded_once_and_for_all() -> None:
    resources = count(world())
    assert set(resources["visits"].files) == {"old.csv", "last.csv"}
    assert resources["filesystem_visits"].counted


def test_a_listing_that_knows_nothing_tells_nothing() -> None:
    with pytest.raises(DatabridgeError, match="DB529"):
        count(world(None))


def test_files_are_counted_in_a_package_without_rows() -> None:
    """dlt's state is amended where nothing is loaded: what is new in the pipeline comes after it."""
    written = desired(stack(pipeline(VISITS, files("clicks"), source=LANDING)))
    adopt = Adopt(
        address=Address("sales", "main", "visits"),
        reasons=(Reason.UNMANAGED_FOUND,),
        steps=(Step.RECORD,),
        listing="filesystem_visits",
    )
    create = Create(
        address=Address("sales", "main", "clicks"),
        reasons=(Reason.NEW_IN_STACK,),
        steps=(Step.LOAD, Step.RECORD),
    )
    plan = Plan(project="demo", target="dev", created_at=NOW, actions=(adopt, create))
    first, second = works_of(plan, written, Recorded(), limit=None)
    assert (first.job.amend, first.job.load) == ((COUNT,), ())
    assert (second.job.amend, [r.name for r in second.job.load]) == ((), ["clicks"])
    assert second.after
    assert set(second.after.resources) == {"visits", "clicks"}

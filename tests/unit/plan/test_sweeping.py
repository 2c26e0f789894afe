"""What would be swept: never what may have completed, never while something is pending, never the newest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.model.observed import DeclaredTable, Leftover, Observed, RecordCounts, Remains
from databridge.model.recorded import LocationKind, LocationStatus, PendingPackage, RecordedPipeline
from databridge.model.retention import Retention
from databridge.model.sweep import NOTHING, Sweep
from databridge.plan.sweeping import clears, sweep_of, takes
from tests.support.builders import located, state_of

OLDEST, BEFORE, DEAD = "1763880000.5", "1763870000.5", "1763890000.5"
KEPT = Retention(packages=2, states=3)
SEEN = Observed(
    packages=5,
    counts=RecordCounts(states=9),
    oldest_load=OLDEST,
    declared={
        "orders": DeclaredTable("orders", "orders", "append"),
        "clients": DeclaredTable("clients", "clients", "merge"),
    },
    remains=(
        Remains("orders", DEAD, 1),
        Remains("orders", BEFORE, 1),
        Remains("clients", "1763890001.5", 1),
        Remains("_dlt_pipeline_state", "1763890002.5", 1),
    ),
    leftovers=(Leftover("gone"),),
)


def found(seen: Observed | None = SEEN, **changes: object) -> RecordedPipeline:
    place = replace(located(state_of(), state_of()), observed=seen)
    return replace(place, **changes)  # type: ignore[arg-type]  # whatever the test says


def test_what_is_swept() -> None:
    assert sweep_of(found(), KEPT) == Sweep(
        loads=(DEAD, "1763890002.5"), staged=("gone",), packages=2, states=3
    )


def test_nested_rows_without_a_parent_go_but_where_they_are_replaced() -> None:
    seen = replace(SEEN, remains=(Remains("orders", "", 1),))
    assert sweep_of(found(seen), Retention()) == Sweep(orphans=True, staged=("gone",))
    assert takes(Sweep(orphans=True), seen.remains[0], seen)
    assert not takes(Sweep(loads=("",)), seen.remains[0], seen)
    rates = {"rates": DeclaredTable("rates", "rates", "replace")}
    replaced = Observed(declared=rates, remains=(Remains("rates", "", 1),))
    assert sweep_of(found(replaced), KEPT) == NOTHING


def test_what_is_left_in_a_volume_is_no_table_of_the_staging_dataset() -> None:
    volume, table, bucket = (
        Leftover("orders", 1, "v", volume=True),
        Leftover("gone"),
        Leftover("old", 1, "s3://b"),
    )
    swept = sweep_of(found(replace(SEEN, leftovers=(volume, table))), KEPT)
    assert (swept.volume, swept.staged, swept.bucket) == (("orders",), ("gone",), False)
    assert [clears(swept, each) for each in (volume, table, bucket)] == [True, True, False]


def test_a_load_that_may_have_completed_goes_only_when_it_is_named() -> None:
    assert sweep_of(found(), KEPT, frozenset({BEFORE})).loads == (BEFORE, DEAD, "1763890002.5")


def test_naming_a_load_that_left_nothing_sweeps_nothing() -> None:
    named = frozenset({OLDEST, "1763890001.5", "nonsense"})
    assert sweep_of(found(), KEPT, named).loads == (DEAD, "1763890002.5")


def test_what_retention_allows_stays() -> None:
    swept = sweep_of(found(), Retention(packages=5, states=9))
    assert (swept.packages, swept.states) == (None, None)


def test_dlt_itself_deletes_the_states_of_a_folder_of_files() -> None:
    place = found()
    lake = replace(place.destination, kind=LocationKind.FILESYSTEM)
    assert sweep_of(replace(place, destination=lake), KEPT).states is None


@pytest.mark.parametrize(
    "place",
    [
        found(None),
        found(pending=(PendingPackage(DEAD, "loading"),)),
        replace(found(), destination=replace(found().destination, status=LocationStatus.EMPTIED)),
        found(Observed()),
    ],
)
def test_nothing_is_swept(place: RecordedPipeline) -> None:
    assert sweep_of(place, KEPT, frozenset({DEAD})) == NOTHING
    assert not NOTHING

"""After a prune, what was to go is looked for again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.apply.readback import differences
from databridge.apply.world import World
from databridge.model.address import Address
from databridge.model.observed import DeclaredTable, Leftover, Observed, RecordCounts, Remains
from databridge.model.sweep import Sweep
from databridge.plan.edits.editplan import PipelineEdit
from databridge.plan.edits.scene import Scene
from tests.support.builders import located, state_of

HERE = Address("sales", "main")
DEAD = "1763890000.5"
EDIT = PipelineEdit(
    address=HERE,
    destination="duckdb warehouse.duckdb",
    dataset="raw",
    sweep=Sweep(loads=(DEAD,), staged=("gone",), packages=2, states=3),
)
CLEAN = Observed(
    packages=2,
    counts=RecordCounts(states=3),
    declared={"clients": DeclaredTable("clients", "CLIENTS", "merge")},
    remains=(Remains("orders", "1763870000.5", 1), Remains("clients", DEAD, 1)),
    leftovers=(Leftover("of_others"),),
)


def said(seen: Observed | None) -> list[str]:
    scene = Scene(address=HERE, record=None, found=replace(located(state_of(), state_of()), observed=seen))
    return list(differences(EDIT, scene, scene, World()))


def test_what_was_not_to_go_may_stay() -> None:
    assert said(CLEAN) == []


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (replace(CLEAN, remains=(Remains("orders", DEAD, 1),)), f"orders still holds rows of load {DEAD}"),
        (replace(CLEAN, leftovers=(Leftover("gone"),)), "gone is still staged"),
        (replace(CLEAN, packages=3), "3 finished packages are kept, and not 2"),
        (replace(CLEAN, counts=RecordCounts(states=4)), "4 states are kept, and not 3"),
        (None, "duckdb warehouse.duckdb could not be read again"),
    ],
)
def test_what_is_still_there_is_told(seen: Observed | None, words: str) -> None:
    assert said(seen) == [f"sales.main: {words}"]

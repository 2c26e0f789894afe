"""A closer look counts rows, so it is taken only where somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from databridge.apply.observe import observe
from databridge.apply.world import World
from databridge.locations.wanted import Wanted
from databridge.model.recorded import RecordedPipeline
from databridge.plan.selection import EVERYTHING, Selection
from databridge.state.memory import MemoryStore
from tests.support.builders import PROJECT, TARGET, appended, desired, pipeline, stack

STACKS = desired(stack(pipeline(appended(), name="a"), pipeline(appended("BILLS"), name="b")))


class Watched(World):
    """Keeps what it was asked for."""

    asked: Sequence[Wanted] = ()

    def states(self, wanted: Sequence[Wanted], *, refresh: bool) -> dict[str, RecordedPipeline]:
        self.asked = [*self.asked, *wanted]
        return dict(super().states(wanted, refresh=refresh))


def looked_at_closely(select: Selection | None) -> list[str]:
    places, store = Watched(), MemoryStore(project=PROJECT, target=TARGET)
    if select is None:
        observe(STACKS, store, places, refresh=True)
    else:
        observe(STACKS, store, places, refresh=True, closely=select.may_keep_of)
    assert [each.address for each in places.asked] == ["sales.a", "sales.b"]
    return [each.address for each in places.asked if each.closely]


def test_a_plan_takes_no_closer_look() -> None:
    assert looked_at_closely(None) == []


@pytest.mark.parametrize(
    ("pattern", "addresses"),
    [
        ("sales", ["sales.a", "sales.b"]),
        ("sales.a", ["sales.a"]),
        ("sales.a.ORDERS", ["sales.a"]),
        ("*.b.*", ["sales.a", "sales.b"]),  # in doubt
        ("sales.b*", ["sales.b"]),
        ("other", []),
    ],
)
def test_where_it_is_asked_for_it_is_taken(pattern: str, addresses: list[str]) -> None:
    assert looked_at_closely(Selection((pattern,))) == addresses


def test_without_a_selection_it_is_taken_everywhere() -> None:
    assert looked_at_closely(EVERYTHING) == ["sales.a", "sales.b"]

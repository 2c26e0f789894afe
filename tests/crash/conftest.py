"""The shop after calm applies, once for all crash tests: what every killed one must come to equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.contents import Contents
from tests.support.project import Project
from tests.support.shop import open_shop, reach, shop_contents


@dataclass(frozen=True)
class Calm:
    """A shop that nothing ever happened to."""

    at_stage_1: Project
    """As it stood after the first apply; to be copied, not used."""
    holds: dict[int, Contents]
    """What was loaded, by stage."""


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Calm:
    folder = tmp_path_factory.mktemp("calm")
    shop = open_shop(folder / "shop")
    shop.apply()
    at_stage_1, holds = shop.copy(folder / "stage_1"), {1: shop_contents(shop)}
    for stage in (2, 3):
        reach(shop, stage)
        shop.apply()
        holds[stage] = shop_contents(shop)
    # The shop tells of doubled and lost rows only if its stages overlap at the cursor as they should.
    assert [holds[stage].rows["raw.orders"].total() for stage in (1, 2, 3)] == [40, 80, 120]
    return Calm(at_stage_1, holds)


@pytest.fixture
def shop_at(tmp_path: Path, calm: Calm) -> Callable[[int], Project]:
    """A shop whose data stands at a stage and was loaded up to the one before."""

    def opened(stage: int) -> Project:
        if stage == 1:
            return open_shop(tmp_path / "shop")
        assert stage == 2, "further stages take longer and show nothing new"
        shop = calm.at_stage_1.copy(tmp_path / "shop")
        reach(shop, 2)
        return shop

    return opened

"""Real processes, killed and applied again: the destinations equal those of a calm apply, and so they do after the next data.

`test_sweep.py` kills after every step, in children that do all in one process; here a worker and its parent are two.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.crash.conftest import Calm
from tests.support.project import KILLED, Project
from tests.support.shop import PIPELINES, reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

ShopAt = Callable[[int], Project]


def test_killed_with_its_worker(shop_at: ShopAt, calm: Calm) -> None:
    shop = shop_at(2)
    for pipeline in PIPELINES:
        shop.killed_apply("--select", pipeline, failpoint="job-1")
    _apply_and_compare(shop, 2, calm, several_loads=True)


def test_killed_in_the_parent_at_the_first_load(shop_at: ShopAt, calm: Calm) -> None:
    shop = shop_at(1)
    shop.killed_apply("--parallelism", "1", failpoint="ledger-torn")
    _apply_and_compare(shop, 1, calm)


@pytest.mark.parametrize("failpoint", ["job-1", "after-complete"])
def test_a_worker_killed_alone_is_made_up_for(failpoint: str, shop_at: ShopAt, calm: Calm) -> None:
    shop = shop_at(2)
    done = shop.run("apply", "--auto-approve", "--select", "shop", failpoint=f"worker:{failpoint}")
    # A load that is complete at the destination is complete, whoever died over it.
    assert done.code == (0 if failpoint == "after-complete" else 1), done.text
    _apply_and_compare(shop, 2, calm, several_loads=True)


def test_an_edit_of_the_state_killed_once_its_load_is_complete(shop_at: ShopAt, calm: Calm) -> None:
    shop = shop_at(2)
    set_back = ("state", "set", "shop.tables.orders", "--cursor", "2024-01-28T11:00")
    died = shop.run(*set_back, "--auto-approve", "--allow", "duplicate", failpoint="after-complete")
    assert died.code == KILLED, died.text
    shop.apply()
    # It was made: the forty orders of stage 1 came once more.
    again = calm.holds[1].rows["raw.orders"].total()
    assert shop_contents(shop).rows["raw.orders"].total() == calm.holds[2].rows["raw.orders"].total() + again


def _apply_and_compare(shop: Project, stage: int, calm: Calm, *, several_loads: bool = False) -> None:
    """Apply twice, the second time with new data.

    Args:
        shop: after a crash.
        stage: of its data.
        calm: what it must equal.
        several_loads: whether earlier applies may have completed loads of their own, so that there are more snapshots.
    """
    shop.apply()
    assert not calm.holds[stage].difference(shop_contents(shop), any_number_of_snapshots=several_loads)
    assert not shop.has_changes()
    reach(shop, stage + 1)
    shop.apply()
    assert not calm.holds[stage + 1].difference(shop_contents(shop), any_number_of_snapshots=several_loads)

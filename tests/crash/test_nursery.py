"""A command that is forked does what one in an interpreter of its own does."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path

import duckdb

from tests.support.project import Done, Project
from tests.support.shop import open_shop, shop_contents


def plain(done: Done) -> tuple[int, list[str], list[str]]:
    """What it said, without how long it took."""
    out, err = (re.sub(r" *\d+\.\d s", " TIME", text).splitlines() for text in (done.out, done.err))
    return done.code, out, err


def test_it_does_what_one_in_a_new_interpreter_does(tmp_path: Path) -> None:
    forked, anew = open_shop(tmp_path / "forked"), open_shop(tmp_path / "anew")
    one_by_one = ("apply", "--auto-approve", "--parallelism", "1")
    assert plain(forked.run(*one_by_one)) == plain(anew.run_anew(*one_by_one))
    assert not shop_contents(forked).difference(shop_contents(anew))
    for shop in (forked, anew):
        with duckdb.connect(str(shop.root / "warehouse.duckdb"), read_only=True) as connection:
            # A worker enforces settings of dlt's: with them each row has its load.
            assert connection.execute(
                "SELECT count(*) FROM raw.orders WHERE _dlt_load_id IS NULL"
            ).fetchall() == [(0,)]
    assert plain(forked.run("plan", "--select", "nothing")) == plain(
        anew.run_anew("plan", "--select", "nothing")
    )


def test_it_is_a_process_of_its_own(shop_at: Callable[[int], Project]) -> None:
    shop = shop_at(1)
    first, second = (shop.start("plan", "--format", "json") for _ in range(2))
    assert first.pid != second.pid
    first.send_signal(signal.SIGKILL)
    first.communicate()
    out, err = second.communicate()
    assert (first.returncode, second.returncode, out[:1], err) == (-signal.SIGKILL, 0, "{", "")

"""How far a run came that died is told in words and numbers: what it was about, and after which of its steps it ended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.crash.conftest import Calm

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other


def test_people_are_told_how_far_a_renaming_came(calm: Calm, tmp_path: Path) -> None:
    shop = calm.at_stage_1.copy(tmp_path / "shop")
    shop.edit("stacks/shop.yaml", "- name: events\n", "- name: signals\n        renamed_from: events\n")
    shop.killed_apply("--select", "shop.files", failpoint="moved-1")
    (told,) = json.loads(shop.run("state", "show", "shop.files", "--format", "json").out)["interrupted"]
    assert told["what"] == "renaming events to signals"
    assert told["stage"] == "after step 1 of 4 (package prepared; 1 of 4 tables renamed)"
    assert (told["done"], len(told["steps"])) == (1, 4)
    text = shop.run("state", "show", "shop.files").out
    assert f"interrupted while {told['what']}, {told['stage']}" in " ".join(text.split())

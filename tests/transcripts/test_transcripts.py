"""Each `.txtar` here is a story told at the command line; `UPDATE=1` rewrites what the commands say in it."""

from __future__ import annotations

import os
from difflib import unified_diff
from pathlib import Path

import pytest

from tests.support.transcripts import replayed

STORIES = sorted(Path(__file__).parent.glob("*.txtar"))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_a_story_ends_as_it_was_told(story: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    told = story.read_text("utf-8")
    now = replayed(told, folder)
    if os.environ.get("UPDATE"):
        story.write_text(now, "utf-8")
        told = now
    diff = "\n".join(unified_diff(told.splitlines(), now.splitlines(), story.name, "now", n=10, lineterm=""))
    assert not diff, diff

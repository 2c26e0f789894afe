"""What pages learn from the code is what the code says now; `make docs` brings it up to date."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from databridge.config.connection import DESTINATIONS, SOURCES
from docs.generate.blocks import named_blocks
from docs.generate.commands import commands
from docs.generate.errors import GROUPS
from docs.generate.pages import BLOCKS, ROOT, generated, pages

MADE = generated()
CLI = (ROOT / "docs" / "cli.md").read_text("utf-8")


@pytest.mark.parametrize("file", MADE, ids=lambda file: str(file.relative_to(ROOT)))
def test_it_is_up_to_date(file: Path) -> None:
    assert file.read_text("utf-8") == MADE[file], "bring it up to date: make docs"


def test_every_block_stands_on_some_page() -> None:
    shown = {name for page in pages() for name in named_blocks(page.read_text("utf-8"))}
    assert shown == set(BLOCKS)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("sources", name) for name in SOURCES.models] + [("destinations", name) for name in DESTINATIONS.models],
)
def test_every_kind_has_a_page_with_its_fields(folder: str, kind: str) -> None:
    page = ROOT / "docs" / folder / f"{kind}.md"
    assert f"{folder.removesuffix('s')} {kind}" in named_blocks(page.read_text("utf-8"))


@pytest.mark.parametrize("words", [words for words, _ in commands()])
def test_every_command_is_documented(words: str) -> None:
    section = CLI.partition(f"\n## {words}\n")[2].partition("\n## ")[0]
    assert section.strip()
    assert words == "databridge version" or f"\n{words}" in section, "its help shows no example"


def test_groups_of_codes_follow_each_other_without_overlap() -> None:
    spans = list(GROUPS.values())
    assert all(first <= last for first, last in spans)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(spans))

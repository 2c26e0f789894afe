"""The rows of `docs/planning-behaviors.md`, as the page has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "planning-behaviors.md"


@dataclass(frozen=True)
class Row:
    """A situation as the page tells it."""

    situation: str
    plan: frozenset[str]
    codes: frozenset[str]
    cases: tuple[str, ...]


def rows() -> list[Row]:
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5 and cells[4].startswith("`"):
            situation, plan, _, codes, cases = cells
            words = frozenset(re.findall(r"\w+", plan)), frozenset(re.findall(r"\w+", codes))
            found.append(Row(situation, *words, tuple(re.findall(r"`(\w+)`", cases))))
    return found

"""A page is written by people but for its generated blocks: each stands between `<!-- generated: NAME -->` and `<!-- end -->`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

_BLOCK = re.compile(r"(?P<head><!-- generated: (?P<name>[^>]+?) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)

Blocks = Mapping[str, Callable[[], str]]
"""What makes each block, by name."""


BAR = "\\|"
"""What Markdown shows as a bar within a table."""


def filled(page: str, blocks: Blocks) -> str:
    """The page with its generated blocks made anew.

    Raises:
        KeyError: the page asks for a block that nobody makes.
    """

    def fill(found: re.Match[str]) -> str:
        return f"{found['head']}\n{blocks[found['name']]().strip()}\n\n{found['end']}"

    return _BLOCK.sub(fill, page)


def named_blocks(page: str) -> list[str]:
    """The blocks that a page asks for."""
    return [found["name"] for found in _BLOCK.finditer(page)]


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    cells = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', BAR) for cell in row)} |" for row in cells)

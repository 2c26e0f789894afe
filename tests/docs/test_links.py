"""Every link from page to page leads somewhere, to the heading that it names too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generate.pages import ROOT, pages

PAGES = [*pages(), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *ROOT.glob("examples/*/README.md")]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.DOTALL | re.MULTILINE)


def links() -> Iterator[tuple[Path, str]]:
    """Every link that stays within the repository."""
    for page in PAGES:
        for target in _LINK.findall(_CODE.sub("`code`", page.read_text("utf-8"))):
            if "://" not in target:
                yield page, target


def anchors(page: Path) -> set[str]:
    """What Markdown viewers make of the headings: small, without punctuation, blanks as hyphens."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    ("page", "target"), list(links()), ids=lambda each: str(each).removeprefix(f"{ROOT}/")
)
def test_a_link_leads_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    assert file.exists()
    assert not anchor or anchor in anchors(file)


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page, target in links()
        if not target.startswith("#")
    }
    assert {page for page in pages() if page not in linked} <= {ROOT / "README.md"}

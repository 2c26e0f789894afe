"""What a page shows of a session is what its commands print; `make docs` brings it up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generate.pages import ROOT, pages
from docs.generate.sessions import exchanges, has_session, replayed

SHOWN = [page for page in pages() if has_session(page.read_text("utf-8"))]


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_session_is_real(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    assert replayed(text, tmp_path) == text, "bring it up to date: make docs"


def test_the_tour_is_among_them() -> None:
    assert ROOT / "README.md" in SHOWN


def test_what_differs_is_shown_anew(tmp_path: Path) -> None:
    page = '```console\n$ echo one\n1\n$ mkdir a && cd a\n$ basename "$PWD"\nb\n```\n'
    assert (
        replayed(page, tmp_path)
        == '```console\n$ echo one\none\n$ mkdir a && cd a\n$ basename "$PWD"\na\n```\n'
    )


def test_times_and_ids_may_differ(tmp_path: Path) -> None:
    page = "```console\n$ echo loaded in 1.5 s, run 20261123T095251Z-3c42, 2 rows\nloaded in 9.1 s, run 20250101T000000Z-0000, 2 rows\n```\n"
    assert replayed(page, tmp_path) == page
    assert replayed(page.replace(", 2 rows\n```", ", 3 rows\n```"), tmp_path) != page.replace(
        ", 2 rows\n```", ", 3 rows\n```"
    )


def test_a_file_on_a_page_is_there_for_the_next_command(tmp_path: Path) -> None:
    page = "```yaml\n# a.yaml\nproject: p\n```\n\n```console\n$ cat a.yaml\n```\n"
    assert "$ cat a.yaml\n# a.yaml\nproject: p\n" in replayed(page, tmp_path)


def test_a_command_may_take_several_lines() -> None:
    (only,) = exchanges("$ cat <<'E'\n> one\n>\n> E\none\n")
    assert (only.command, only.output) == ("cat <<'E'\none\n\nE", "one\n")
    assert str(only) == "$ cat <<'E'\n> one\n> \n> E\none\n"

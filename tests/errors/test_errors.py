"""Each folder here is a project with mistakes; `expected.txt` in it is what people are shown. `UPDATE=1` rewrites them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from databridge.config.lines import split_lines
from databridge.config.project import load_project
from databridge.model.codes import CODES
from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.render.diagnostics import render_diagnostics

HERE = Path(__file__).parent
CASES = sorted(each.parent for each in HERE.glob("*/databridge.yaml"))
PLANTED = "hunter2"
"""Every credential in these folders holds it, so that nothing shown may."""
ELSEWHERE = {"DB001", "DB002", "DB009"}
"""Codes of what a folder in a repository can't show; the unit tests do."""


def problems_of(case: Path) -> tuple[Diagnostic, ...]:
    options = json.loads((case / "options.json").read_text()) if (case / "options.json").exists() else {}
    try:
        project = load_project(
            case,
            target=options.get("target"),
            variables=options.get("variables", {}),
            environ=options.get("environ", {}),
        )
    except DatabridgeError as error:
        return error.diagnostics
    return project.warnings


def read_line(case: Path, file: str, line: int) -> str | None:
    lines = split_lines((case / file).read_bytes().decode("utf-8-sig", "replace"))
    return lines[line - 1]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_people_are_shown(case: Path) -> None:
    shown = render_diagnostics(problems_of(case), read_line=lambda file, line: read_line(case, file, line))
    expected = case / "expected.txt"
    if os.environ.get("UPDATE"):
        expected.write_text(shown, "utf-8")
    assert shown == expected.read_text("utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_credential_is_shown(case: Path) -> None:
    problems = problems_of(case)
    for color in (False, True):
        shown = render_diagnostics(problems, read_line=lambda f, n: read_line(case, f, n), color=color)
        assert PLANTED not in shown
    assert not any(PLANTED in each.model_dump_json() for each in problems)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_place_exists_and_places_are_in_order(case: Path) -> None:
    places = [each.where for each in problems_of(case) if each.where]
    for place in places:
        line = read_line(case, place.file, place.line)
        assert line is not None
        assert 1 <= place.column <= max(1, len(line))
        assert place.column - 1 + place.length <= max(1, len(line))
    keys = [(place.file, place.line, place.column) for place in places]
    assert keys == sorted(keys)


def test_every_code_of_the_loader_is_shown_somewhere() -> None:
    shown = "".join((case / "expected.txt").read_text("utf-8") for case in CASES)
    loader = {code for code in CODES if code < "DB200"} - ELSEWHERE
    assert loader - set(re.findall(r"DB\d{3}", shown)) == set()


def test_the_great_mess_holds_twenty_kinds_of_mistake() -> None:
    assert len({each.code for each in problems_of(HERE / "great_mess")}) >= 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_phrase_of_pydantic_comes_through(case: Path) -> None:
    shown = (case / "expected.txt").read_text("utf-8")
    assert not re.search(
        r"Input should|Extra inputs|Field required|validation error|valid \w+, unable", shown
    )

"""Each code that is used is described, and stands for one kind of problem."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from databridge.model.codes import CODES
from docs.generate.errors import codes

PACKAGE = Path(__file__).parents[2] / "databridge"
CODE = re.compile(r"DB\d{3}")


def used() -> dict[str, set[str]]:
    """Every code that is raised, with the packages that raise it.

    What renders a plan raises nothing, and a fake has to fail just as the real one does.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in PACKAGE.rglob("*.py"):
        package = file.relative_to(PACKAGE).parts[0]
        if file.name == "codes.py" or package == "render" or file.name.startswith("fake"):
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found[node.value].add(package)
    return found


def test_every_code_that_is_used_is_described_and_the_other_way_round() -> None:
    assert set(used()) == set(CODES)


def test_no_code_is_used_with_two_meanings() -> None:
    # Two packages that do not know each other can't mean the same; within one, the table of codes is read beside.
    assert {code: sorted(packages) for code, packages in used().items() if len(packages) > 1} == {}


def test_every_code_stands_in_one_group_of_the_page() -> None:
    assert sorted(re.findall(r"^\| `(DB\d{3})`", codes(), re.MULTILINE)) == sorted(CODES)


def test_a_meaning_is_one_line_without_a_full_stop() -> None:
    assert [code for code, text in CODES.items() if not text or "\n" in text or text.endswith(".")] == []


def test_no_two_codes_have_the_same_meaning() -> None:
    assert len(set(CODES.values())) == len(CODES)

"""Whatever a plan holds, each rendering shows all of it, and nothing in it can do more than be read."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from databridge.plan.actions import Action
from databridge.plan.consequence import Risk
from databridge.plan.finding import Finding
from databridge.plan.plan import Plan
from databridge.render.planjson import plan_json, read_plan_json
from databridge.render.planmarkdown import plan_markdown
from databridge.render.plantext import plan_text
from databridge.render.printable import printable
from tests.support.strategies import plans

ANSI = re.compile(r"\x1b\[[0-9;]*m")
GLYPHS = "+~∓.-▸!"
TAGS = {"h3", "h4", "p", "strong", "em", "code", "br", "details", "summary"}
TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}


def concerned(plan: Plan) -> tuple[Action | Finding, ...]:
    return (*plan.actions, *plan.findings)


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """The first line of each block, and the others."""
    for block in text.split("\n\n"):
        first, _, rest = block.partition("\n")
        yield first, rest


@given(plan=plans(), width=st.integers(20, 200), explain=st.booleans())
def test_text_names_every_address_in_its_pipelines_block(plan: Plan, width: int, explain: bool) -> None:
    shown = list(blocks(plan_text(plan, width=width, color=False, explain=explain)))
    for each in concerned(plan):
        rest = "".join(
            rest for first, rest in shown if re.split(r" |$", first)[0] == each.address.pipeline_path
        )
        name = printable(each.address.resource) or "(pipeline)"
        assert re.search(rf"^  [{re.escape(GLYPHS)}]  {re.escape(name)}( |$)", rest, re.MULTILINE)


@given(plan=plans(), width=st.integers(20, 200))
def test_text_ends_with_the_summary_and_holds_nothing_that_commands_a_terminal(
    plan: Plan, width: int
) -> None:
    lines = plan_text(plan, width=width, color=False).split("\n")
    assert lines[-2:] == [plan.summary, ""]
    assert all(line.isprintable() for line in lines)


@given(plan=plans(), width=st.integers(20, 200), explain=st.booleans())
def test_colour_adds_nothing_but_colour(plan: Plan, width: int, explain: bool) -> None:
    colored = plan_text(plan, width=width, color=True, explain=explain)
    assert ANSI.search(colored)
    assert ANSI.sub("", colored) == plan_text(plan, width=width, color=False, explain=explain)


@given(plan=plans())
def test_every_consequence_stands_in_text_and_markdown(plan: Plan) -> None:
    text = " ".join(plan_text(plan, width=10_000, color=False).split())
    for action in plan.actions:
        told = action.consequence
        for present, words in (
            (told.reread, "re-reads the table"),
            (told.deleted, _deletion(action)),
            (told.duplicated, "rows may stand twice"),
        ):
            if present is not None:
                assert words in text
                assert words in plan_markdown(plan)


def _deletion(action: Action) -> str:
    if action.consequence.risk is Risk.DROP:
        return "drops its tables"
    if action.consequence.by_key:
        return "leaves one row of each key"
    return "deletes " if action.loads else "the next load deletes "


@given(plan=plans())
def test_markdown_names_every_address_and_lets_nothing_through_as_markup(plan: Plan) -> None:
    page = (
        MarkdownIt("commonmark", {"html": True})
        .enable(["table", "strikethrough"])
        .render(plan_markdown(plan))
    )
    assert set(re.findall(r"</?([a-z0-9]+)", page)) <= TAGS | TABLE_TAGS
    assert not re.search(r"<a |<img|<del|<s>|href", page)
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    cells = {
        html.unescape(re.sub(r"<[^>]*>", "", cell))
        for row in rows
        for cell in re.findall(r"<td.*?>(.*?)</td>", row)
    }
    headings = {html.unescape(name) for name in re.findall(r"<h4><code>(.*?)</code>", page)}
    for each in concerned(plan):
        assert each.address.pipeline_path in headings
        assert (printable(each.address.resource) or "(pipeline)") in {cell.strip() for cell in cells} | cells
    assert all(row.count("<td") in (0, 2, 3, 4) for row in rows)


@given(plan=plans())
def test_json_reads_back_as_an_equal_plan(plan: Plan) -> None:
    text = plan_json(plan)
    assert read_plan_json(text) == plan
    assert json.loads(text)["summary"] == plan.summary
    assert {a["address"] for a in json.loads(text)["actions"]} == {str(a.address) for a in plan.actions}

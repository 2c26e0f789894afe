"""An edit of recorded state, for people and for machines, from one value."""

from __future__ import annotations

import json

from databridge.plan.edits.editplan import EditPlan
from databridge.render.console import UNKNOWN_WIDTH
from databridge.render.editview import edit_view
from databridge.render.planjson import SUMMARY
from databridge.render.plantext import view_text


def edit_text(plan: EditPlan, *, width: int = UNKNOWN_WIDTH, color: bool = False) -> str:
    """The edit as lines, ending in a newline; the last line is the summary."""
    return view_text(edit_view(plan), width=width, color=color)


def edit_json(plan: EditPlan) -> str:
    """The edit as indented JSON, ending in a newline; `summary` is the last line of the text."""
    return (
        json.dumps(plan.model_dump(mode="json") | {SUMMARY: plan.summary}, indent=2, ensure_ascii=False)
        + "\n"
    )

"""Plans are printed in the form that was asked for."""

from __future__ import annotations

from databridge.cli.options import PlanFormat
from databridge.cli.output import answer, answer_traits
from databridge.plan.plan import Plan


def print_plan(plan: Plan, form: PlanFormat, *, explain: bool) -> None:
    """Print a plan to stdout."""
    match form:
        case PlanFormat.JSON:
            from databridge.render.planjson import plan_json

            answer(plan_json(plan))
        case PlanFormat.MARKDOWN:
            from databridge.render.planmarkdown import plan_markdown

            answer(plan_markdown(plan))
        case PlanFormat.TEXT:
            from databridge.render.plantext import plan_text

            traits = answer_traits()
            answer(plan_text(plan, width=traits.width, color=traits.color, explain=explain))

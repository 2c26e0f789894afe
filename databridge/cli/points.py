"""The restore points of a target are listed, the newest first."""

from __future__ import annotations

from collections.abc import Iterable

from databridge.cli.options import TextFormat
from databridge.cli.output import answer, answer_traits
from databridge.cli.workplace import open_workplace
from databridge.render.points import points_json, points_table

_NEWEST = 50


def print_points(target: str | None, var: Iterable[str] | None, form: TextFormat) -> None:
    """Print them to stdout."""
    points = open_workplace(target, var).store.restore_points(newest=_NEWEST)
    if form is TextFormat.JSON:
        answer(points_json(points))
        return
    traits = answer_traits()
    answer(points_table(points, width=traits.width, color=traits.color))

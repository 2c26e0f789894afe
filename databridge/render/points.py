"""Restore points as people and machines read them: a line each, with what it takes to put one back."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import JsonValue

from databridge.model.restorepoint import RestorePoint
from databridge.render.columns import columns
from databridge.render.console import UNKNOWN_WIDTH
from databridge.render.printable import printable
from databridge.render.quantity import counted, moment

FORMAT_VERSION = 1
"""Within one version, JSON only gains fields."""
_HEAD = ("restore point", "written (UTC)", "before", "of", "who")
_NAMED = 3


def points_table(points: Sequence[RestorePoint], *, width: int = UNKNOWN_WIDTH, color: bool = False) -> str:
    """A line for each restore point in the order given, ending in a newline."""
    if not points:
        return "There are no restore points.\n"
    rows = [
        (
            printable(point.restore_id),
            moment(point.created_at),
            printable(point.command),
            _pipelines(point),
            printable(point.who),
        )
        for point in points
    ]
    return "\n".join(columns(_HEAD, rows, width=width, color=color, right=frozenset(), spare=("who",))) + "\n"


def _pipelines(point: RestorePoint) -> str:
    names = [printable(str(address)) for address in point.addresses]
    return ", ".join(names) if len(names) <= _NAMED else counted(len(names), "pipeline")


def points_json(points: Sequence[RestorePoint]) -> str:
    """The same as indented JSON, without the states that they hold, ending in a newline."""
    listed: list[JsonValue] = [point_facts(point) for point in points]
    return json.dumps({"format_version": FORMAT_VERSION, "restore_points": listed}, indent=2) + "\n"


def point_facts(point: RestorePoint) -> dict[str, JsonValue]:
    """What a restore point is, for machines."""
    return {
        "restore_id": point.restore_id,
        "project": point.project,
        "target": point.target,
        "created_at": point.created_at.isoformat(),
        "who": point.who,
        "command": point.command,
        "pipelines": [str(address) for address in point.addresses],
    }

"""What lies at a destination, and what was taken over from there, as people and machines read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from databridge.model.foundpipeline import FoundPipeline
from databridge.plan.plan import Plan
from databridge.plan.takeover import Takeover
from databridge.render.columns import columns
from databridge.render.console import UNKNOWN_WIDTH
from databridge.render.planjson import plan_json
from databridge.render.printable import folded, printable
from databridge.render.quantity import counted, moment

FORMAT_VERSION = 1
"""Within one version, JSON only gains fields."""
_HEAD = ("dataset", "dlt pipeline", "schema", "resources", "newest load", "managed by")
_NAMED = 3

Listed = Sequence[tuple[FoundPipeline, str]]
"""Pipelines, each with why it can't be taken over; empty where it can."""


def found_table(listed: Listed, title: str, *, width: int = UNKNOWN_WIDTH, color: bool = False) -> str:
    """A line for each pipeline, then what keeps some from being taken over.

    Args:
        listed: what was found.
        title: the destination, as people recognise it.
        width: cells in a line.
        color: with ANSI colours.
    """
    if not listed:
        return f"There are no dlt pipelines at {printable(title)}.\n"
    rows = [_row(found) for found, _ in listed]
    lines = list(columns(_HEAD, rows, width=width, color=color, spare=("schema",)))
    for found, why in listed:
        if why and found.owner is None:
            lines += [
                "",
                *folded(printable(f"{found.dataset}.{found.name} can't be taken over: {why}"), width),
            ]
    return "\n".join(lines) + "\n"


def _row(found: FoundPipeline) -> tuple[str, ...]:
    names = found.resources
    listed = ", ".join(names) if len(names) <= _NAMED else counted(len(names), "resource")
    owner = found.owner
    return (
        printable(found.dataset),
        printable(found.name),
        printable(found.schema_name),
        printable(listed),
        _moment(found.newest_load),
        f"{owner.stack}.{owner.pipeline}" if owner else "",
    )


def _moment(load_id: str | None) -> str:
    """A load id is the time at which the load began, in seconds."""
    try:
        return f"{moment(datetime.fromtimestamp(float(load_id or ''), UTC))} UTC"
    except (ValueError, OverflowError, OSError):
        return printable(load_id or "")


def found_json(listed: Listed) -> str:
    """The same as indented JSON, ending in a newline."""
    pipelines: list[JsonValue] = [_facts(found) | {"obstacle": why or None} for found, why in listed]
    return json.dumps({"format_version": FORMAT_VERSION, "pipelines": pipelines}, indent=2) + "\n"


def import_json(file: str, takeovers: Sequence[Takeover], plan: Plan) -> str:
    """What an import wrote, and the plan of it, as indented JSON, ending in a newline."""
    pipelines: list[JsonValue] = [
        _facts(each.found)
        | {
            "resources": [resource.name for resource in each.resources],
            "left_out": [{"resource": left.resource, "reason": left.reason} for left in each.left_out],
        }
        for each in takeovers
    ]
    document = {
        "format_version": FORMAT_VERSION,
        "file": file,
        "pipelines": pipelines,
        "plan": json.loads(plan_json(plan)),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _facts(found: FoundPipeline) -> dict[str, JsonValue]:
    owner = found.owner
    return {
        "dlt_pipeline": found.name,
        "dataset": found.dataset,
        "schema": found.schema_name,
        "resources": list(found.resources),
        "newest_load": found.newest_load,
        "managed_by": owner.model_dump(mode="json") if owner else None,
    }

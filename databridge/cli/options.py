"""The options that several commands share have one name, one meaning and one help text."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class TextFormat(StrEnum):
    """How a list or a report is printed."""

    TEXT = "text"
    JSON = "json"


class PlanFormat(StrEnum):
    """How a plan is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class RiskName(StrEnum):
    """The risks that must be allowed by name."""

    DUPLICATE = "duplicate"
    SKIP = "skip"
    REWRITE = "rewrite"
    DELETE_ROWS = "delete-rows"
    DROP = "drop"


Target = Annotated[
    str | None,
    typer.Option(
        "--target", "-t", metavar="NAME", envvar="DATABRIDGE_TARGET", help="The target (environment)."
    ),
]
Var = Annotated[
    list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="Set a variable; may be repeated.")
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        "-s",
        metavar="ADDRESS",
        help="Only these addresses; `*` is a wildcard; may be repeated.",
    ),
]
Addresses = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ADDRESS]...", help="Only these addresses; `*` is a wildcard. By default all."),
]
Refresh = Annotated[
    bool, typer.Option("--refresh/--no-refresh", help="Read the destinations' state, or trust the ledger.")
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept", metavar="PIPELINE", help="Accept that a pipeline's source changed; its cursors go on."
    ),
]
AsText = Annotated[TextFormat, typer.Option("--format", "-f", help="How to print it.")]
AsPlan = Annotated[PlanFormat, typer.Option("--format", "-f", help="How to print the plan.")]
Explain = Annotated[bool, typer.Option("--explain", help="Show each action's steps, in the order of apply.")]
OnlyList = Annotated[bool, typer.Option("--list", help="Only list what there is; nothing is written.")]
AutoApprove = Annotated[
    bool, typer.Option("--auto-approve", help="Do not ask, as far as nothing beyond re-reading is at stake.")
]
Allow = Annotated[
    list[RiskName] | None,
    typer.Option("--allow", metavar="RISK", help="Approve a graver risk by name; may be repeated."),
]
Parallelism = Annotated[int, typer.Option("--parallelism", min=1, help="How many pipelines at once.")]
LockTimeout = Annotated[
    float,
    typer.Option("--lock-timeout", min=0.0, metavar="SECONDS", help="How long to wait for somebody's lock."),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", min=1, metavar="ROWS", help="About so many rows per resource, for a first trial."
    ),
]
OutFile = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Save the plan for apply.")]

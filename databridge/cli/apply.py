"""`databridge apply`: make a plan and carry it out, or carry out a saved one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from databridge.cli.options import (
    Accept,
    Allow,
    AutoApprove,
    Limit,
    LockTimeout,
    Parallelism,
    Select,
    Target,
    Var,
)

DEFAULT_PARALLELISM = 4


def apply(
    planfile: Annotated[
        Path | None, typer.Argument(metavar="[PLANFILE]", help="A plan that `plan --out` saved.")
    ] = None,
    target: Target = None,
    var: Var = None,
    select: Select = None,
    accept: Accept = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    parallelism: Parallelism = DEFAULT_PARALLELISM,
    lock_timeout: LockTimeout = 0.0,
    limit: Limit = None,
) -> None:
    """Make a plan, ask, and carry it out; or carry out a saved plan. Safe to break off at any moment.

    \b
    Examples:
      databridge apply
      databridge apply --auto-approve --select sales_de
      databridge apply --auto-approve --allow delete-rows release.plan
    """
    from databridge.cli.applying import Wishes, apply_now, apply_saved
    from databridge.cli.planfile import read_plan
    from databridge.cli.workplace import plan_options
    from databridge.model.diagnostic import DatabridgeError

    wishes = Wishes(
        auto_approve=auto_approve,
        allow=tuple(allow or ()),
        parallelism=parallelism,
        lock_timeout=lock_timeout,
        limit=limit,
    )
    options = plan_options(select, accept)
    if planfile and (select or accept):
        raise DatabridgeError.of(
            "DB600",
            "a saved plan is applied as it is: --select and --accept belong to the command that makes it",
            hint="Leave them out, or make another plan: databridge plan --out FILE --select PATTERN",
        )
    saved = read_plan(planfile) if planfile else None
    code = (
        apply_saved(saved, target, var, options, wishes) if saved else apply_now(target, var, options, wishes)
    )
    raise typer.Exit(code)

"""`databridge plan`: what apply would do, why, and what that does to the data."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import Accept, AsPlan, Explain, OutFile, PlanFormat, Refresh, Select, Target, Var


def plan(
    target: Target = None,
    var: Var = None,
    select: Select = None,
    accept: Accept = None,
    out: OutFile = None,
    as_: AsPlan = PlanFormat.TEXT,
    explain: Explain = False,
    refresh: Refresh = True,
    detailed_exitcode: Annotated[
        bool,
        typer.Option("--detailed-exitcode", help="Exit with 2 when there are changes; due runs are none."),
    ] = False,
) -> None:
    """Show what apply would do, why, and what that does to the data. Nothing is changed.

    \b
    Examples:
      databridge plan
      databridge plan --select sales_de --explain
      databridge plan --out release.plan && databridge apply release.plan
    """
    import shlex

    from databridge.apply.observe import require_matches
    from databridge.apply.planning import counted_plan
    from databridge.cli.output import tell
    from databridge.cli.planfile import refuse_unsavable, write_plan
    from databridge.cli.printing import print_plan
    from databridge.cli.workplace import now, open_workplace, plan_options
    from databridge.model.diagnostic import ExitCode

    place = open_workplace(target, var)
    recorded = place.observe(refresh=refresh)
    options = place.options(plan_options(select, accept), recorded)
    for selection in filter(None, (options.select, options.accept)):
        require_matches(selection, place.project.desired, recorded)
    made = counted_plan(place.project.desired, recorded, place.places, now=now(), options=options)
    print_plan(made, as_, explain=explain)
    if out is not None:
        refuse_unsavable(made)
        write_plan(out, made, place.project.desired, recorded)
        tell(f"Saved the plan. Next: databridge apply {shlex.quote(str(out))}")
    if made.blocking:
        raise typer.Exit(ExitCode.REFUSED)
    if detailed_exitcode and made.changes:
        raise typer.Exit(ExitCode.CHANGES)

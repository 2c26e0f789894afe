"""`databridge drift`: whether anything is not as the stacks say and the last apply left it."""

from __future__ import annotations

import typer

from databridge.cli.options import Addresses, AsText, Target, TextFormat, Var


def drift(
    addresses: Addresses = None,
    target: Target = None,
    var: Var = None,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Look for drift, and say what mends it. Exits with 2 if there is some. Changes nothing.

    Compares the places of dlt's state with each other, dlt's schema with the real tables, and the stacks with
    the ledger. Counts rows of loads that never completed, which reads a column of each table. Loads that are due are
    no drift; what `drift:` in databridge.yaml says is well known is not counted.

    \b
    Examples:
      databridge drift
      databridge drift sales_de.sales --target prod
      databridge drift --format json
    """
    from databridge.apply.observe import require_matches
    from databridge.cli.output import answer, answer_traits
    from databridge.cli.workplace import now, open_workplace, plan_options
    from databridge.model.diagnostic import ExitCode
    from databridge.plan.driftcheck import find_drift
    from databridge.plan.planner import make_plan
    from databridge.render.drift import drift_json, drift_text

    place, moment = open_workplace(target, var), now()
    options = plan_options(addresses, None)
    recorded = place.observe(refresh=True, closely=options.select.may_keep_of)
    require_matches(options.select, place.project.desired, recorded)
    report = find_drift(
        recorded,
        make_plan(place.project.desired, recorded, now=moment, options=options),
        select=options.select,
        ignores=place.project.drift_ignores,
        today=moment.date(),
        target=place.named_target,
    )
    if as_ is TextFormat.JSON:
        answer(drift_json(report))
    else:
        traits = answer_traits()
        answer(drift_text(report, width=traits.width, color=traits.color))
    if report.drifts:
        raise typer.Exit(ExitCode.CHANGES)

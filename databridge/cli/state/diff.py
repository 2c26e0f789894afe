"""`databridge state diff`: what each place records, side by side, what is left over, and what the next run starts from."""

from __future__ import annotations

import typer

from databridge.cli.options import Addresses, AsText, Target, TextFormat, Var


def diff(
    addresses: Addresses = None,
    target: Target = None,
    var: Var = None,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Show where ledger, working folder, destination and staging differ, and what is left over. Exits with 2 if they do.

    Counts rows of loads that never completed, which reads a column of each table. Changes nothing.

    \b
    Examples:
      databridge state diff
      databridge state diff sales_de.sales
      databridge state diff 'sales_de.*' --format json
    """
    from databridge.apply.observe import require_matches
    from databridge.cli.output import answer, answer_traits
    from databridge.cli.workplace import open_workplace, plan_options
    from databridge.model.diagnostic import ExitCode
    from databridge.plan.statediff import state_diff
    from databridge.render.statediff import state_diff_json, state_diff_text

    place = open_workplace(target, var)
    selection = plan_options(addresses, None).select
    recorded = place.observe(refresh=True, closely=selection.may_keep_of)
    require_matches(selection, place.project.desired, recorded)
    diffs = state_diff(recorded, selection, target=place.named_target)
    if as_ is TextFormat.JSON:
        answer(state_diff_json(diffs))
    else:
        traits = answer_traits()
        answer(state_diff_text(diffs, width=traits.width, color=traits.color))
    if any(each.differs for each in diffs):
        raise typer.Exit(ExitCode.CHANGES)

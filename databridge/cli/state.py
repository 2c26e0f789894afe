"""`databridge state`: what is recorded, side by side over the locations."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from databridge.cli.options import AsText, Refresh, Select, Target, TextFormat, Var

app = typer.Typer(help="Show what is recorded, in the ledger and by dlt in each location.", no_args_is_help=True)


@app.command("list")
def list_(
    target: Target = None, var: Var = None, select: Select = None, as_: AsText = TextFormat.TEXT
) -> None:
    """List every managed resource with its last load and its cursor.

    Examples:

        databridge state list

        databridge state list --select sales_de --format json
    """
    from databridge.cli.output import answer, answer_traits
    from databridge.cli.workplace import open_workplace, plan_options
    from databridge.render.statelist import state_list_json, state_list_text, state_rows

    recorded = open_workplace(target, var).observe(refresh=False)
    keeps = plan_options(select, None).select.keeps
    rows = tuple(row for row in state_rows(recorded) if keeps(row.address))
    if as_ is TextFormat.JSON:
        answer(json.dumps(state_list_json(rows), indent=2, ensure_ascii=False))
        return
    traits = answer_traits()
    answer(state_list_text(rows, width=traits.width, color=traits.color))


@app.command("show")
def show(
    address: Annotated[str, typer.Argument(help="`stack.pipeline` or `stack.pipeline.resource`.")],
    target: Target = None,
    var: Var = None,
    refresh: Refresh = True,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Show what ledger, local folder and destination say of a pipeline or resource.

    Examples:

        databridge state show sales_de.sales

        databridge state show sales_de.sales.ORDERS --format json
    """
    from databridge.cli.output import answer, answer_traits
    from databridge.cli.workplace import open_workplace
    from databridge.model.address import Address
    from databridge.model.diagnostic import DatabridgeError
    from databridge.model.recorded import RecordedStack
    from databridge.render.states import state_show_json, state_show_text

    try:
        wanted = Address.parse(address)
    except ValueError as error:
        raise DatabridgeError.of("DB610", str(error), hint="See: databridge state list") from None
    recorded = open_workplace(target, var).observe(refresh=refresh)
    stack = recorded.stacks.get(wanted.stack, RecordedStack())
    document = state_show_json(wanted, stack)
    if document is None:
        raise DatabridgeError.of("DB610", f"nothing is known of `{address}`", hint="See: databridge state list")
    if as_ is TextFormat.JSON:
        answer(json.dumps(document, indent=2, ensure_ascii=False))
        return
    traits = answer_traits()
    answer(state_show_text(wanted, stack, width=traits.width, color=traits.color))

"""`databridge state show`: what is recorded of one pipeline or resource, side by side over the locations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from databridge.cli.options import AsText, Refresh, Target, TextFormat, Var

if TYPE_CHECKING:  # a help text must not pay for the model
    from databridge.model.address import Address
    from databridge.model.recorded import RecordedStack


def show(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="`stack.pipeline` or `stack.pipeline.resource`.")
    ],
    target: Target = None,
    var: Var = None,
    refresh: Refresh = True,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Show what ledger, local folder and destination say of a pipeline or resource, and what dead loads left.

    Counts rows of loads that never completed, which reads a column of each table of the pipeline.

    \b
    Examples:
      databridge state show sales_de.sales
      databridge state show sales_de.sales.ORDERS --format json
    """
    from databridge.cli.output import answer, answer_traits
    from databridge.cli.addresses import parsed_address
    from databridge.cli.workplace import open_workplace
    from databridge.model.diagnostic import DatabridgeError
    from databridge.render.states import state_show_json, state_show_text

    wanted = parsed_address(address)
    recorded = open_workplace(target, var).observe(refresh=refresh, closely=wanted.parent.__eq__)
    stack = recorded.stacks.get(wanted.stack)
    if stack is None or not _is_known(stack, wanted):
        raise DatabridgeError.of(
            "DB610", f"nothing is known of `{address}`", hint="See: databridge state list"
        )
    if as_ is TextFormat.JSON:
        answer(state_show_json(stack, wanted))
        return
    traits = answer_traits()
    answer(state_show_text(stack, wanted, width=traits.width, color=traits.color))


def _is_known(stack: RecordedStack, wanted: Address) -> bool:
    from databridge.model.recorded import Recorded
    from databridge.render.staterow import state_rows

    if wanted.resource:
        return bool(state_rows(Recorded({wanted.stack: stack}), wanted.__eq__))
    in_ledger = stack.ledger is not None and wanted.pipeline in stack.ledger.pipelines
    return in_ledger or wanted.pipeline_path in stack.pipelines

"""`databridge state`: what is recorded, side by side over the locations, and the locks on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from databridge.cli.options import AsText, Refresh, Select, Target, TextFormat, Var

if TYPE_CHECKING:  # a help text must not pay for the model
    from databridge.model.address import Address
    from databridge.model.recorded import RecordedStack

app = typer.Typer(help="Show what is recorded and where, and free locks.")


@app.command("list")
def list_(
    target: Target = None, var: Var = None, select: Select = None, as_: AsText = TextFormat.TEXT
) -> None:
    """List every managed resource with its last load and its cursor.

    \b
    Examples:
      databridge state list
      databridge state list --select sales_de --format json
    """
    from databridge.apply.observe import require_matches
    from databridge.cli.output import answer, answer_traits
    from databridge.cli.workplace import open_workplace, plan_options
    from databridge.render.states import state_list_json, state_list_text

    place = open_workplace(target, var)
    recorded = place.observe(refresh=False)
    selection = plan_options(select, None).select
    require_matches(selection, place.project.desired, recorded)
    keeps = selection.keeps
    if as_ is TextFormat.JSON:
        answer(state_list_json(recorded, keeps))
        return
    traits = answer_traits()
    answer(state_list_text(recorded, keeps, width=traits.width, color=traits.color))


@app.command("show")
def show(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="`stack.pipeline` or `stack.pipeline.resource`.")
    ],
    target: Target = None,
    var: Var = None,
    refresh: Refresh = True,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Show what ledger, local folder and destination say of a pipeline or resource.

    \b
    Examples:
      databridge state show sales_de.sales
      databridge state show sales_de.sales.ORDERS --format json
    """
    from databridge.cli.output import answer, answer_traits
    from databridge.cli.workplace import open_workplace
    from databridge.model.address import Address
    from databridge.model.diagnostic import DatabridgeError
    from databridge.render.states import state_show_json, state_show_text

    try:
        wanted = Address.parse(address)
    except ValueError as error:
        raise DatabridgeError.of("DB610", str(error), hint="See: databridge state list") from None
    recorded = open_workplace(target, var).observe(refresh=refresh)
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


@app.command("unlock")
def unlock(
    run_id: Annotated[
        str,
        typer.Argument(metavar="RUN", help="The run that has the lock, as the message about it names it."),
    ],
    target: Target = None,
    var: Var = None,
) -> None:
    """Free the locks of a run that is surely dead, before they expire.

    Should the run live after all, it notices before its next write and stops. Locks of a store in a folder
    never need this: they end with their process.

    \b
    Examples:
      databridge state unlock 20261123T085421Z-3f9a
      databridge state unlock 20261123T085421Z-3f9a --target prod
    """
    from databridge.cli.output import tell
    from databridge.cli.workplace import open_workplace

    freed = open_workplace(target, var).store.unlock(run_id)
    tell(f"Freed {', '.join(freed)}. The next apply settles what run {run_id} left open.")


def _is_known(stack: RecordedStack, wanted: Address) -> bool:
    from databridge.model.recorded import Recorded
    from databridge.render.staterow import state_rows

    if wanted.resource:
        return bool(state_rows(Recorded({wanted.stack: stack}), wanted.__eq__))
    in_ledger = stack.ledger is not None and wanted.pipeline in stack.ledger.pipelines
    return in_ledger or wanted.pipeline_path in stack.pipelines

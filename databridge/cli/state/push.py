"""`databridge state push`: make the destinations' copies the local ones."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import Allow, AsText, AutoApprove, LockTimeout, Target, TextFormat, Var


def push(
    addresses: Annotated[
        list[str] | None, typer.Argument(metavar="[ADDRESS]...", help="Pipelines; all by default.")
    ] = None,
    target: Target = None,
    var: Var = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    lock_timeout: LockTimeout = 0.0,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Make the destination's copy of dlt's state the local one, where that is ahead.

    Refused where the local copy may know of rows that the destination does not have.

    \b
    Examples:
      databridge state push
      databridge state push sales_de.sales
    """
    from databridge.cli.addresses import parsed_addresses
    from databridge.cli.editing import edit_now
    from databridge.model.edit import Push

    wish = Push(addresses=parsed_addresses(addresses))
    raise typer.Exit(
        edit_now(wish, target, var, auto_approve=auto_approve, allow=allow, lock_timeout=lock_timeout, form=as_)
    )

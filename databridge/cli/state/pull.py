"""`databridge state pull`: make local copies those of the destinations."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import Allow, AsText, AutoApprove, LockTimeout, Target, TextFormat, Var


def pull(
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
    """Make the local copy of dlt's state that of the destination.

    The working folder is thrown away, and had again from there. A load does the same by itself where it has to.

    \b
    Examples:
      databridge state pull
      databridge state pull sales_de.sales
    """
    from databridge.cli.addresses import parsed_addresses
    from databridge.cli.editing import edit_now
    from databridge.model.edit import Pull

    wish = Pull(addresses=parsed_addresses(addresses))
    raise typer.Exit(
        edit_now(wish, target, var, auto_approve=auto_approve, allow=allow, lock_timeout=lock_timeout, form=as_)
    )

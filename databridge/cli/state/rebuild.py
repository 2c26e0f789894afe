"""`databridge state rebuild`: take the definitions in the ledger from the destinations."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import Allow, AsText, AutoApprove, LockTimeout, Target, TextFormat, Var


def rebuild(
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
    """Take the ledger's definitions from databridge's entry in dlt's state, where they were lost or are behind.

    When a resource was last loaded does not stand there; protection stays as it is.

    \b
    Examples:
      databridge state rebuild
      databridge state rebuild sales_de.sales
    """
    from databridge.cli.addresses import parsed_addresses
    from databridge.cli.editing import edit_now
    from databridge.model.edit import Rebuild

    wish = Rebuild(addresses=parsed_addresses(addresses))
    raise typer.Exit(
        edit_now(wish, target, var, auto_approve=auto_approve, allow=allow, lock_timeout=lock_timeout, form=as_)
    )

"""`databridge state rm`: forget a resource or a pipeline, and leave its rows."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import Allow, AsText, AutoApprove, LockTimeout, Target, TextFormat, Var


def rm(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="`stack.pipeline` or `stack.pipeline.resource`.")
    ],
    target: Target = None,
    var: Var = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    lock_timeout: LockTimeout = 0.0,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Forget a resource or a pipeline, in the ledger and in dlt's state. Its tables stay as they are.

    As long as a stack has it, plans refuse to load it from its start beside the rows that are there.

    \b
    Examples:
      databridge state rm sales_de.sales.BILLS
      databridge state rm sales_de.archive --auto-approve
    """
    from databridge.cli.addresses import parsed_address
    from databridge.cli.editing import edit_now
    from databridge.model.edit import Remove

    wish = Remove(address=parsed_address(address))
    raise typer.Exit(
        edit_now(wish, target, var, auto_approve=auto_approve, allow=allow, lock_timeout=lock_timeout, form=as_)
    )

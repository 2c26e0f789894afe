"""`databridge state mv`: give a pipeline another address, and leave its data where it is."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import Allow, AsText, AutoApprove, LockTimeout, Target, TextFormat, Var


def mv(
    from_: Annotated[str, typer.Argument(metavar="FROM", help="`stack.pipeline`, as it is recorded.")],
    to: Annotated[str, typer.Argument(metavar="TO", help="`stack.pipeline`, in the same stack or another.")],
    target: Target = None,
    var: Var = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    lock_timeout: LockTimeout = 0.0,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Give a pipeline another address, in the ledger and in dlt's state. What it is called in dlt stays.

    Rename it in the stack file too, before or after: until both agree, plans refuse it. With `renamed_from` in the stack file an
    apply does the same by itself.

    \b
    Examples:
      databridge state mv sales_de.sales sales_de.orders
      databridge state mv sales_de.sales sales_at.sales
    """
    from databridge.cli.addresses import parsed_address
    from databridge.cli.editing import edit_now
    from databridge.model.edit import Move

    wish = Move(address=parsed_address(from_), to=parsed_address(to))
    raise typer.Exit(
        edit_now(wish, target, var, auto_approve=auto_approve, allow=allow, lock_timeout=lock_timeout, form=as_)
    )

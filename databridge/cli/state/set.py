"""`databridge state set`: let the next load of a resource go on from another cursor value."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import Allow, AsText, AutoApprove, LockTimeout, Target, TextFormat, Var


def set_(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="`stack.pipeline.resource`.")],
    cursor: Annotated[
        str,
        typer.Option("--cursor", metavar="VALUE", help="Where the next load starts; of the recorded value's type."),
    ],
    target: Target = None,
    var: Var = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    lock_timeout: LockTimeout = 0.0,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Let the next load of a resource go on from another cursor value, in every place where that is recorded.

    Rows after the value are read again; set forward, rows in between are never loaded. Of the rows at the value
    itself, the next load takes those that the table does not have. A time without a zone is in UTC.

    \b
    Examples:
      databridge state set sales_de.sales.ORDERS --cursor 2026-01-31
      databridge state set sales_de.sales.ORDERS --cursor 4711 --auto-approve --allow duplicate
    """
    from databridge.cli.addresses import resource_address
    from databridge.cli.editing import edit_now
    from databridge.model.edit import SetCursor

    wish = SetCursor(address=resource_address(address), value=cursor)
    raise typer.Exit(
        edit_now(wish, target, var, auto_approve=auto_approve, allow=allow, lock_timeout=lock_timeout, form=as_)
    )

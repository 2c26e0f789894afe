"""`databridge backfill`: load a range of a cursor once more."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from databridge.cli.options import Allow, AutoApprove, LockTimeout, Target, Var


def backfill(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The resource; one with a cursor.")],
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="VALUE",
            help="The first value of the cursor; by default where the resource starts.",
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="VALUE",
            help="Where the range ends, without it; by default at the recorded cursor.",
        ),
    ] = None,
    target: Target = None,
    var: Var = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    lock_timeout: LockTimeout = 0.0,
) -> None:
    """Load a range once more: its rows are read, only then the old ones go, and the cursor stays where it is.

    What is merged is merged again, and nothing is deleted. Values are written as `state set --cursor` takes them. To
    load what lies before the start of a resource, make its `cursor_initial_value` earlier, and apply.

    \b
    Examples:
      databridge backfill sales_de.sales.ORDERS --from 2024-03-01 --to 2024-04-01
      databridge backfill sales_de.sales.ORDERS --from 1000 --auto-approve --allow delete-rows
      databridge backfill sales_de.sales.CUSTOMERS --to 2024-01-31T08:15:00+01:00 --auto-approve
    """
    from databridge.cli.addresses import resource_address
    from databridge.cli.applying import Wishes, only_now
    from databridge.cli.workplace import plan_options
    from databridge.plan.options import BackfillWish

    wishes = Wishes(
        auto_approve=auto_approve, allow=tuple(allow or ()), parallelism=1, lock_timeout=lock_timeout
    )
    wish = BackfillWish(resource_address(address), start, end)
    options = replace(plan_options([address], None), backfill=wish)
    raise typer.Exit(only_now("backfill", target, var, options, wishes))

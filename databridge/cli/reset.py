"""`databridge reset`: load resources from their start again."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.apply import DEFAULT_PARALLELISM
from databridge.cli.options import Accept, Allow, AutoApprove, LockTimeout, Parallelism, Target, Var


def reset(
    addresses: Annotated[
        list[str], typer.Argument(metavar="ADDRESS...", help="What to reset: resources, pipelines or stacks.")
    ],
    target: Target = None,
    var: Var = None,
    keep_data: Annotated[
        bool,
        typer.Option("--keep-data", help="Leave the rows that are there; what is appended will stand twice."),
    ] = False,
    accept: Accept = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    parallelism: Parallelism = DEFAULT_PARALLELISM,
    lock_timeout: LockTimeout = 0.0,
) -> None:
    """Load from the start again: the cursor is cleared, the source is read, and only then the old rows go.

    What changed in the definition takes effect with it: types, keys, modes. Others' cursors and rows are not touched.

    \b
    Examples:
      databridge reset sales_de.sales.ORDERS
      databridge reset sales_de.sales.ORDERS --auto-approve --allow delete-rows
      databridge reset sales_de.sales.CUSTOMERS --keep-data
    """
    from databridge.cli.applying import Wishes, only_now
    from databridge.cli.workplace import plan_options

    wishes = Wishes(
        auto_approve=auto_approve,
        allow=tuple(allow or ()),
        parallelism=parallelism,
        lock_timeout=lock_timeout,
    )
    options = plan_options(addresses, accept, reset=True, keep_data=keep_data)
    raise typer.Exit(only_now("reset", target, var, options, wishes))

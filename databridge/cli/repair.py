"""`databridge repair`: mend what is not as the last apply left it."""

from __future__ import annotations

import typer

from databridge.cli.apply import DEFAULT_PARALLELISM
from databridge.cli.options import Addresses, Allow, AutoApprove, LockTimeout, Parallelism, Target, Var


def repair(
    addresses: Addresses = None,
    target: Target = None,
    var: Var = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    parallelism: Parallelism = DEFAULT_PARALLELISM,
    lock_timeout: LockTimeout = 0.0,
) -> None:
    """Mend what drift shows: lost tables, load packages left behind, rows of dead loads, leftovers in staging.

    Plans repairs and nothing else, asks, and carries them out. Counts rows of loads that never completed, which reads
    a column of each table; what a plan sees without that, `databridge apply` mends too. Edits of stacks are not
    applied, and loads that are due are not made.

    \b
    Examples:
      databridge repair
      databridge repair sales_de.sales
      databridge repair sales_de.sales --auto-approve --allow delete-rows
    """
    from databridge.cli.applying import Wishes, only_now
    from databridge.cli.workplace import plan_options

    wishes = Wishes(
        auto_approve=auto_approve,
        allow=tuple(allow or ()),
        parallelism=parallelism,
        lock_timeout=lock_timeout,
    )
    raise typer.Exit(only_now("repair", target, var, plan_options(addresses, None, repair=True), wishes))

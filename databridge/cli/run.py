"""`databridge run`: load what is new, now, whatever the schedule says."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.apply import DEFAULT_PARALLELISM
from databridge.cli.options import Limit, LockTimeout, Parallelism, Target, Var


def run(
    addresses: Annotated[
        list[str] | None, typer.Argument(metavar="[ADDRESS]...", help="What to load; everything by default.")
    ] = None,
    target: Target = None,
    var: Var = None,
    parallelism: Parallelism = DEFAULT_PARALLELISM,
    lock_timeout: LockTimeout = 0.0,
    limit: Limit = None,
) -> None:
    """Load new data now, whatever the schedule says. Refused where the plan has changes: apply those first.

    \b
    Examples:
      databridge run
      databridge run sales_de.sales.ORDERS
    """
    from databridge.cli.applying import Wishes, run_now
    from databridge.cli.workplace import plan_options

    wishes = Wishes(auto_approve=True, parallelism=parallelism, lock_timeout=lock_timeout, limit=limit)
    raise typer.Exit(run_now(target, var, plan_options(addresses, None, run_now=True), wishes))

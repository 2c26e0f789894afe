"""`databridge destroy`: drop the tables of what is recorded, and whatever is recorded of it."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.apply import DEFAULT_PARALLELISM
from databridge.cli.options import Allow, AutoApprove, LockTimeout, Parallelism, Target, Var


def destroy(
    addresses: Annotated[
        list[str] | None,
        typer.Argument(metavar="ADDRESS...", help="What to destroy: resources, pipelines or stacks."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Destroy all that is recorded of the target.")
    ] = False,
    target: Target = None,
    var: Var = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    parallelism: Parallelism = DEFAULT_PARALLELISM,
    lock_timeout: LockTimeout = 0.0,
) -> None:
    """Drop tables, with what is recorded of them in dlt's state and in the ledger. Sources are not touched.

    What a stack still has is created and loaded anew by the next apply. What is protected, in the stack or as it was
    applied, is refused.

    \b
    Examples:
      databridge destroy sales_de.sales.OLD_ORDERS
      databridge destroy sales_de --auto-approve --allow drop
      databridge destroy --all --target pr_412
    """
    from databridge.cli.applying import Wishes, only_now
    from databridge.cli.workplace import plan_options
    from databridge.model.diagnostic import DatabridgeError

    if bool(addresses) == everything:
        raise DatabridgeError.of(
            "DB634",
            "nothing says what to destroy" if not addresses else "addresses and `--all` exclude each other",
            hint="Name it: databridge destroy STACK.PIPELINE. Or take all of the target: databridge destroy --all",
        )
    wishes = Wishes(
        auto_approve=auto_approve,
        allow=tuple(allow or ()),
        parallelism=parallelism,
        lock_timeout=lock_timeout,
    )
    raise typer.Exit(only_now("destroy", target, var, plan_options(addresses, None, destroy=True), wishes))

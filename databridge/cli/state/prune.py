"""`databridge state prune`: take away what no load will ask for again."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import Allow, AsText, AutoApprove, LockTimeout, Target, TextFormat, Var


def prune(
    addresses: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ADDRESS]...", help="Pipelines; all by default, and old restore points too."),
    ] = None,
    load: Annotated[
        list[str] | None,
        typer.Option(
            "--load",
            metavar="ID",
            help="A load of the one pipeline named that surely never completed, though nobody else can tell; may be repeated.",
        ),
    ] = None,
    target: Target = None,
    var: Var = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    lock_timeout: LockTimeout = 0.0,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Take away rows of loads that never completed, leftovers in staging, and what is beyond `retention`.

    Rows go only where they were appended, and never while a load package is pending. They can't be put back.

    \b
    Examples:
      databridge state prune
      databridge state prune sales_de.sales --auto-approve --allow delete-rows
      databridge state prune sales_de.sales --load 1763886000.25
    """
    from databridge.cli.addresses import parsed_addresses
    from databridge.cli.editing import edit_now
    from databridge.cli.workplace import open_workplace
    from databridge.model.diagnostic import DatabridgeError
    from databridge.model.edit import Prune

    named = parsed_addresses(addresses)
    if load and len(named) != 1:
        raise DatabridgeError.of(
            "DB600", "`--load` needs the one pipeline whose load it is", hint="See: databridge drift"
        )
    retention = open_workplace(target, var).project.retention
    wish = Prune(addresses=named, loads=tuple(load or ()), retention=retention)
    raise typer.Exit(
        edit_now(wish, target, var, auto_approve=auto_approve, allow=allow, lock_timeout=lock_timeout, form=as_)
    )

"""`databridge state backup`: write a restore point by hand, or list those that there are."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import AsText, LockTimeout, OnlyList, Target, TextFormat, Var


def backup(
    addresses: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ADDRESS]...", help="Pipelines; everything recorded by default."),
    ] = None,
    only_list: OnlyList = False,
    target: Target = None,
    var: Var = None,
    lock_timeout: LockTimeout = 0.0,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Write a restore point: the ledger and every copy of dlt's state, as they are. It holds no row.

    \b
    Examples:
      databridge state backup
      databridge state backup sales_de.sales
      databridge state backup --list
    """
    from databridge.cli.addresses import parsed_addresses
    from databridge.cli.editing import back_up_now
    from databridge.cli.points import print_points

    if only_list:
        print_points(target, var, as_)
        return
    back_up_now(parsed_addresses(addresses), target, var, lock_timeout=lock_timeout, form=as_)

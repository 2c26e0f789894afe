"""`databridge doctor`: whether everything that loads need is there."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import AsText, Target, TextFormat, Var


def doctor(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Only these sources, destinations, or stacks with what they use. By default all.",
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=1.0, metavar="SECONDS", help="How long all of it may take.")
    ] = 30.0,
    target: Target = None,
    var: Var = None,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """See whether sources, destinations and the state can be used, and what to do where they can't. Changes nothing.

    Of a database: the driver, whether it is reached, the login, the clock, and whether each table that a stack loads can
    be read with the columns that the stack names. Of a folder: the files for each glob. Of a destination: whether it can
    be read, and written as far as that can be told. All places are looked at at once. Exits with 1 if anything failed.

    \b
    Examples:
      databridge doctor
      databridge doctor erp --target prod
      databridge doctor sales_de --format json
    """
    from databridge.cli.doctoring import examine_now

    raise typer.Exit(examine_now(tuple(names or ()), target, var, seconds=timeout, form=as_))

"""`databridge discover`: write a stack from what a database says of its tables."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.completion import destination_names, source_names
from databridge.cli.options import AsText, Target, TextFormat, Var


def discover(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[SOURCE]",
            help="The source, as stacks call it: NAME, or STACK.NAME.",
            autocompletion=source_names,
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="One that no stack has, as a SQLAlchemy URL; its password as `${secret.NAME}`.",
        ),
    ] = None,
    destination: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Where it is loaded to; needed where there are several.",
            autocompletion=destination_names,
        ),
    ] = None,
    schema: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A schema of the database; may be repeated. By default the connection's own."
        ),
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Only tables that fit; may be repeated.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="No tables that fit; may be repeated.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Write the stack, `stacks/NAME.yaml`; NAME alone suffices."
        ),
    ] = None,
    target: Target = None,
    var: Var = None,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Look at a database, and propose how each of its tables is loaded: mode, key, cursor and types, each with its reason.

    What stacks load already is not proposed again. Without --out nothing is written: a new stack is shown, or, where a
    stack loads from the source, the resources that it lacks. A file that is there is never overwritten. Rows are
    counted up to 100,000 a table; nothing is loaded.

    \b
    Examples:
      databridge discover erp --out erp
      databridge discover sales_de.erp --schema SALES --exclude 'TMP_*'
      databridge discover --url 'postgresql+psycopg://reader:${secret.erp}@db.local/erp' --out stacks/erp.yaml
    """
    from databridge.cli.discovering import Wanted, discover_now

    wanted = Wanted(
        source=source,
        url=url,
        destination=destination,
        schemas=tuple(schema or ()),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        out=out,
    )
    raise typer.Exit(discover_now(wanted, target, var, form=as_))

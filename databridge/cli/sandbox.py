"""`databridge sandbox`: a local Databricks SQL warehouse to rehearse stacks with no account."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Rehearse Databricks stacks against a local warehouse.")


@app.callback()
def _sandbox() -> None:
    """Keep `start` a command of its own, for there will be others."""


@app.command("start")
def start(
    execute: Annotated[
        str, typer.Option("--exec", metavar="CMD", help="Run this command against it, then stop.")
    ] = "",
    root: Annotated[
        Path, typer.Option("--root", metavar="FOLDER", help="Where its data lies, over restarts.")
    ] = Path(".databridge/sandbox"),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="By default one that is free.")] = 0,
    catalog: Annotated[
        list[str] | None, typer.Option("--catalog", metavar="NAME", help="A catalog it has; repeatable.")
    ] = None,
) -> None:
    """Start it, and print how to reach it; Ctrl-C stops it. It listens on this machine only.

    What it does not prove about a real warehouse is told in docs/sandbox.md.

    \b
    Examples:
      databridge sandbox start
      databridge sandbox start --exec 'databridge apply --target sandbox --auto-approve'
    """
    from databridge.cli.rehearsal import rehearse

    raise typer.Exit(rehearse(root, port, tuple(catalog or ("main",)), execute))

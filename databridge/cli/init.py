"""`databridge init`: a working project with an example stack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="Where; the current folder by default.")] = Path(),
    name: Annotated[
        str | None, typer.Option("--name", help="The project's name; by default the folder's.")
    ] = None,
) -> None:
    """Make a small project that works as it stands.

    It loads a folder of CSV files into a DuckDB file.

    \b
    Examples:
      databridge init my_project && cd my_project && databridge apply
    """
    import shlex

    from databridge.cli.output import answer
    from databridge.cli.scaffold import scaffold

    for file in scaffold(folder, name):
        answer(f"created  {file}")
    steps = "databridge apply" if folder == Path() else f"cd {shlex.quote(str(folder))} && databridge apply"
    answer(f"\nNext: {steps}")

"""`databridge state unlock`: free the locks of a run that is dead."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import Target, Var


def unlock(
    run_id: Annotated[
        str,
        typer.Argument(metavar="RUN", help="The run that has the lock, as the message about it names it."),
    ],
    target: Target = None,
    var: Var = None,
) -> None:
    """Free the locks of a run that is surely dead, before they expire.

    Should the run live after all, it notices before its next write and stops. Locks of a store in a folder
    never need this: they end with their process.

    \b
    Examples:
      databridge state unlock 20261123T085421Z-3f9a
      databridge state unlock 20261123T085421Z-3f9a --target prod
    """
    from databridge.cli.output import tell
    from databridge.cli.workplace import open_workplace

    freed = open_workplace(target, var).store.unlock(run_id)
    tell(f"Freed {', '.join(freed)}. The next apply settles what run {run_id} left open.")

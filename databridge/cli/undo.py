"""`databridge undo`: take back what a run did."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import Allow, AsText, AutoApprove, LockTimeout, Target, TextFormat, Var


def undo(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="Its id, or the beginning of it; see `databridge runs list`.")
    ],
    target: Target = None,
    var: Var = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    lock_timeout: LockTimeout = 0.0,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Take back what a run did: the rows that it appended, cursors, loaded files, definitions.

    What is recorded is put back first, then the rows go; the next apply loads them again. Refused where a later run changed the
    same pipeline, where rows were merged, replaced or dropped that nothing is kept of, and where something else wrote there since.

    \b
    Examples:
      databridge undo 20261123T085421Z-3f9a
      databridge undo 20261123T0854 --auto-approve --allow delete-rows
    """
    from databridge.cli.editing import edit_now, run_of
    from databridge.model.edit import Undo

    wish = Undo(run=run_of(run, target, var).run_id)
    raise typer.Exit(
        edit_now(
            wish, target, var, auto_approve=auto_approve, allow=allow, lock_timeout=lock_timeout, form=as_
        )
    )

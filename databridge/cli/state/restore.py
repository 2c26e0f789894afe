"""`databridge state restore`: put back what a restore point holds."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import Allow, AsText, AutoApprove, LockTimeout, Target, TextFormat, Var


def restore(
    point: Annotated[
        str, typer.Argument(metavar="[ID]", help="Its id, or the beginning of it; without one they are listed.")
    ] = "",
    target: Target = None,
    var: Var = None,
    auto_approve: AutoApprove = False,
    allow: Allow = None,
    lock_timeout: LockTimeout = 0.0,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Put back what a restore point holds: cursors, loaded files, definitions. Rows stay as they are.

    Every edit of the state writes a restore point first, this one too, so it can be undone in the same way.

    \b
    Examples:
      databridge state restore
      databridge state restore 20261123T085421Z-3f9a
    """
    from databridge.cli.editing import edit_now, point_of
    from databridge.cli.points import print_points
    from databridge.model.edit import Restore

    if not point:
        print_points(target, var, as_)
        return
    wish = Restore(point=point_of(point, target, var).restore_id)
    raise typer.Exit(
        edit_now(wish, target, var, auto_approve=auto_approve, allow=allow, lock_timeout=lock_timeout, form=as_)
    )

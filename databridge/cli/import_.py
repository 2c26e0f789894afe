"""`databridge import`: take over dlt pipelines that were made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from databridge.cli.completion import destination_names, source_names
from databridge.cli.options import AsText, AutoApprove, LockTimeout, OnlyList, Target, TextFormat, Var


def import_(
    destination: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Where they lie, as stacks call it.",
            autocompletion=destination_names,
        ),
    ],
    source: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Where their rows come from, as stacks call it: dlt does not record that.",
            autocompletion=source_names,
        ),
    ] = None,
    pipeline: Annotated[
        list[str] | None,
        typer.Option(metavar="DLT_NAME", help="Only this dlt pipeline; may be repeated. By default all."),
    ] = None,
    dataset: Annotated[str | None, typer.Option(metavar="NAME", help="Only in this dataset.")] = None,
    glob: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RESOURCE=PATTERN",
            help="Which files a resource loads: dlt does not record that. May be repeated.",
        ),
    ] = None,
    pipelines_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="dlt's working folders of the scripts (~/.dlt/pipelines): see that nothing waits there.",
        ),
    ] = None,
    stack: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The stack to write, `stacks/NAME.yaml`; NAME alone suffices."),
    ] = None,
    only_list: OnlyList = False,
    apply: Annotated[bool, typer.Option("--apply", help="Apply it too, once it is approved.")] = False,
    target: Target = None,
    var: Var = None,
    auto_approve: AutoApprove = False,
    lock_timeout: LockTimeout = 0.0,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Take over dlt pipelines that were made by hand: write the stack that says what they do, and show its plan.

    What no stack can say is left out, with the reason. Nothing is changed at the destination before an apply, which
    then records definitions and loads nothing; the next load goes on from dlt's cursors.

    \b
    Examples:
      databridge import --destination warehouse --list
      databridge import --destination warehouse --source erp --pipeline nightly
      databridge import --destination lake --source landing --glob 'orders=orders/*.csv' --stack files --apply
    """
    from databridge.cli.importing import Wanted, import_now, list_now

    wanted = Wanted(
        destination=destination,
        source=source,
        pipelines=tuple(pipeline or ()),
        dataset=dataset,
        globs=tuple(glob or ()),
        pipelines_dir=pipelines_dir,
        stack=stack,
        only_list=only_list,
    )
    if only_list:
        list_now(wanted, target, var, form=as_)
        return
    raise typer.Exit(
        import_now(
            wanted, target, var, apply=apply, auto_approve=auto_approve, lock_timeout=lock_timeout, form=as_
        )
    )

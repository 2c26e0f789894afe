"""`databridge validate`: every problem of the stacks, offline."""

from __future__ import annotations

import typer

from databridge.cli.options import AsText, Target, TextFormat, Var


def validate(target: Target = None, var: Var = None, as_: AsText = TextFormat.TEXT) -> None:
    """Check all stacks, offline: form, references, names. Every problem is reported at once.

    \b
    Examples:
      databridge validate
      databridge validate --target prod --format json
    """
    from databridge.cli.output import answer, complain
    from databridge.cli.report import report_json
    from databridge.cli.workplace import open_workplace
    from databridge.model.diagnostic import DatabridgeError
    from databridge.render.quantity import counted

    try:
        place = open_workplace(target, var)
    except DatabridgeError as error:
        if as_ is TextFormat.JSON:
            answer(report_json(error.diagnostics))
            raise typer.Exit(error.exit_code) from None
        raise
    project = place.project
    if as_ is TextFormat.JSON:
        answer(report_json(project.warnings))
        return
    if project.warnings:
        complain(project.warnings, project.root)
    pipelines = [pipeline for stack in project.desired.stacks for pipeline in stack.pipelines]
    resources = sum(len(pipeline.resources) for pipeline in pipelines)
    answer(
        f"Valid: project {project.name}, target {project.target}: "
        f"{counted(len(project.desired.stacks), 'stack')}, {counted(len(pipelines), 'pipeline')}, "
        f"{counted(resources, 'resource')}."
    )

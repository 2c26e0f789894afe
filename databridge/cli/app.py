"""The command line: one place where every failure becomes a message and an exit code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from databridge.cli import (
    apply,
    backfill,
    destroy,
    discover,
    doctor,
    drift,
    import_,
    init,
    plan,
    repair,
    reset,
    runs,
    sample,
    sandbox,
    schema,
    show,
    state,
    undo,
    validate,
    version,
)
from databridge.cli import run as run_command

_INTERRUPTED = 130

app = typer.Typer(
    name="databridge",
    help="Terraform for data ingestion: say in YAML what is loaded from where to where, see what would happen, do it.",
    rich_markup_mode=None,  # plain help: rich would cost more than all the rest of it
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done, 1 error, 2 changes found (--detailed-exitcode, drift, state diff), 3 refused, 4 locked, 5 stale plan, "
    "6 applied in part, 130 interrupted.",
)


@app.callback()
def _project(
    chdir: Annotated[
        Path | None, typer.Option("--chdir", "-C", metavar="FOLDER", help="Work in this folder.")
    ] = None,
) -> None:
    if chdir is None:
        return
    try:
        os.chdir(chdir)
    except OSError as error:
        raise typer.BadParameter(
            f"can't work in `{chdir}`: {error.strerror}", param_hint="'--chdir' / '-C'"
        ) from None


app.command("init")(init.init)
app.command("validate")(validate.validate)
app.command("plan")(plan.plan)
app.command("apply")(apply.apply)
app.command("run")(run_command.run)
app.command("reset")(reset.reset)
app.command("backfill")(backfill.backfill)
app.command("destroy")(destroy.destroy)
app.command("undo")(undo.undo)
app.command("drift")(drift.drift)
app.command("repair")(repair.repair)
app.command("import")(import_.import_)
app.command("discover")(discover.discover)
app.command("sample")(sample.sample)
app.command("doctor")(doctor.doctor)
app.command("show")(show.show)
app.add_typer(state.app, name="state")
app.add_typer(runs.app, name="runs")
app.add_typer(sandbox.app, name="sandbox")
app.command("schema")(schema.schema)
app.command("version")(version.version)


def run(arguments: list[str]) -> int:
    """Carry out one command line and return its exit code; nothing escapes as a traceback.

    With `DATABRIDGE_DEBUG` set, an error that nobody foresaw shows its traceback too.
    """
    try:
        command = typer.main.get_command(app)
        code = command.main(arguments or ["--help"], prog_name="databridge", standalone_mode=False)
    except SystemExit:  # typer's way when the reader of a help text went away (`| head`)
        return 1
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence
        from databridge.cli.failure import told

        return told(error)
    if code == _INTERRUPTED:  # typer turns a Ctrl-C into this code, and says nothing
        from databridge.cli.failure import told

        return told(KeyboardInterrupt())
    return code if isinstance(code, int) else 0

"""The command line: one place where every failure becomes a message and an exit code."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from databridge.cli import apply, init, plan, run as run_command, runs, schema, show, state, validate, version
from databridge.model.diagnostic import DatabridgeError, Diagnostic, ExitCode

app = typer.Typer(
    name="databridge",
    help="Terraform for data ingestion: say in YAML what is loaded from where to where, see what would happen, do it.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done, 1 error, 2 changes found (--detailed-exitcode), 3 refused, 4 locked, 5 stale plan, "
    "6 applied in part, 130 interrupted.",
)


@app.callback()
def _project(
    chdir: Annotated[
        Path | None, typer.Option("--chdir", "-C", metavar="FOLDER", help="Work in this folder.")
    ] = None,
) -> None:
    if chdir is not None:
        if not chdir.is_dir():
            raise DatabridgeError.of("DB603", f"there is no folder `{chdir}`")
        os.chdir(chdir)


app.command("init")(init.init)
app.command("validate")(validate.validate)
app.command("plan")(plan.plan)
app.command("apply")(apply.apply)
app.command("run")(run_command.run)
app.command("show")(show.show)
app.add_typer(state.app, name="state")
app.add_typer(runs.app, name="runs")
app.command("schema")(schema.schema)
app.command("version")(version.version)


def run(arguments: list[str]) -> int:
    """Carry out one command line and return its exit code; nothing escapes as a traceback.

    With `DATABRIDGE_DEBUG` set, an error that nobody foresaw shows its traceback too.
    """
    try:
        code = typer.main.get_command(app).main(arguments, prog_name="databridge", standalone_mode=False)
    except DatabridgeError as error:
        _complain(*error.diagnostics)
        return error.exit_code
    except typer.TyperException as error:
        _complain(Diagnostic(code="DB600", summary=error.format_message(), hint="See: databridge --help"))
        return ExitCode.ERROR
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("\nInterrupted. What was begun is settled by the next apply.\n")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our answer went away (`| head`); what is left to flush has no reader either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:  # noqa: BLE001 - the last line of defence: a message instead of a traceback
        if os.environ.get("DATABRIDGE_DEBUG"):
            raise
        _complain(_unforeseen(error))
        return ExitCode.ERROR
    return code if isinstance(code, int) else ExitCode.DONE


def _complain(*diagnostics: Diagnostic) -> None:
    from databridge.cli.output import complain

    complain(diagnostics, Path.cwd())


def _unforeseen(error: Exception) -> Diagnostic:
    return Diagnostic(
        code="DB699",
        summary=f"databridge failed in a way it did not foresee ({type(error).__name__})",
        detail="This is a mistake in databridge. What was begun is settled by the next apply.",
        hint="Run it again with DATABRIDGE_DEBUG=1 and report what it prints.",
    )

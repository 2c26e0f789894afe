"""Every way in which a command can fail ends here: in a message on stderr and an exit code."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from databridge.cli.output import complain, tell
from databridge.model.diagnostic import DatabridgeError, Diagnostic, ExitCode


def told(error: BaseException) -> int:
    """Tell the user what went wrong.

    Returns:
        The exit code.

    Raises:
        BaseException: the error itself, if nobody foresaw it and `DATABRIDGE_DEBUG` is set.
    """
    match error:
        case DatabridgeError():
            complain(error.diagnostics, _project_folder())
            return error.exit_code
        case typer.Abort() | KeyboardInterrupt():
            tell("\nInterrupted. What was begun is settled by the next apply.")
            return ExitCode.INTERRUPTED
        case typer.TyperException():
            _complain(_misused(error))
            return ExitCode.ERROR
        case _:
            if os.environ.get("DATABRIDGE_DEBUG"):
                raise error
            _complain(_unforeseen(error))
            return ExitCode.ERROR


def _misused(error: typer.TyperException) -> Diagnostic:
    """typer has words for a wrong command line, and knows whose it is; pydantic's word in front of them says nothing."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "databridge"
    summary = error.format_message().replace("Value error, ", "").removesuffix(".")
    return Diagnostic(code="DB600", summary=summary, hint=f"See: {command} --help")


def _complain(diagnostic: Diagnostic) -> None:
    complain((diagnostic,), Path.cwd())


def _project_folder() -> Path:
    """The folder that the diagnostics' paths are relative to."""
    from databridge.config.project import find_project

    try:
        return find_project(Path.cwd())
    except DatabridgeError:
        return Path.cwd()


def _unforeseen(error: BaseException) -> Diagnostic:
    return Diagnostic(
        code="DB699",
        summary=f"databridge failed in a way it did not foresee ({type(error).__name__})",
        detail="This is a mistake in databridge. What was begun is settled by the next apply.",
        hint="Run it again with DATABRIDGE_DEBUG=1 and report what it prints.",
    )

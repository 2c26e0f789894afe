"""A rehearsal runs one command against a sandbox, or holds the sandbox open until it is told to stop."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from databridge.cli.output import answer, tell
from databridge.model.diagnostic import DatabridgeError, ExitCode

if TYPE_CHECKING:
    from databridge.sandbox.connection import Connection


def rehearse(root: Path, port: int, catalogs: tuple[str, ...], command: str) -> int:
    """Start a sandbox and stop it again.

    Args:
        root: where its data lies.
        port: where it listens; 0 for one that is free.
        catalogs: the catalogs it has.
        command: what is run against it, split as a shell would; empty to wait for a signal.

    Returns:
        The command's exit code, or 0.

    Raises:
        DatabridgeError: the extra `sandbox` is not installed, or the port is taken.
    """
    try:
        from databridge.sandbox.server import Sandbox
        from databridge.sandbox.settings import SandboxSettings
    except ModuleNotFoundError as error:
        raise DatabridgeError.of(
            "DB615",
            f"the sandbox needs `{error.name}`, which is not installed",
            hint="Install it: pip install 'databridge[sandbox,databricks]'",
        ) from None
    settings = SandboxSettings(root=root, port=port, catalogs=catalogs)
    try:
        with Sandbox(settings) as sandbox:
            if command:
                return _run(command, sandbox.connection)
            stopped = _told_to_stop()
            _introduce(sandbox.connection)
            stopped.wait()
    except OSError as error:
        raise DatabridgeError.of(
            "DB616",
            f"the sandbox can't be started: {error.strerror or error}",
            hint="Choose another --port or --root.",
        ) from None
    return ExitCode.DONE


def _run(command: str, connection: Connection) -> int:
    words = shlex.split(command)
    # The `databridge` that is meant is this one, though nobody may have activated its environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    os.environ["PATH"] = path  # where `subprocess` looks, too
    try:
        return subprocess.run(words, env=os.environ | connection.env, check=False).returncode  # noqa: S603 - the user's own command
    except OSError as error:
        raise DatabridgeError.of(
            "DB617", f"`{words[0]}` can't be run: {error.strerror}", hint="Correct the command after --exec."
        ) from None


def _introduce(connection: Connection) -> None:
    """What to write into a stack; the token, which is good for this run only, among it."""
    settings = {
        "type": "databricks",
        "server_hostname": connection.server_hostname,
        "port": connection.port,
        "http_path": connection.http_path,
        "catalog": connection.catalog,
        "ca_file": connection.ca_file,
        "access_token": "${secret.sandbox_token}",
    }
    lines = [f"{name}: {value}" for name, value in settings.items()]
    answer("\n".join([*lines, "", f"export DATABRIDGE_SECRET_SANDBOX_TOKEN={connection.access_token}"]))
    tell("\nThe sandbox runs. Ctrl-C stops it.")


def _told_to_stop() -> threading.Event:
    """Set by Ctrl-C, or by whoever ends this process in an orderly way."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped

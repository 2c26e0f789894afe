"""`databridge sandbox start`: one command against it, or held open until a signal; what can't be is told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from databridge.cli.app import run

ASK = "import os, socket; socket.create_connection((os.environ['DATABRIDGE_SANDBOX_HOST'], int(os.environ['DATABRIDGE_SANDBOX_PORT'])))"


def start(root: Path, command: str) -> int:
    return run(["sandbox", "start", "--root", str(root), "--exec", command])


def test_a_command_finds_it_and_its_exit_code_is_ours(tmp_path: Path) -> None:
    script = tmp_path / "ask.py"
    script.write_text(f"{ASK}\nraise SystemExit(7 if os.environ['DATABRIDGE_SECRET_SANDBOX_TOKEN'] else 1)")
    assert start(tmp_path / "box", f"{sys.executable} {script}") == 7


def test_a_command_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start(tmp_path, "no-such-command at all") == 1
    assert (
        "error[DB617]: `no-such-command` can't be run: No such file or directory" in capsys.readouterr().err
    )


def test_a_port_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code = run(["sandbox", "start", "--root", str(tmp_path), "--port", str(taken.getsockname()[1])])
    assert code == 1
    assert "DB616" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_tells_how_to_reach_it_and_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "databridge", "sandbox", "start", "--root", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as started:
        assert started.stdout
        lines = [started.stdout.readline() for _ in range(9)]
        started.send_signal(number)
        assert started.wait() == 0
    said = dict(line.strip().split(": ", 1) for line in lines if ": " in line)
    assert said["type"] == "databricks"
    assert said["access_token"] == "${secret.sandbox_token}"
    assert lines[-1].startswith("export DATABRIDGE_SECRET_SANDBOX_TOKEN=")

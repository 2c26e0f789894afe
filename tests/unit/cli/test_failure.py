"""Whatever happens, a command ends in a message and an exit code."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from databridge.cli import workplace
from databridge.cli.app import run
from databridge.model.diagnostic import ExitCode
from databridge.state.local import LocalStore
from tests.support.project import Project

SENTENCE = "Interrupted. What was begun is settled by the next apply."


def breaking(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Opening a project fails in a way that nobody foresaw."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(workplace, "load_project", fail)


def test_an_interrupt_is_told_in_one_sentence(
    shop: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    breaking(monkeypatch, KeyboardInterrupt())
    assert run(["plan"]) == ExitCode.INTERRUPTED
    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip() == SENTENCE


def test_a_real_interrupt_while_waiting_for_a_lock(shop: Project) -> None:
    store = LocalStore(shop.root / "state", project="shop", target="dev")
    with store.lock(
        ["shop"], operation="apply", who="ada@elsewhere", run_id="1", now=lambda: datetime.now(UTC), timeout=0
    ):
        process = shop.start("apply", "--auto-approve", "--lock-timeout", "600")
        assert process.stderr is not None
        assert "ada@elsewhere" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err.strip()) == (ExitCode.INTERRUPTED, "", SENTENCE)


def test_what_nobody_foresaw_is_told_without_a_traceback(
    shop: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    breaking(monkeypatch, ZeroDivisionError("password=hunter2"))
    assert run(["plan"]) == ExitCode.ERROR
    out, err = capsys.readouterr()
    assert out == ""
    assert "DB699" in err
    assert "ZeroDivisionError" in err
    assert "DATABRIDGE_DEBUG=1" in err
    assert "Traceback" not in err
    assert "hunter2" not in err  # an unforeseen error may quote anything


def test_with_debug_the_error_comes_through(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, ZeroDivisionError())
    monkeypatch.setenv("DATABRIDGE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run(["plan"])


def test_with_debug_a_foreseen_failure_is_told_as_ever(
    shop: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABRIDGE_DEBUG", "1")
    assert run(["plan", "--select", "nothing"]) == ExitCode.ERROR
    assert "DB613" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["plan", "--help", "schema", "apply --auto-approve"])
def test_a_reader_that_goes_away_hears_no_more_and_is_told_of_no_success(shop: Project, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "databridge", *command.split()],
        stdout=unread_pipe(),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (ExitCode.ERROR, "")
    assert not (shop.root / "warehouse.duckdb").exists()


def test_where_nobody_hears_the_remarks_the_exit_code_is_the_same(shop: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "databridge", "apply"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=unread_pipe(),
        check=False,
    )
    assert done.returncode == ExitCode.REFUSED


def unread_pipe() -> int:
    """The end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_stream_that_is_not_utf_8_gets_what_it_can_show(
    shop: Project, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    shop.edit("stacks/shop.yaml", "name: visits", "name: Besuche_ä_顧客")
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert run(["plan"]) == 0
    assert run(["plan", "--select", "顧客"]) == ExitCode.ERROR
    for stream in (out, err):
        stream.flush()
    shown, told = (stream.buffer.getvalue().decode(encoding) for stream in (out, err))
    assert "shop.files -> duckdb" in shown
    assert "\\u9867\\u5ba2" in shown
    assert "\\u9867\\u5ba2" in told


@pytest.mark.parametrize(
    "environ", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_a_plain_locale(shop: Project, environ: dict[str, str]) -> None:
    done = Project(shop.root, environ).run_anew("plan")
    assert (done.code, done.err) == (0, "")
    assert "shop.files -> duckdb" in done.out


def test_outside_of_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["validate"], ["plan"], ["state", "list"], ["runs", "list"], ["schema", "--write"]):
        assert run(command) == ExitCode.ERROR
        assert "databridge init" in capsys.readouterr().err

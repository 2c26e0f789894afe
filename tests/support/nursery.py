"""A nursery forks `databridge` commands, each with processes of its own as ever, from one that has imported all of it.

A command of a test spends most of its time importing, and so does the server of its workers. Here that is done once a
session; whatever else makes a process, its folder, its environment, its streams, its death, is each command's own.
What only a new interpreter shows is for `Project.start_anew`.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from multiprocessing import resource_tracker, util
from pathlib import Path
from typing import IO, NoReturn

from databridge.engine import settings

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST = 1 << 17
"""Bytes of an order."""


class Child:
    """A command that was forked; it is talked to as `subprocess.Popen` is."""

    def __init__(self, pid: int, told: IO[str], stdout: IO[str], stderr: IO[str]) -> None:
        self.pid, self.stdout, self.stderr, self._told = pid, stdout, stderr, told
        self.returncode: int | None = None
        """The exit code, once it was waited for; negative if a signal ended it."""

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def communicate(self) -> tuple[str, str]:
        """Wait for its end; what it said on stdout and stderr, as far as nobody has read that yet."""
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.append(self.stdout.read()))
        reader.start()
        with self.stdout, self.stderr, self._told:
            err = self.stderr.read()
            reader.join()
            self.returncode = int(self._told.readline())
        return said[0], err


def born(arguments: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> Child:
    """Start a command."""
    (out, out_end), (err, err_end), (told, told_end) = (os.pipe() for _ in range(3))
    order = {"arguments": list(arguments), "cwd": str(cwd), "environ": dict(environ)}
    socket.send_fds(_line(), [json.dumps(order).encode()], [out_end, err_end, told_end])
    for end in (out_end, err_end, told_end):
        os.close(end)
    stream = os.fdopen(told)
    return Child(int(stream.readline()), stream, os.fdopen(out), os.fdopen(err))


@cache
def _line() -> socket.socket:
    """To the nursery of this process; it goes when we do."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery", str(theirs.fileno())],
            cwd=_ROOT,
            env=os.environ | {"DATABRIDGE_PRELOAD": "databricks,s3,az"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    atexit.register(process.wait)
    atexit.register(ours.close)  # which is done first
    return ours


def _serve(line: socket.socket) -> None:
    while True:
        order, ends, _, _ = socket.recv_fds(line, _LONGEST, 3)
        if not order:
            return
        if os.fork() == 0:
            line.close()
            _keep(json.loads(order), *ends)
        for end in ends:
            os.close(end)
        _bury(os.WNOHANG)


def _bury(how: int) -> None:
    try:
        while os.waitpid(-1, how)[0]:
            pass
    except ChildProcessError:
        return


def _keep(order: dict[str, object], out: int, err: int, told: int) -> NoReturn:
    """Fork the command, tell its process and, once it is dead, what it came to."""
    child = os.fork()
    if child == 0:
        os.dup2(out, 1)
        os.dup2(err, 2)
        for end in (out, err, told):
            os.close(end)
        _run(**order)  # type: ignore[arg-type]  # as `born` wrote it
    try:
        os.close(out)
        os.close(err)
        os.write(told, f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    finally:
        os._exit(0)


def _run(arguments: list[str], cwd: str, environ: dict[str, str]) -> NoReturn:
    from aiohttp import connector

    from databridge import __main__ as program
    from databridge.engine import server

    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.enable()
    if "SSL_CERT_FILE" in environ:  # which aiohttp reads when it is imported
        connector._SSL_CONTEXT_VERIFIED = connector._make_ssl_context(True)
    sys.argv = ["databridge", *arguments]
    sys.modules["__main__"] = program
    util.spawnv_passfds = _forked  # type: ignore[assignment]  # it is called with no other arguments
    # Whatever comes to need it: later there may be threads, and who has some does not fork.
    server.start()
    _leave(_ended(program.main))


def _ended(main: Callable[[], None]) -> int:
    try:
        main()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 0
    raise AssertionError("it leaves by itself")


def _leave(code: int) -> NoReturn:
    """As `multiprocessing` lets its processes leave: what they have of others must not be taken down."""
    util._exit_function()  # type: ignore[attr-defined]
    threading._shutdown()  # type: ignore[attr-defined]
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _forked(_program: bytes, arguments: Sequence[str], descriptors: Sequence[int]) -> int:
    """What `multiprocessing` starts as a process of its own, with all that is imported."""
    child = os.fork()
    if child:
        return child
    try:
        for number in {int(each.name) for each in Path("/proc/self/fd").iterdir()} - {0, 1, 2, *descriptors}:
            with suppress(OSError):  # the listing's own is closed already
                os.close(number)
        tracker = resource_tracker._resource_tracker
        tracker._fd = tracker._pid = None  # type: ignore[attr-defined]
        settings.enforce()  # as `databridge.engine.preload` does, which is imported already
        exec(arguments[-1], {})
    finally:
        os._exit(0)


def main() -> None:
    """Serve whoever started this process until it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks gets it too, and goes away
    from tests.support.allimported import import_all

    import_all()
    with socket.socket(fileno=int(sys.argv[1])) as line:
        _serve(line)


if __name__ == "__main__":
    main()

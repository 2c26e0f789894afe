"""A server of a test listens on this machine only, and ends when its test session does, even a killed one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

NODE_SERVERS = Path(sys.prefix) / "node" / "node_modules"
"""Where `make servers` puts what comes from npm."""

# Ends its child when its own stdin ends, which the system sees to, and itself when the child does.
_KEEPER = """
import subprocess, sys, threading
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
threading.Thread(target=lambda: (sys.stdin.read(), child.kill()), daemon=True).start()
sys.exit(child.wait())
"""
_MOTO = Path(__file__).with_name("motoserver.py")


@contextmanager
def serving(*command: str, port: int, environ: Mapping[str, str] = {}, scheme: str = "http") -> Iterator[str]:
    """A server, from when it listens; gives its address."""
    with subprocess.Popen(
        [sys.executable, "-c", _KEEPER, *command],
        stdin=subprocess.PIPE,
        env={**os.environ, **environ},
    ) as keeper:
        assert keeper.stdin
        try:
            while not _listens(port):
                assert keeper.poll() is None, f"{command[0]} ended before it listened"
            yield f"{scheme}://127.0.0.1:{port}"
        finally:
            keeper.stdin.close()


def moto(environ: Mapping[str, str] = {}) -> AbstractContextManager[str]:
    """Moto's server of AWS: S3, and IAM for who wants it."""
    port = free_port()
    return serving(sys.executable, str(_MOTO), str(port), port=port, environ=environ)


def azurite(certificate: Path | None = None) -> AbstractContextManager[str]:
    """Microsoft's emulator of Azure's blobs; the test is skipped where it is not installed.

    Args:
        certificate: with its key, for TLS.
    """
    script = NODE_SERVERS / "azurite" / "dist" / "src" / "blob" / "main.js"
    if not script.exists():
        pytest.skip("Azurite is not installed: make servers")
    port = free_port()
    options = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--inMemoryPersistence"]
    where = ["--blobHost", "127.0.0.1", "--blobPort", str(port)]
    if certificate:
        options += ["--cert", str(certificate), "--key", str(certificate)]
    scheme = "https" if certificate else "http"
    return serving("node", str(script), *where, *options, port=port, scheme=scheme)


@contextmanager
def serving_here(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server in a thread of this process; gives its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.1).close()
    except OSError:
        return False
    return True

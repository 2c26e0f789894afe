"""A MariaDB of a test session: Debian's server, root without a password, on a port of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.servers import free_port, serving

_SERVER = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_AS_ROOT = ("--user=root",) if os.geteuid() == 0 else ()
_HASTY = ("--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--skip-name-resolve")


@contextmanager
def mariadb(certificate: Path | None = None) -> Iterator[str]:
    """The server's address, `127.0.0.1:PORT`; the test is skipped where it is not installed.

    Args:
        certificate: with its key, for TLS; without, there is none.
    """
    if _SERVER is None:
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server")
    with tempfile.TemporaryDirectory() as folder:
        data = f"--datadir={folder}/data"
        new = ("--auth-root-authentication-method=normal", "--skip-test-db")
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", data, *new, *_AS_ROOT],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        port = free_port()
        tls = (f"--ssl-cert={certificate}", f"--ssl-key={certificate}") if certificate else ()
        where = (data, f"--socket={folder}/socket", f"--port={port}", "--bind-address=127.0.0.1,127.0.0.2")
        with serving(
            _SERVER,
            "--no-defaults",
            *where,
            f"--pid-file={folder}/pid",
            *_HASTY,
            *tls,
            *_AS_ROOT,
            port=port,
            scheme="tcp",
        ) as address:
            yield address.removeprefix("tcp://")

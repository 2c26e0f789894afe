"""A PostgreSQL of a test session: Debian's server, without a password, on a port of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from databridge.model.destination import SqlDestination
from tests.support.servers import free_port, serving

_AS_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups") if os.geteuid() == 0 else ()
"""The server refuses to run as root."""
_HASTY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


@contextmanager
def postgres() -> Iterator[str]:
    """The server's address, `127.0.0.1:PORT`; the test is skipped where it is not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with tempfile.TemporaryDirectory() as folder:
        if _AS_NOBODY:
            shutil.chown(folder, "nobody", "nogroup")
        new = ("-U", "postgres", "-A", "trust", "-N", "--no-instructions", "-E", "UTF8", "--locale=C.UTF-8")
        subprocess.run(
            [*_AS_NOBODY, programs / "initdb", "-D", folder, *new],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )
        port = free_port()
        options = [word for setting in _HASTY for word in ("-c", setting)]
        where = ("-D", folder, "-h", "127.0.0.1", "-p", str(port), "-k", "")
        with serving(
            *_AS_NOBODY, str(programs / "postgres"), *where, *options, port=port, scheme="tcp"
        ) as address:
            server = address.removeprefix("tcp://")
            _wait(server)
            yield server


def destination_at(server: str) -> SqlDestination:
    """The server's database as a stack names it."""
    return SqlDestination(type="sql", url=f"postgresql+psycopg://postgres@{server}/postgres")


def _wait(server: str) -> None:
    """It listens before it takes connections."""
    while True:
        try:
            sa.create_engine(destination_at(server).url, poolclass=sa.NullPool).connect().close()
        except sa.exc.OperationalError as error:
            if "starting up" not in str(error):
                raise
        else:
            return


def _programs() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return folders[-1].parent if folders else None

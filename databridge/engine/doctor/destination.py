"""A destination is well when it can be read and written; whether it can be written is asked, never tried."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa

from databridge.engine.doctor.examination import Examination
from databridge.engine.doctor.server import server_checks
from databridge.locations.reader import reader_for
from databridge.model.checkup import Outcome
from databridge.model.destination import (
    DatabricksDestination,
    Destination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.model.diagnostic import DatabridgeError
from databridge.model.paths import local_folder, resolve_path
from databridge.model.quantity import counted
from databridge.model.secret import Secrets
from databridge.warehouse.sql import connecting
from databridge.warehouse.unreachable import Unreachable

_MEND = "Mend that; see docs/destinations for what it needs."
_UNTOLD = "it can't be told without writing something"
_TRY = "Try it with a small load: databridge apply --limit 10"
_MAY_CREATE = "SELECT has_database_privilege(current_database(), 'CREATE')"
_MAY_CREATE_IN = "SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = :name"


def destination_checks(
    examination: Examination,
    destination: Destination,
    datasets: Sequence[str],
    *,
    root: Path,
    secrets: Secrets,
    now: Callable[[], datetime],
) -> None:
    """Check a destination.

    Args:
        examination: takes what is found.
        destination: the destination.
        datasets: what stacks load there.
        root: the project's folder.
        secrets: for its credentials.
        now: the time here, in UTC.

    Raises:
        Over: it can't be used.
    """
    match destination:
        case DuckDbDestination(path=path):
            examination.see("driver", lambda: (None, f"duckdb {version('duckdb')}"), remedy="Install duckdb.")
            _read(examination, destination, root, secrets)
            writable(examination, Path(resolve_path(str(root), path)))
        case FilesystemDestination(bucket=None, bucket_url=url):
            _read(examination, destination, root, secrets)
            writable(examination, Path(local_folder(str(root), url)))
        case SqlDestination(path=str() as path):
            _read(examination, destination, root, secrets)
            writable(examination, Path(resolve_path(str(root), path)))
        case SqlDestination():
            with server_checks(examination, lambda: _engine(destination, root, secrets), now) as engine:
                _read(examination, destination, root, secrets)
                _grants(examination, engine, datasets)
        case FilesystemDestination():
            _read(examination, destination, root, secrets)
            examination.note("writing", Outcome.UNKNOWN, _UNTOLD, _TRY)
        case DatabricksDestination():
            examination.see(
                "driver",
                lambda: (None, _databricks()),
                remedy="Install it: pip install 'databridge[databricks]'",
            )
            _read(examination, destination, root, secrets)
            examination.note("writing", Outcome.UNKNOWN, _UNTOLD, _TRY)


def _read(examination: Examination, destination: Destination, root: Path, secrets: Secrets) -> None:
    def look() -> tuple[None, str]:
        found = reader_for(destination, root=root, secrets=secrets).datasets()
        return None, f"{counted(len(found), 'dataset')} of dlt pipelines"

    examination.see("reading", look, remedy=_MEND)


def writable(examination: Examination, place: Path) -> None:
    """Tell whether a file or folder may be written or made.

    Args:
        examination: takes what is found.
        place: the file or folder.
    """
    nearest = next(each for each in (place, *place.parents) if each.exists())
    if os.access(nearest, os.W_OK):
        examination.note(
            "writing", Outcome.OK, "it may be written" if nearest == place else "it may be created"
        )
    else:
        examination.note(
            "writing",
            Outcome.FAILED,
            f"this user may not write to {nearest}",
            f"Let it write there, say: chmod u+w {nearest}",
        )


def _databricks() -> str:
    return f"databricks-sql-connector {version('databricks-sql-connector')}"


def _engine(destination: SqlDestination, root: Path, secrets: Secrets) -> sa.Engine:
    try:
        how = connecting(destination, root=root, secrets=secrets)
    except Unreachable as error:
        raise DatabridgeError.of(
            "DB512", str(error), hint="Install it, or name another driver in the URL."
        ) from None
    return sa.create_engine(how.url, **how.options)


def _grants(examination: Examination, engine: sa.Engine, datasets: Sequence[str]) -> None:
    if engine.dialect.name != "postgresql":
        examination.note("writing", Outcome.UNKNOWN, _UNTOLD, _TRY)
        return
    user = engine.url.username or "the user"
    with engine.connect() as connection:
        may_create = bool(connection.execute(sa.text(_MAY_CREATE)).scalar_one())
        there = {
            name: connection.execute(sa.text(_MAY_CREATE_IN), {"name": name}).scalar_one_or_none()
            for name in datasets
        }
    missing = [name for name, may in there.items() if may is None]
    closed = [name for name, may in there.items() if may is False]
    if closed:
        remedy = f"Grant it: GRANT CREATE ON SCHEMA {', '.join(closed)} TO {user}"
        examination.note(
            "writing", Outcome.FAILED, f"it may not create tables in {', '.join(closed)}", remedy
        )
    elif not may_create and (missing or not datasets):
        remedy = f"Grant it: GRANT CREATE ON DATABASE {engine.url.database} TO {user}"
        examination.note("writing", Outcome.FAILED, "it may not create schemas", remedy)
    else:
        examination.note("writing", Outcome.OK, "it may create what is to be loaded")

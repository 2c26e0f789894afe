"""How to get to an Oracle: by its host and service or instance, or by a connect string; a wallet is a folder, never a value."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from databridge.model.paths import resolve_path
from databridge.model.secret import Secrets
from databridge.model.source import OracleSource


def oracle_url(source: OracleSource) -> sa.URL:
    """The URL, with the driver in it and with secrets still references.

    Args:
        source: the database.
    """
    named = {"service_name": source.service_name} if source.service_name else {}
    return sa.URL.create(
        "oracle+oracledb",
        username=source.username or None,
        password=source.password or None,
        host=source.host or None,
        port=source.port if source.host else None,
        database=source.sid or None,
        query=named,
    )


def oracle_arguments(source: OracleSource, root: Path, secrets: Secrets) -> dict[str, object]:
    """What the driver is told beside the URL.

    Args:
        source: the database.
        root: the project's folder.
        secrets: for the wallet's password.

    Raises:
        DatabridgeError: a secret is missing.
    """
    arguments: dict[str, object] = {"dsn": source.dsn} if source.dsn else {}
    if source.wallet:
        folder = resolve_path(str(root), source.wallet)
        arguments |= {"config_dir": folder, "wallet_location": folder}
    if source.wallet_password:
        arguments["wallet_password"] = secrets.fill(source.wallet_password).reveal()
    return arguments


def speak_plainly(engine: sa.Engine) -> None:
    """Have a host without an address told as the driver tells of any other that it does not reach; it lets that one through.

    Args:
        engine: one that was not connected yet.
    """

    def connected(dialect: sa.Dialect, record: object, args: Any, parameters: Any) -> Any:  # noqa: ARG001 - SQLAlchemy's
        try:
            return dialect.connect(*args, **parameters)
        except socket.gaierror as error:
            import oracledb  # it is there: it was asked to connect

            raise oracledb.OperationalError(
                f"cannot connect to {engine.url.host}: {error.strerror}"
            ) from None

    sa.event.listen(engine, "do_connect", connected)


def end_after(engine: sa.Engine, seconds: int | None) -> None:
    """Have the driver give up an answer that takes longer: Oracle itself has no such setting for a session.

    Args:
        engine: one that was not connected yet.
        seconds: for one answer of the server; None for any time.
    """
    if seconds is None:
        return

    def limit(connection: Any, record: object) -> None:  # noqa: ARG001 - SQLAlchemy's
        connection.call_timeout = seconds * 1000

    sa.event.listen(engine, "connect", limit)

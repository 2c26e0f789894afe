"""Of a database one learns the driver, whether it is reached, whether it lets us in, its version and its clock, in this order."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import sqlalchemy as sa

from databridge.engine.doctor.examination import Examination
from databridge.model.checkup import Outcome
from databridge.model.diagnostic import DatabridgeError

_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}
_SECONDS = 10.0
_SKEW = 30.0
"""Seconds that clocks may differ."""
_DISTRIBUTIONS = {"pymysql": "PyMySQL", "mysqldb": "mysqlclient", "pysqlite": ""}
_CLOCKS = {
    "postgresql": "SELECT clock_timestamp()",
    "mysql": "SELECT utc_timestamp(6)",
    "mariadb": "SELECT utc_timestamp(6)",
    "mssql": "SELECT sysutcdatetime()",
    "oracle": "SELECT sys_extract_utc(systimestamp) FROM dual",
}
"""What time it is there; without a zone it is UTC."""


@contextmanager
def server_checks(
    examination: Examination, opened: Callable[[], sa.Engine], now: Callable[[], datetime]
) -> Iterator[sa.Engine]:
    """Check everything that holds for any database, and give its engine, disposed of in the end.

    Args:
        examination: takes what is found.
        opened: makes the engine; reaches nothing.
        now: the time here, in UTC.

    Raises:
        Over: it can't be used.
    """

    def driver() -> tuple[sa.Engine, str]:
        engine = opened()
        return engine, _driver_words(engine)

    engine = examination.see("driver", driver, remedy="Install the driver that the source's page names.")
    try:
        _from_outside_in(examination, engine, now)
        yield engine
    finally:
        engine.dispose()


def _from_outside_in(examination: Examination, engine: sa.Engine, now: Callable[[], datetime]) -> None:
    if engine.dialect.driver == "pyodbc":
        examination.see("ODBC drivers", lambda: (None, _odbc_words(engine)), remedy="Install an ODBC driver.")
    if engine.url.host:
        examination.see(
            "reachable",
            lambda: (None, _reached(engine)),
            remedy="See that host and port are right, that the server runs, and that the network lets you there.",
        )
    examination.see(
        "login",
        lambda: (None, _logged_in(engine)),
        remedy="Correct the user, the secret of its password or the database; see that the server lets you in from here.",
    )
    if clock := _CLOCKS.get(engine.dialect.name):
        _check_clock(examination, engine, clock, now)


def _driver_words(engine: sa.Engine) -> str:
    driver = engine.dialect.driver
    try:
        return f"{driver} {version(_DISTRIBUTIONS.get(driver, driver))}"
    except (PackageNotFoundError, ValueError):  # part of Python, or called otherwise than its package
        return driver


def _odbc_words(engine: sa.Engine) -> str:
    import pyodbc

    there = sorted(pyodbc.drivers())
    wanted = engine.url.query.get("driver")
    if isinstance(wanted, str) and wanted not in there:
        raise DatabridgeError.of(
            "DB552",
            f"`{wanted}` is not there; there is: {', '.join(there) or 'none'}",
            hint="Install it, or name one that is there: `odbc_driver`, or in the URL ?driver=…",
        )
    return ", ".join(there)


def _reached(engine: sa.Engine) -> str:
    host, port = engine.url.host or "", engine.url.port or _PORTS.get(engine.dialect.name)
    if port is None:
        return f"{host} (its port is the driver's to know)"
    socket.create_connection((host, port), timeout=_SECONDS).close()
    return f"{host}:{port}"


def _logged_in(engine: sa.Engine) -> str:
    with engine.connect() as connection:
        numbers = connection.dialect.server_version_info or ()
    kept = ".".join(str(number) for number in numbers)
    user = f"as {engine.url.username}, " if engine.url.username else ""
    return f"{user}{engine.dialect.name} {kept}".rstrip()


def _check_clock(
    examination: Examination, engine: sa.Engine, clock: str, now: Callable[[], datetime]
) -> None:
    examination.at = "clock"
    try:
        with engine.connect() as connection:
            before = now()
            there = connection.execute(sa.text(clock)).scalar_one()
            here = before + (now() - before) / 2
    except sa.exc.SQLAlchemyError:
        examination.note("clock", Outcome.UNKNOWN, "it does not tell the time", "Let the user ask for it.")
        return
    skew = ((there if there.tzinfo else there.replace(tzinfo=UTC)) - here).total_seconds()
    words = "as here" if abs(skew) < 1 else f"{abs(skew):,.0f} s {'ahead' if skew > 0 else 'behind'}"
    if abs(skew) > _SKEW:
        examination.note("clock", Outcome.WARNING, words, "Set both clocks by a time server (NTP).")
    else:
        examination.note("clock", Outcome.OK, words)

"""What a source's server says when it can't be reached or read becomes one error, with the cause and where to look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from databridge.model.diagnostic import DatabridgeError
from databridge.warehouse.sql import ABSENT, NETWORK, REFUSED

_LONGEST = 200
_TOO_LONG = re.compile(
    r"statement timeout|query timeout|call timeout|max_statement_time|maximum statement execution time",
    re.IGNORECASE,
)
_PASSED_ON = re.compile(r"^(\[[^\]]*\]\s*)+")
_KEEP = "Nothing was loaded, and no cursor moved. "


@contextmanager
def told_as_source(engine: sa.Engine) -> Iterator[None]:
    """Turn what a driver raises into an error about the source.

    Args:
        engine: the source.

    Raises:
        DatabridgeError: what was raised inside, in plain words (DB550).
    """
    driver = engine.dialect.dbapi
    raised: tuple[type[Exception], ...] = (sa.exc.DBAPIError, *([driver.Error] if driver else []))
    try:
        yield
    except sa.exc.NoSuchTableError as error:
        raise _told(engine, error, "It was there a moment ago; apply again.") from None
    except raised as error:
        cause = getattr(error, "orig", None) or error
        raise _told(engine, cause, _advice(_words(cause))) from None


def _told(engine: sa.Engine, cause: BaseException, advice: str) -> DatabridgeError:
    text = _words(cause).partition(" LINE ")[0][:_LONGEST]
    url = engine.url
    server = f"{url.host}:{url.port}" if url.port else url.host
    name = url.database or str(url.query.get("service_name") or "")
    place = f"{server}/{name}" if server else name
    return DatabridgeError.of(
        "DB550",
        f"the source {' '.join(filter(None, (engine.dialect.name, place)))} can't be read: {text or type(cause).__name__}",
        detail=_KEEP.strip(),
        hint=advice,
    )


def _words(cause: BaseException) -> str:
    """What it says, on one line; pyodbc gives ODBC's state and words apart, and these begin with the names of all who pass them on."""
    match cause.args:
        case (str(), str(words)):
            text = _PASSED_ON.sub("", words)
        case _:
            text = str(cause)
    return " ".join(text.split())


def _advice(text: str) -> str:
    if ABSENT.search(text):
        return "Correct its `service_name` or `sid`." if "DPY-" in text else "Correct its `database`."
    if "Can't open lib" in text or "Data source name not found" in text:
        return "Install that ODBC driver, or name another one as `odbc_driver`."
    if "SSL Provider" in text:
        return "Have this machine trust the authority of the server's certificate; or write `trust_server_certificate: true`."
    if "SSL is required" in text or ("MySQL" in text and "CERTIFICATE_VERIFY" in text):
        return (
            "Correct `sslmode`; or name the authority of the server's certificate: `options: {ssl_ca: FILE}`."
        )
    if "permission denied" in text or "permission was denied" in text or "ORA-01031" in text:
        return "Grant its user the right SELECT there, and USAGE on the schema."
    if REFUSED.search(text):
        return "Correct `username` and the secret that `password` refers to."
    if _TOO_LONG.search(text):
        return "Give it more time: `query_timeout`; or have a first load come in parts: `rows_per_load`."
    if NETWORK.search(text) or "terminating connection" in text or "TCP Provider" in text:
        return "See that host, port and network are right and the server is up; then apply again."
    return "Mend the cause and apply again."

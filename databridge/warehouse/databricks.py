"""A connection to Databricks is made when it is needed, within a bounded time, and says in plain words why it can't be.

The connector's own patience is a quarter of an hour, whatever the reason; a warehouse that is starting up needs minutes.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from databridge.model.destination import DatabricksDestination
from databridge.model.paths import resolve_path
from databridge.model.secret import Secrets
from databridge.warehouse.unreachable import Unreachable

if TYPE_CHECKING:
    from databricks.sql.client import Connection

_ATTEMPTS = 6
_SECONDS = 300.0  # what starting up a warehouse may take
_SOCKET_SECONDS = 180
_LISTENER_SECONDS = 10.0
_UNREACHABLE = "it can't be reached; see that host, port and network are right"
_NETWORK = (
    "Max retries exceeded",
    "NewConnectionError",
    "NameResolutionError",
    "Connection refused",
    "timed out",
)
_REFUSED = re.compile(r"\b(401|403)\b|[Uu]nauthori[sz]ed|[Ff]orbidden|[Ii]nvalid access token|invalid_client")
_CLASS = re.compile(r"\[([A-Z_.]+)\]")


@dataclass(frozen=True, slots=True)
class Login:
    """A destination with its secrets filled in; it shows none of them."""

    server_hostname: str
    port: int
    http_path: str
    catalog: str
    access_token: str | None = field(repr=False)
    client_id: str | None
    client_secret: str | None = field(repr=False)
    ca_file: str | None

    @classmethod
    def of(cls, destination: DatabricksDestination, *, root: Path, secrets: Secrets) -> Login:
        """Fill in the secrets.

        Raises:
            DatabridgeError: one is missing.
        """

        def fill(template: str) -> str | None:
            return secrets.fill(template).reveal() if template else None

        return cls(
            server_hostname=destination.server_hostname,
            port=destination.port,
            http_path=destination.http_path,
            catalog=destination.catalog,
            access_token=fill(destination.access_token),
            client_id=fill(destination.client_id),
            client_secret=fill(destination.client_secret),
            ca_file=resolve_path(str(root), destination.ca_file) if destination.ca_file else None,
        )

    @property
    def connection_parameters(self) -> dict[str, object]:
        """What the connector is told beyond host, path, catalog and credentials."""
        parameters: dict[str, object] = {
            "enable_telemetry": False,
            "_retry_stop_after_attempts_count": _ATTEMPTS,
            "_retry_stop_after_attempts_duration": _SECONDS,
        }
        if self.port != 443:
            parameters["_port"] = self.port
        if self.ca_file:
            parameters["_tls_trusted_ca_file"] = self.ca_file
        return parameters


@contextmanager
def connected(login: Login) -> Iterator[Connection]:
    """A connection, closed in the end.

    Raises:
        Unreachable: there is none to be had.
    """
    try:
        from databricks import sql
        from databricks.sql.exc import Error
    except ImportError:
        raise Unreachable(
            "its driver is not installed; install it: pip install 'databridge[databricks]'",
        ) from None
    from urllib3.exceptions import HTTPError

    require_listener(login)
    try:
        connection = sql.connect(
            server_hostname=login.server_hostname,
            http_path=login.http_path,
            catalog=login.catalog,
            _socket_timeout=_SOCKET_SECONDS,
            **_credentials(login),
            **login.connection_parameters,
        )
    except (Error, HTTPError, OSError, ValueError) as error:
        raise Unreachable(said(error)) from None
    try:
        yield connection
    finally:
        connection.close()


def require_listener(login: Login, *, seconds: float = _LISTENER_SECONDS) -> None:
    """See at once that nobody listens; the connector would try again and again for minutes.

    Args:
        login: where somebody should.
        seconds: how long an answer may take.

    Raises:
        Unreachable: nobody does. Behind a proxy only the connector can tell.
    """
    from urllib.request import getproxies  # it brings http and ssl along, which most plans have no use for

    if getproxies().get("https"):
        return
    try:
        socket.create_connection((login.server_hostname, login.port), timeout=seconds).close()
    except OSError as error:
        raise Unreachable(f"{_UNREACHABLE} ({error.strerror or error})") from None


def _credentials(login: Login) -> dict[str, object]:
    if login.access_token:
        return {"access_token": login.access_token}
    return {"credentials_provider": _principal(login)}


def _principal(login: Login) -> Callable[[], object]:
    """The service principal's token, had and renewed by the SDK."""
    from databricks.sdk.core import Config, oauth_service_principal

    host = f"https://{login.server_hostname}" + ("" if login.port == 443 else f":{login.port}")
    config = Config(host=host, client_id=login.client_id, client_secret=login.client_secret)
    return lambda: oauth_service_principal(config)


def said(error: Exception) -> str:
    """Why there was no answer, in words that hold no secret and no address of ours."""
    text = str(error)
    if _REFUSED.search(text):
        return "it refuses the credentials, or does not let them read here"
    if any(sign in text for sign in _NETWORK):
        return _UNREACHABLE
    if found := _CLASS.search(text):
        return f"it answers: {text[found.start() :].splitlines()[0]}"
    return f"it answers: {text.splitlines()[0] if text else type(error).__name__}"

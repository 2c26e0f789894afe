"""All that a client must know to reach a sandbox; the values of secrets are not in its repr."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
HTTP_PATH = "/sql/1.0/warehouses/sandbox"


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one running sandbox."""

    port: int
    catalog: str
    access_token: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    ca_file: Path | None  # of the authority that vouches for it; None where it speaks plain HTTP
    server_hostname: str = HOST
    http_path: str = HTTP_PATH

    @property
    def url(self) -> str:
        """Where the workspace is, as databricks-sdk calls `host`."""
        return f"{'https' if self.ca_file else 'http'}://{self.server_hostname}:{self.port}"

    @property
    def connection_parameters(self) -> dict[str, object]:
        """What the connector needs beyond host, path and token.

        The names with an underscore are the connector's own and might change with it. Over plain HTTP there is no
        other way than to replace the whole address.
        """
        if self.ca_file is None:
            return {"_connection_uri": self.url + self.http_path, "enable_telemetry": False}
        return {
            "_port": self.port,
            "_tls_trusted_ca_file": str(self.ca_file),
            "enable_telemetry": False,
        }

    @property
    def connect_arguments(self) -> dict[str, object]:
        """Arguments of `databricks.sql.connect`."""
        return {
            "server_hostname": self.server_hostname,
            "http_path": self.http_path,
            "access_token": self.access_token,
            "catalog": self.catalog,
            **self.connection_parameters,
        }

    @property
    def dlt_credentials(self) -> dict[str, object]:
        """Credentials of dlt's `databricks` destination, by token."""
        return {
            "server_hostname": self.server_hostname,
            "http_path": self.http_path,
            "access_token": self.access_token,
            "catalog": self.catalog,
            "connection_parameters": self.connection_parameters,
        }

    @property
    def dlt_m2m_credentials(self) -> dict[str, object]:
        """Credentials of dlt's `databricks` destination, by OAuth as a service principal.

        dlt can't tell the SDK a port, so it stands in the host name, and the connector gets the whole address. The SDK
        trusts the authority only if REQUESTS_CA_BUNDLE names `ca_file`.
        """
        parameters = {
            **{key: value for key, value in self.connection_parameters.items() if key != "_port"},
            "_connection_uri": self.url + self.http_path,
        }
        return {
            "server_hostname": f"{self.server_hostname}:{self.port}",
            "http_path": self.http_path,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "catalog": self.catalog,
            "connection_parameters": parameters,
        }

    @property
    def env(self) -> dict[str, str]:
        """Variables for a process that shall find the sandbox, and dlt's own for its `databricks` destination."""
        prefix = "DESTINATION__DATABRICKS__CREDENTIALS__"
        found = {
            "DATABRIDGE_SANDBOX_HOST": self.server_hostname,
            "DATABRIDGE_SANDBOX_PORT": str(self.port),
            "DATABRIDGE_SANDBOX_URL": self.url,
            "DATABRIDGE_SANDBOX_HTTP_PATH": self.http_path,
            "DATABRIDGE_SANDBOX_TOKEN": self.access_token,
            "DATABRIDGE_SECRET_SANDBOX_TOKEN": self.access_token,  # `${secret.sandbox_token}` in a stack
            "DATABRIDGE_SANDBOX_CLIENT_ID": self.client_id,
            "DATABRIDGE_SANDBOX_CLIENT_SECRET": self.client_secret,
            "DATABRIDGE_SANDBOX_CATALOG": self.catalog,
            f"{prefix}SERVER_HOSTNAME": self.server_hostname,
            f"{prefix}HTTP_PATH": self.http_path,
            f"{prefix}ACCESS_TOKEN": self.access_token,
            f"{prefix}CATALOG": self.catalog,
            f"{prefix}CONNECTION_PARAMETERS": json.dumps(self.connection_parameters),
        }
        if self.ca_file:
            found["DATABRIDGE_SANDBOX_CA_FILE"] = str(self.ca_file)
        return found

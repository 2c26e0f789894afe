"""A sandbox serves a local warehouse to this machine from when it is entered until it is left; then all of it is gone.

What is kept is what lies in its root folder.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from databridge.sandbox.certificate import make_certificate
from databridge.sandbox.connection import Connection
from databridge.sandbox.fault import Faults
from databridge.sandbox.protocol.access import Access
from databridge.sandbox.protocol.application import Application
from databridge.sandbox.protocol.files import VolumeFiles
from databridge.sandbox.protocol.service import Service
from databridge.sandbox.protocol.web import WebServer
from databridge.sandbox.rest.workspace import Workspace
from databridge.sandbox.settings import SandboxSettings
from databridge.sandbox.sql.session import Session
from databridge.sandbox.statementlog import StatementLog
from databridge.sandbox.storage.objects import ObjectStores
from databridge.sandbox.storage.warehouse import Warehouse


class Sandbox:
    """A local Databricks SQL warehouse.

    ```python
    with Sandbox(SandboxSettings(root=Path("warehouse"))) as sandbox:
        databricks.sql.connect(**sandbox.connection.connect_arguments)
    ```
    """

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self.faults = Faults()
        self.faults.add(*settings.faults)
        self._connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        """How to reach it.

        Raises:
            RuntimeError: it does not run.
        """
        if self._connection is None:
            raise RuntimeError("the sandbox does not run")
        return self._connection

    def __enter__(self) -> Self:
        settings = self._settings
        settings.root.mkdir(parents=True, exist_ok=True)
        certificate = make_certificate(settings.root / "tls", datetime.now(UTC)) if settings.tls else None
        self._warehouse = Warehouse(settings.root, settings.catalogs)
        try:
            self._web = WebServer(settings.port, certificate.context if certificate else None)
        except BaseException:
            self._warehouse.close()
            raise
        connection = Connection(
            port=self._web.port,
            catalog=settings.catalogs[0].lower(),
            access_token=settings.token,
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            ca_file=certificate.ca_file.resolve() if certificate else None,
        )
        access = Access(settings, time.monotonic)
        self._files = VolumeFiles(self._warehouse.volumes, access)
        self._service = Service(self._session, self.faults, StatementLog(settings.statement_log))
        self._connection = connection
        self._workspace = Workspace(settings.root / "workspace.json", self._session)
        application = Application(
            url=connection.url,
            access=access,
            service=self._service,
            volume_files=self._files,
            workspace=self._workspace,
        )
        self._web.start(application.respond)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection = None
        self._web.stop()
        self._service.close()
        self._warehouse.close()

    def _session(
        self,
        *,
        catalog: str | None = None,
        schema: str | None = None,
        configuration: dict[str, str] | None = None,
    ) -> Session:
        catalog = catalog or self._settings.catalogs[0]
        self._warehouse.require_catalog(catalog)
        return Session(
            self._warehouse,
            ObjectStores(self._settings.s3_endpoint, self._settings.azure_endpoint),
            file_url=self._file_url,
            catalog=catalog,
            schema=schema or "default",
            configuration=configuration,
        )

    def _file_url(self, method: str, place: str) -> str:
        return self.connection.url + self._files.url(method, place)

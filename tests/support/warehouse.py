"""A Databricks catalog as the ground of an engine: the sandbox, in this very process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from databricks import sql

from databridge.apply.engine import Job
from databridge.apply.places import ProjectPlaces
from databridge.model.destination import DatabricksDestination
from databridge.sandbox.fault import Fault, FaultKind
from databridge.sandbox.server import Sandbox
from databridge.secrets.chain import secret_chain
from tests.support.grounds import DltGround, Row, failed_load, ordered


def destination_of(sandbox: Sandbox, folder: Path) -> DatabricksDestination:
    """The sandbox as a stack names it; the project in `folder` knows its token."""
    secrets = folder / ".dlt" / "secrets.toml"
    secrets.parent.mkdir(exist_ok=True)
    secrets.write_text(f'[databridge.secrets]\nsandbox_token = "{sandbox.connection.access_token}"\n')
    return DatabricksDestination(
        type="databricks",
        server_hostname=sandbox.connection.server_hostname,
        port=sandbox.connection.port,
        http_path=sandbox.connection.http_path,
        catalog=sandbox.connection.catalog,
        ca_file=str(sandbox.connection.ca_file),
        access_token="${secret.sandbox_token}",
    )


class SandboxGround(DltGround):
    """dlt into the sandbox."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        super().__init__(folder)
        self.destination = destination_of(sandbox, self.root)
        self.places = ProjectPlaces(self.root, self.pipelines_dir, secret_chain(self.root, {}))

    def rows(self, table: str) -> list[Row]:
        if not self._all(
            f"SELECT 1 FROM main.information_schema.tables WHERE table_schema = 'raw' AND table_name = '{table}'"
        ):
            return []
        with self._connection() as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM main.raw.{table}")
            names = [column[0] for column in cursor.description or ()]
            return ordered([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])

    def loads(self) -> frozenset[str]:
        there = self._all(
            "SELECT 1 FROM main.information_schema.tables WHERE table_schema = 'raw' AND table_name = '_dlt_loads'"
        )
        found = self._all("SELECT load_id FROM main.raw._dlt_loads") if there else []
        return frozenset(str(row[0]) for row in found)

    def leave_rows(self, table: str, rows: Sequence[Row], load_id: str) -> None:
        for row in rows:
            names, values = ", ".join(f"`{name}`" for name in row), ", ".join(map(str, row.values()))
            self._all(f"INSERT INTO main.raw.{table} ({names}, _dlt_load_id) VALUES ({values}, '{load_id}')")

    def load_half(self, job: Job, broken: str) -> str:
        self._sandbox.faults.add(
            Fault(FaultKind.FAIL, matching=rf"COPY INTO .*\b{broken}\b", times=None, message="[BROKEN] No.")
        )
        try:
            return failed_load(self, job)
        finally:
            self._sandbox.faults.clear()

    def leave_files(self, *tables: str) -> None:
        """Put a file for each table into the dataset's volume, as a load leaves it that died before it was copied."""
        file = self.root / "left"
        file.touch()
        arguments = self._sandbox.connection.connect_arguments | {
            "staging_allowed_local_path": str(self.root)
        }
        with sql.connect(**arguments) as connection, connection.cursor() as cursor:
            for number, table in enumerate(tables):
                folder = f"/Volumes/main/raw/_dlt_staging_load_volume/{number}"
                cursor.execute(f"PUT '{file}' INTO '{folder}/{table}.1.0.parquet'")

    def lose_destination(self) -> None:
        self._all("DROP SCHEMA main.raw CASCADE")

    def lose_table(self, table: str) -> None:
        self._all(f"DROP TABLE main.raw.{table}")

    def lose_state(self) -> None:
        self._all("DELETE FROM main.raw._dlt_pipeline_state")

    def close(self) -> None:
        super().close()
        for dataset in ("raw", "raw_staging", "early", "early_staging"):
            self._all(f"DROP SCHEMA IF EXISTS main.{dataset} CASCADE")

    def _connection(self) -> sql.client.Connection:
        return sql.connect(**self._sandbox.connection.connect_arguments)

    def _all(self, statement: str) -> list[tuple[object, ...]]:
        with self._connection() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

"""The sandbox as a depot: what was is kept in schemas of clones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from databricks import sql

from databridge.sandbox.server import Sandbox
from tests.support.depot import DATASET, DLT_TABLES, STAGING, Depot, Staging
from tests.support.market import COLUMNS, Rows
from tests.support.warehouse import destination_of


class SandboxDepot(Depot):
    """A catalog of the sandbox."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        """One dataset in it.

        Args:
            root: the project's folder, which gets to know its token.
            sandbox: running.
        """
        self._sandbox = sandbox
        self._destination = destination_of(sandbox, root)

    @property
    def definition(self) -> str:
        return self._destination.model_dump_json(exclude_defaults=True)

    def keep(self, moment: str) -> None:
        self._clone(DATASET, _kept(moment, DATASET))
        self._clone(STAGING, _kept(moment, STAGING))

    def put_back(self, moment: str) -> None:
        self._clone(_kept(moment, DATASET), DATASET)
        self._clone(_kept(moment, STAGING), STAGING)

    def put_back_dlt(self, moment: str) -> None:
        kept = _kept(moment, DATASET)
        self._all(*(f"CREATE OR REPLACE TABLE {DATASET}.{t} CLONE {kept}.{t}" for t in DLT_TABLES))

    def lose(self) -> None:
        self._all(f"DROP SCHEMA {DATASET} CASCADE")

    def lose_staging(self, how: Staging) -> None:
        if how is Staging.LOST:
            self._all(f"DROP SCHEMA IF EXISTS {STAGING} CASCADE")
        elif how is Staging.HOLLOW:
            tables = (table for table in self._tables(STAGING) if not table.startswith("_dlt"))
            self._all(*(f"DROP TABLE {STAGING}.{table}" for table in tables))

    def lose_rows(self, tables: Sequence[str]) -> None:
        self._all(*(f"DELETE FROM {DATASET}.{table}" for table in tables))

    def lose_dlt(self) -> None:
        self._all(*(f"DROP TABLE {DATASET}.{table}" for table in DLT_TABLES))

    def rows(self, table: str) -> Rows:
        if table not in self._tables(DATASET):
            return Counter()
        return Counter(self._all(f"SELECT {', '.join(COLUMNS[table])} FROM {DATASET}.{table}"))

    def everything(self) -> object:
        return {
            (schema, table): sorted(map(repr, self._all(f"SELECT * FROM {schema}.{table}")))
            for schema in (DATASET, STAGING)
            for table in self._tables(schema)
        }

    def _clone(self, source: str, target: str) -> None:
        tables = self._tables(source)
        made = [f"CREATE SCHEMA {target}"] if tables else []  # what was not there is not there again
        self._all(
            f"DROP SCHEMA IF EXISTS {target} CASCADE",
            *made,
            *(f"CREATE TABLE {target}.{table} CLONE {source}.{table}" for table in tables),
        )

    def _tables(self, schema: str) -> list[str]:
        query = f"SELECT table_name FROM main.information_schema.tables WHERE table_schema = '{schema}' ORDER BY 1"
        return [str(name) for (name,) in self._all(query)]

    def _all(self, *statements: str) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = []
        with sql.connect(**self._sandbox.connection.connect_arguments) as connection:
            for statement in statements:
                with connection.cursor() as cursor:
                    cursor.execute(statement)
                    rows = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        return rows


def _kept(moment: str, schema: str) -> str:
    return f"kept_{moment.replace('-', '_')}_{schema}"

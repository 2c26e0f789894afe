"""An open source has its tables reflected, and gives each as a dlt resource that is read by the source's one reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import sqlalchemy as sa
from dlt.extract import DltResource
from dlt.sources.sql_database import BaseTableLoader, register_table_loader_backend, sql_table

from databridge.engine.boundary import cursor_columns
from databridge.engine.extraction.connection import engine_of
from databridge.engine.extraction.dialects import DIALECTS, loader_of
from databridge.engine.extraction.reflection import Reflection, reflected
from databridge.engine.query import QueryAdapter
from databridge.engine.sqlite import ExactTableLoader
from databridge.model.reading import Reader, reading_of
from databridge.model.resource import TableResource
from databridge.model.secret import Secrets
from databridge.model.source import TableSource
from databridge.model.typematrix import lacks

_CHUNK_ROWS = 50_000
"""Where rows are read one by one."""


@dataclass(frozen=True, slots=True)
class OpenSource:
    """One database while its tables are read."""

    engine: sa.Engine
    reader: Reader
    _reflection: Reflection
    _destination: str

    @classmethod
    def of(
        cls,
        source: TableSource,
        resources: Iterable[TableResource],
        root: Path,
        secrets: Secrets,
        *,
        destination: str = "",
    ) -> OpenSource:
        """Connect, and look at the tables of some resources.

        Args:
            source: the database.
            resources: what will be read.
            root: the project's folder.
            secrets: for the credentials.
            destination: what the rows are for, as the matrix of types calls it; empty where they are only looked at.

        Raises:
            DatabridgeError: it can't be reached, or a table or column is not there; all of them at once.
        """
        engine = engine_of(source, root, secrets)
        reading = reading_of(source)
        reader = reading.reader if reading else Reader.PYARROW
        if loader := loader_of(reader):
            register_table_loader_backend(reader, loader)
        return cls(engine, reader, reflected(engine, resources), destination)

    def table(self, resource: TableResource) -> sa.Table:
        """The table of a resource."""
        return self._reflection.table(resource)

    def rows(
        self,
        resource: TableResource,
        *,
        select: QueryAdapter,
        incremental: dlt.sources.incremental[object] | None = None,
    ) -> DltResource:
        """The rows of a resource, as Arrow tables.

        Args:
            resource: one of those that it was opened for.
            select: which of them.
            incremental: dlt's cursor.
        """
        included = dict.fromkeys(
            [*resource.include_columns, *resource.primary_key, *cursor_columns(resource)]
        )
        return sql_table(
            credentials=self.engine,
            table=resource.name,
            schema=resource.schema_name,
            metadata=self.table(resource).metadata,
            backend=self.reader.value,  # type: ignore[arg-type]  # registered above
            reflection_level="full_with_precision",
            chunk_size=_CHUNK_ROWS,
            included_columns=list(included) if resource.include_columns else None,
            incremental=incremental,
            type_adapter_callback=self._hinted,
            query_adapter_callback=select,
            table_loader_class=self._loader,
        ).with_name(resource.name)

    @property
    def _loader(self) -> type[BaseTableLoader] | None:
        return ExactTableLoader if self.engine.dialect.name == "sqlite" else None

    def _hinted(self, kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
        """The type from which dlt derives its own."""
        if dialect := DIALECTS.get(self.engine.dialect.name):
            known = dialect.known(kind)
            return sa.Text() if lacks(self._destination, known.type.data_type) else known.hinted
        # SQLAlchemy 2.1 no longer counts Float among Numeric, and dlt 1.31 then loses the declared type.
        return sa.Numeric(asdecimal=False) if isinstance(kind, sa.Float) else kind

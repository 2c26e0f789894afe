"""Where a name of Unity Catalog lies in DuckDB; names are folded to lower case, as Unity Catalog keeps them.

Both levels carry a prefix there: DuckDB keeps the catalog `main` and the schemas `main` and `information_schema` for itself.
"""

from __future__ import annotations

from dataclasses import dataclass

CATALOG_PREFIX = "uc_"
SCHEMA_PREFIX = "db_"
HIDDEN_SCHEMA = "sandbox"  # no prefix, so no schema of a user is ever called so


def quoted(identifier: str) -> str:
    """An identifier as DuckDB reads it."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as DuckDB reads it."""
    return "'" + text.replace("'", "''") + "'"


def backticked(*parts: str) -> str:
    """A name as Databricks writes it in errors."""
    return ".".join(f"`{part.replace('`', '``')}`" for part in parts)


def physical_catalog(catalog: str) -> str:
    return CATALOG_PREFIX + catalog.lower()


def physical_schema(schema: str) -> str:
    return SCHEMA_PREFIX + schema.lower()


@dataclass(frozen=True, slots=True)
class SchemaName:
    """A schema of a catalog."""

    catalog: str
    schema: str

    @property
    def physical(self) -> str:
        """How DuckDB statements name it."""
        return f"{quoted(physical_catalog(self.catalog))}.{quoted(physical_schema(self.schema))}"

    def __str__(self) -> str:
        return backticked(self.catalog, self.schema)


@dataclass(frozen=True, slots=True)
class TableName:
    """A table, view or volume of a schema."""

    catalog: str
    schema: str
    name: str

    @property
    def within(self) -> SchemaName:
        """The schema it is in."""
        return SchemaName(self.catalog, self.schema)

    @property
    def physical(self) -> str:
        """How DuckDB statements name it."""
        return f"{self.within.physical}.{quoted(self.name)}"

    @property
    def place(self) -> tuple[str, str, str]:
        """How DuckDB's own tables name it: database, schema, table."""
        return physical_catalog(self.catalog), physical_schema(self.schema), self.name

    @property
    def dotted(self) -> str:
        """How Unity Catalog's REST names it."""
        return f"{self.catalog}.{self.schema}.{self.name}"

    def __str__(self) -> str:
        return backticked(self.catalog, self.schema, self.name)

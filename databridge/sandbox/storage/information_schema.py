"""The views of Unity Catalog's information_schema, read from DuckDB's own tables and from what is noted there.

Source: https://docs.databricks.com/en/sql/language-manual/sql-ref-information-schema.html
"""

from __future__ import annotations

import duckdb

from databridge.sandbox.storage.names import (
    HIDDEN_SCHEMA,
    SCHEMA_PREFIX,
    literal,
    physical_catalog,
    quoted,
)

_UNPREFIXED = f"substr(schema_name, {len(SCHEMA_PREFIX) + 1})"
_VIEWS = {
    "catalogs": """
        SELECT {catalog} AS catalog_name, 'sandbox' AS catalog_owner,
            (SELECT comment FROM {hidden}.entries WHERE kind = 'CATALOG') AS comment""",
    "schemata": f"""
        SELECT {{catalog}} AS catalog_name, {_UNPREFIXED} AS schema_name, 'sandbox' AS schema_owner, e.comment
        FROM duckdb_schemas() s LEFT JOIN {{hidden}}.entries e ON e.kind = 'SCHEMA' AND e.name = {_UNPREFIXED}
        WHERE {{ours}}""",
    "tables": f"""
        SELECT {{catalog}} AS table_catalog, {_UNPREFIXED} AS table_schema, lower(table_name) AS table_name,
            'MANAGED' AS table_type, 'YES' AS is_insertable_into, 'sandbox' AS table_owner,
            comment::JSON ->> '$.comment' AS comment,
            coalesce(comment::JSON ->> '$.properties.format', 'DELTA') AS data_source_format
        FROM duckdb_tables() WHERE {{ours}}
        UNION ALL
        SELECT {{catalog}}, {_UNPREFIXED}, lower(view_name), 'VIEW', 'NO', 'sandbox',
            comment::JSON ->> '$.comment', 'UNKNOWN_DATA_SOURCE_FORMAT'
        FROM duckdb_views() WHERE {{ours}}""",
    "columns": f"""
        SELECT {{catalog}} AS table_catalog, {_UNPREFIXED} AS table_schema, lower(table_name) AS table_name, column_name,
            (column_index - 1)::INT AS ordinal_position, column_default,
            CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS is_nullable,
            full_data_type(data_type) AS full_data_type,
            upper(regexp_extract(full_data_type(data_type), '^[a-z_]+')) AS data_type,
            numeric_precision, numeric_scale, comment::JSON ->> '$.comment' AS comment
        FROM duckdb_columns() WHERE {{ours}}""",
    "views": f"""
        SELECT {{catalog}} AS table_catalog, {_UNPREFIXED} AS table_schema, lower(view_name) AS table_name,
            sql AS view_definition
        FROM duckdb_views() WHERE {{ours}}""",
    "volumes": """
        SELECT {catalog} AS volume_catalog, split_part(name, '.', 1) AS volume_schema,
            split_part(name, '.', 2) AS volume_name, 'MANAGED' AS volume_type, comment
        FROM {hidden}.entries WHERE kind = 'VOLUME'""",
    "catalog_tags": """
        SELECT {catalog} AS catalog_name, tag AS tag_name, tags::JSON ->> ('$."' || tag || '"') AS tag_value
        FROM {hidden}.entries, unnest(json_keys(tags::JSON)) AS t(tag) WHERE kind = 'CATALOG'""",
    "schema_tags": """
        SELECT {catalog} AS catalog_name, name AS schema_name, tag AS tag_name,
            tags::JSON ->> ('$."' || tag || '"') AS tag_value
        FROM {hidden}.entries, unnest(json_keys(tags::JSON)) AS t(tag) WHERE kind = 'SCHEMA'""",
    "table_tags": f"""
        SELECT {{catalog}} AS catalog_name, {_UNPREFIXED} AS schema_name, lower(table_name) AS table_name,
            tag AS tag_name, comment::JSON -> '$.tags' ->> ('$."' || tag || '"') AS tag_value
        FROM duckdb_tables(), unnest(json_keys(comment::JSON, '$.tags')) AS t(tag) WHERE {{ours}}""",
    "column_tags": f"""
        SELECT {{catalog}} AS catalog_name, {_UNPREFIXED} AS schema_name, lower(table_name) AS table_name, column_name,
            tag AS tag_name, comment::JSON -> '$.tags' ->> ('$."' || tag || '"') AS tag_value
        FROM duckdb_columns(), unnest(json_keys(comment::JSON, '$.tags')) AS t(tag) WHERE {{ours}}""",
    "table_constraints": f"""
        SELECT {{catalog}} AS constraint_catalog, {_UNPREFIXED} AS constraint_schema,
            c ->> '$.name' AS constraint_name, {{catalog}} AS table_catalog, {_UNPREFIXED} AS table_schema,
            lower(table_name) AS table_name, c ->> '$.kind' AS constraint_type, 'YES' AS is_deferrable,
            'YES' AS initially_deferred, 'NO' AS enforced
        FROM duckdb_tables(), unnest((comment::JSON -> '$.constraints')::JSON[]) AS t(c) WHERE {{ours}}""",
    "key_column_usage": f"""
        SELECT {{catalog}} AS constraint_catalog, {_UNPREFIXED} AS constraint_schema,
            c ->> '$.name' AS constraint_name, {{catalog}} AS table_catalog, {_UNPREFIXED} AS table_schema,
            lower(table_name) AS table_name, c ->> ('$.columns[' || (n - 1) || ']') AS column_name, n::INT AS ordinal_position,
            CASE WHEN c ->> '$.kind' = 'FOREIGN KEY' THEN n::INT END AS position_in_unique_constraint
        FROM duckdb_tables(), unnest((comment::JSON -> '$.constraints')::JSON[]) AS t(c),
            unnest(range(1, 1 + json_array_length(c, '$.columns')::BIGINT)) AS u(n)
        WHERE {{ours}}""",
    "table_privileges": """
        SELECT 'sandbox' AS grantor, principal AS grantee, {catalog} AS table_catalog,
            split_part(name, '.', 1) AS table_schema, split_part(name, '.', 2) AS table_name,
            privilege AS privilege_type, 'NO' AS is_grantable
        FROM {hidden}.grants WHERE kind = 'TABLE'""",
    "schema_privileges": """
        SELECT 'sandbox' AS grantor, principal AS grantee, {catalog} AS catalog_name, name AS schema_name,
            privilege AS privilege_type, 'NO' AS is_grantable
        FROM {hidden}.grants WHERE kind = 'SCHEMA'""",
}

VIEWS = frozenset(_VIEWS)


def define_views(connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
    """Make the views of a catalog; they lie in memory, and so always fit the code that made them."""
    hidden = f"{quoted(physical_catalog(catalog))}.{HIDDEN_SCHEMA}"
    database = literal(physical_catalog(catalog))
    ours = f"database_name = {database} AND starts_with(schema_name, {literal(SCHEMA_PREFIX)})"
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS memory.{_home(catalog)}")
    for name, body in _VIEWS.items():
        text = body.format(catalog=literal(catalog), hidden=hidden, ours=ours)
        connection.execute(f"CREATE OR REPLACE VIEW memory.{_home(catalog)}.{name} AS {text}")


def drop_views(connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
    connection.execute(f"DROP SCHEMA IF EXISTS memory.{_home(catalog)} CASCADE")


def view(catalog: str, name: str) -> str:
    """How DuckDB statements name a view of a catalog's information_schema."""
    return f"memory.{_home(catalog)}.{name}"


def _home(catalog: str) -> str:
    return quoted(f"information_schema_{catalog.lower()}")

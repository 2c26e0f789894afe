"""The calls that list catalogs, schemas, tables and columns, with JDBC's names for what they tell.

Source: https://docs.oracle.com/en/java/javase/21/docs/api/java.sql/java/sql/DatabaseMetaData.html
"""

from __future__ import annotations

from collections.abc import Sequence

from databridge.sandbox.sql.answer import Answer
from databridge.sandbox.sql.session import Session
from databridge.sandbox.storage.information_schema import view
from databridge.sandbox.storage.names import literal


class MetadataCalls:
    """The calls within a session; a pattern has `%` for any text and `_` for any character, and none means all."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def catalogs(self) -> Answer:
        return self._answer(f"SELECT catalog_name AS TABLE_CAT FROM {self._every('catalogs')} ORDER BY 1")

    def schemas(self, catalog: str | None, schema: str | None) -> Answer:
        return self._answer(
            f"SELECT schema_name AS TABLE_SCHEM, catalog_name AS TABLE_CATALOG FROM {self._every('schemata')}"
            f" WHERE {_like(('catalog_name', catalog), ('schema_name', schema))} ORDER BY ALL"
        )

    def tables(
        self, catalog: str | None, schema: str | None, table: str | None, kinds: Sequence[str] | None
    ) -> Answer:
        kind = "CASE table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END"
        wanted = f"{kind} IN ({', '.join(map(literal, kinds))})" if kinds else "TRUE"
        where = _like(("table_catalog", catalog), ("table_schema", schema), ("table_name", table))
        return self._answer(
            f"SELECT table_catalog AS TABLE_CAT, table_schema AS TABLE_SCHEM, table_name AS TABLE_NAME,"
            f" {kind} AS TABLE_TYPE, coalesce(comment, '') AS REMARKS"
            f" FROM {self._every('tables')} WHERE {where} AND {wanted} ORDER BY ALL"
        )

    def columns(
        self, catalog: str | None, schema: str | None, table: str | None, column: str | None
    ) -> Answer:
        where = _like(
            ("table_catalog", catalog),
            ("table_schema", schema),
            ("table_name", table),
            ("column_name", column),
        )
        return self._answer(
            "SELECT table_catalog AS TABLE_CAT, table_schema AS TABLE_SCHEM, table_name AS TABLE_NAME,"
            " column_name AS COLUMN_NAME, upper(full_data_type) AS TYPE_NAME, ordinal_position AS ORDINAL_POSITION,"
            " is_nullable AS IS_NULLABLE, coalesce(comment, '') AS REMARKS"
            f" FROM {self._every('columns')} WHERE {where} ORDER BY 1, 2, 3, 6"
        )

    def _every(self, name: str) -> str:
        queries = (f"SELECT * FROM {view(one, name)}" for one in self._session.warehouse.catalogs())
        return f"({' UNION ALL '.join(queries)})"

    def _answer(self, query: str) -> Answer:
        with self._session.one_at_a_time:
            return Answer(self._session.cursor.execute(query).to_arrow_table())


def _like(*wanted: tuple[str, str | None]) -> str:
    tests = [f"{column} ILIKE {literal(pattern)} ESCAPE '\\'" for column, pattern in wanted if pattern]
    return " AND ".join(tests) or "TRUE"

"""Unity Catalog over REST shows and changes the same catalogs, schemas and tables as SQL does.

Source: https://docs.databricks.com/api/workspace/catalogs, /schemas, /tables
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing

from databridge.sandbox.failure import SqlError
from databridge.sandbox.protocol.message import Request, Response, json_response
from databridge.sandbox.rest.problem import RestError, invalid, missing
from databridge.sandbox.sql.answer import Answer
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.statement import run
from databridge.sandbox.storage.names import backticked, literal
from databridge.sandbox.storage.notes import read_note

_CODES = {
    "NO_SUCH_CATALOG_EXCEPTION": "CATALOG_DOES_NOT_EXIST",
    "SCHEMA_NOT_FOUND": "SCHEMA_DOES_NOT_EXIST",
    "TABLE_OR_VIEW_NOT_FOUND": "TABLE_DOES_NOT_EXIST",
}
_WORDS = {"catalogs": "CATALOG", "schemas": "SCHEMA", "tables": "TABLE"}
_NAMED_BY = {
    "catalogs": ("name",),
    "schemas": ("catalog_name", "name"),
    "tables": ("catalog_name", "schema_name", "name"),
}
_TYPE_NAMES = {"bigint": "LONG", "smallint": "SHORT", "tinyint": "BYTE"}
Document = dict[str, object]


class Unity:
    """Catalogs, schemas and tables."""

    def __init__(self, opener: Callable[[], Session]) -> None:
        self._opener = opener

    def respond(self, request: Request) -> Response | None:
        """None where the call is none of these."""
        called = re.fullmatch(r"/api/2\.1/unity-catalog/(catalogs|schemas|tables)(?:/([^/]+))?", request.path)
        if called is None:
            return None
        with closing(self._opener()) as session:
            calls = _Calls(session)
            try:
                parts = tuple(called[2].split(".")) if called[2] else ()
                match request.method, bool(parts):
                    case "GET", _:
                        return calls.read(request, called[1], parts)
                    case "POST", False:
                        return calls.create(request, called[1])
                    case "DELETE", True:
                        return calls.drop(request, called[1], parts)
                    case _:
                        return None
            except SqlError as failure:
                if failure.error_class in _CODES:
                    raise missing(str(failure), _CODES[failure.error_class]) from failure
                raise


class _Calls:
    """Calls within a session of their own."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def read(self, request: Request, kind: str, parts: tuple[str, ...]) -> Response | None:
        query = request.query
        match kind, len(parts):
            case "catalogs", 0:
                return json_response({"catalogs": list(self._catalogs())})
            case "catalogs", 1:
                return json_response(_one(self._catalogs(), parts, "CATALOG_DOES_NOT_EXIST"))
            case "schemas", 0:
                return json_response({"schemas": list(self._schemas(query.get("catalog_name", "")))})
            case "schemas", 2:
                return json_response(_one(self._schemas(parts[0]), parts, "SCHEMA_DOES_NOT_EXIST"))
            case "tables", 0:
                where = (query.get("catalog_name", ""), query.get("schema_name", ""))
                return json_response({"tables": list(self._tables(*where))})
            case "tables", 3:
                return json_response(self._table(parts))
            case _:
                return None

    def create(self, request: Request, kind: str) -> Response:
        body = request.document()
        parts = tuple(_text(body, key) for key in _NAMED_BY[kind])
        if kind == "tables":
            self._create_table(parts, body)
            return json_response(self._table(parts))
        comment = f" COMMENT {_sql_text(str(body['comment']))}" if body.get("comment") else ""
        run(self._session, f"CREATE {_WORDS[kind]} {backticked(*parts)}{comment}")
        made = self._catalogs() if kind == "catalogs" else self._schemas(parts[0])
        return json_response(_one(made, parts, "INTERNAL_ERROR"))

    def drop(self, request: Request, kind: str, parts: tuple[str, ...]) -> Response:
        force = request.query.get("force", "").lower() == "true" and kind != "tables"
        run(self._session, f"DROP {_WORDS[kind]} {backticked(*parts)}{' CASCADE' if force else ''}")
        return json_response({})

    def _rows(self, sql: str) -> list[Document]:
        answer: Answer = run(self._session, sql)
        rows: list[Document] = answer.table.to_pylist() if answer.table is not None else []
        return rows

    def _catalogs(self) -> Iterator[Document]:
        for row in self._rows("SELECT * FROM system.information_schema.catalogs ORDER BY 1"):
            name = row["catalog_name"]
            yield {
                "name": name,
                "full_name": name,
                "comment": row["comment"],
                "owner": "sandbox",
                "catalog_type": "MANAGED_CATALOG",
            }

    def _schemas(self, catalog: str) -> Iterator[Document]:
        query = f"SELECT * FROM {backticked(catalog)}.information_schema.schemata ORDER BY schema_name"
        for row in self._rows(query):
            yield {
                "name": row["schema_name"],
                "catalog_name": row["catalog_name"],
                "full_name": f"{row['catalog_name']}.{row['schema_name']}",
                "comment": row["comment"],
                "owner": "sandbox",
            }

    def _tables(self, catalog: str, schema: str, only: str = "") -> Iterator[Document]:
        self._rows(f"SHOW TABLES IN {backticked(catalog, schema)}")  # for its errors
        tables = self._rows(
            f"SELECT * FROM {backticked(catalog)}.information_schema.tables"
            f" WHERE table_schema = {_sql_text(schema.lower())} ORDER BY table_name"
        )
        for row in tables:
            if not only or row["table_name"] == only.lower():
                yield self._told(row)

    def _told(self, row: Document) -> Document:
        parts = tuple(str(row[key]) for key in ("table_catalog", "table_schema", "table_name"))
        found = read_note(self._session.cursor, self._session.table(parts))
        if found is None:  # dropped since it was listed
            raise missing(".".join(parts), "TABLE_DOES_NOT_EXIST")
        note = found[1]
        columns = self._rows(
            f"SELECT * FROM {backticked(parts[0])}.information_schema.columns WHERE table_schema ="
            f" {_sql_text(parts[1])} AND table_name = {_sql_text(parts[2])} ORDER BY ordinal_position"
        )
        return {
            "name": parts[2],
            "catalog_name": parts[0],
            "schema_name": parts[1],
            "full_name": ".".join(parts),
            "table_type": row["table_type"],
            "data_source_format": row["data_source_format"],
            "comment": note.comment,
            "owner": "sandbox",
            "properties": note.properties,
            "table_id": note.id,
            "columns": [_column(column) for column in columns],
        }

    def _table(self, parts: tuple[str, ...]) -> Document:
        found = next(self._tables(parts[0], parts[1], parts[2]), None)
        if found is None:
            raise missing(f"Table '{'.'.join(parts)}'", "TABLE_DOES_NOT_EXIST")
        return found

    def _create_table(self, parts: tuple[str, ...], body: Document) -> None:
        given = body.get("columns")
        columns = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
        if not columns:
            raise invalid("A table needs columns.")
        clauses = ", ".join(
            f"{backticked(str(one['name']))} {one['type_text']}"
            + ("" if one.get("nullable", True) else " NOT NULL")
            + (f" COMMENT {_sql_text(str(one['comment']))}" if one.get("comment") else "")
            for one in columns
        )
        given_properties = body.get("properties")
        properties = given_properties if isinstance(given_properties, dict) else {}
        pairs = ", ".join(f"{_sql_text(key)} = {_sql_text(str(value))}" for key, value in properties.items())
        told = f" TBLPROPERTIES ({pairs})" if pairs else ""
        run(self._session, f"CREATE TABLE {backticked(*parts)} ({clauses}) USING DELTA{told}")


def _one(documents: Iterator[Document], parts: tuple[str, ...], code: str) -> Document:
    full_name = ".".join(parts)
    for document in documents:
        if document["full_name"] == full_name.lower():
            return document
    raise missing(f"'{full_name}'", code)


def _column(row: Document) -> Document:
    full = str(row["full_data_type"])
    word = full.partition("(")[0].partition("<")[0]
    return {
        "name": row["column_name"],
        "type_text": full,
        "type_name": _TYPE_NAMES.get(word, word.upper()),
        "position": row["ordinal_position"],
        "nullable": row["is_nullable"] == "YES",
        "comment": row["comment"],
    }


def _text(body: Document, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise RestError(400, "INVALID_PARAMETER_VALUE", f"{key} is missing.")
    return value


def _sql_text(text: str) -> str:
    return literal(text.replace("\\", "\\\\")).replace("''", "\\'") if text else "''"

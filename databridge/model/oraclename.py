"""A name of Oracle's has one form in a plan, however a stack writes it: small letters, as SQLAlchemy tells what Oracle keeps in capitals.

Source: `normalize_name` and `RESERVED_WORDS` of SQLAlchemy's dialect. A word that Oracle reserves stays as Oracle keeps it.
"""

from __future__ import annotations

import re

from databridge.model.resource import Resource, TableResource

RESERVED = frozenset(
    [
        "ALL",
        "ALTER",
        "AND",
        "ANY",
        "AS",
        "ASC",
        "BETWEEN",
        "BY",
        "CHAR",
        "CHECK",
        "CLUSTER",
        "COMMENT",
        "COMPRESS",
        "CONNECT",
        "CREATE",
        "CURRENT",
        "DATE",
        "DECIMAL",
        "DEFAULT",
        "DELETE",
        "DESC",
        "DISTINCT",
        "DROP",
        "ELSE",
        "EXCLUSIVE",
        "EXISTS",
        "FLOAT",
        "FOR",
        "FROM",
        "GRANT",
        "GROUP",
        "HAVING",
        "IDENTIFIED",
        "IN",
        "INDEX",
        "INSERT",
        "INTEGER",
        "INTERSECT",
        "INTO",
        "IS",
        "LEVEL",
        "LIKE",
        "LOCK",
        "LONG",
        "MINUS",
        "MODE",
        "NOCOMPRESS",
        "NOT",
        "NOWAIT",
        "NULL",
        "NUMBER",
        "OF",
        "ON",
        "OPTION",
        "OR",
        "ORDER",
        "PCTFREE",
        "PRIOR",
        "PUBLIC",
        "RAW",
        "RENAME",
        "RESOURCE",
        "REVOKE",
        "SELECT",
        "SET",
        "SHARE",
        "SIZE",
        "SMALLINT",
        "START",
        "SYNONYM",
        "TABLE",
        "THEN",
        "TO",
        "TRIGGER",
        "UID",
        "UNION",
        "UNIQUE",
        "UPDATE",
        "USER",
        "VALUES",
        "VARCHAR",
        "VARCHAR2",
        "VIEW",
        "WHERE",
        "WITH",
    ]
)
"""As SQLAlchemy has them."""
_PLAIN = re.compile(r"[A-Z][A-Z0-9_$]*")


def oracle_name(name: str) -> str:
    """The one form of a name.

    Args:
        name: as a stack writes it.
    """
    return name.lower() if _PLAIN.fullmatch(name) and name not in RESERVED else name


def oracle_named(resource: Resource) -> Resource:
    """A resource of an Oracle source with all of the source's names in their one form."""
    if not isinstance(resource, TableResource):
        return resource
    above, dot, former = (resource.renamed_from or "").rpartition(".")
    columns = {oracle_name(name): column for name, column in resource.columns.items()}
    return resource.model_copy(
        update={
            "name": oracle_name(resource.name),
            "renamed_from": f"{above}{dot}{oracle_name(former)}" or None,
            "schema_name": oracle_name(resource.schema_name) if resource.schema_name else None,
            "cursor_field": oracle_name(resource.cursor_field) if resource.cursor_field else None,
            "primary_key": tuple(map(oracle_name, resource.primary_key)),
            "include_columns": tuple(map(oracle_name, resource.include_columns)),
            # Two that fall together stay as they are, and one of them is not found at the source.
            "columns": columns if len(columns) == len(resource.columns) else resource.columns,
        }
    )

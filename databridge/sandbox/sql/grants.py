"""GRANT and REVOKE are kept and shown; nobody's access depends on them, for a sandbox has one user.

Source: https://docs.databricks.com/en/sql/language-manual/security-grant.html
"""

from __future__ import annotations

from databridge.sandbox.sql.answer import NOTHING, Answer, listing
from databridge.sandbox.sql.changes import require_schema, require_table
from databridge.sandbox.sql.entries import hidden
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.words import Words
from databridge.sandbox.storage.names import TableName

_KINDS = ("CATALOG", "SCHEMA", "DATABASE", "TABLE", "VIEW", "VOLUME")


def grant(session: Session, words: Words) -> Answer:
    privileges = _privileges(words.until("ON"))
    catalog, kind, name = _securable(session, words)
    words.expect("TO")
    principal = words.name()
    words.end()
    with session.changing() as cursor:
        for privilege in privileges:
            cursor.execute(
                f"INSERT OR IGNORE INTO {hidden(catalog, 'grants')} VALUES (?, ?, ?, ?)",
                [kind, name, principal, privilege],
            )
    return NOTHING


def revoke(session: Session, words: Words) -> Answer:
    privileges = _privileges(words.until("ON"))
    catalog, kind, name = _securable(session, words)
    words.expect("FROM")
    principal = words.name()
    words.end()
    with session.changing() as cursor:
        for privilege in privileges:
            cursor.execute(
                f"DELETE FROM {hidden(catalog, 'grants')}"
                " WHERE kind = ? AND name = ? AND principal = ? AND privilege IN (?, ?)",
                [kind, name, principal, privilege, privilege],
            )
    return NOTHING


def show_grants(session: Session, words: Words) -> Answer:
    """`SHOW GRANTS [principal] ON ...`, from behind GRANTS on."""
    principal = "" if words.peek() == "ON" else words.name()
    words.expect("ON")
    catalog, kind, name = _securable(session, words)
    words.end()
    rows = session.cursor.execute(
        f"SELECT principal, privilege, kind FROM {hidden(catalog, 'grants')}"
        " WHERE kind = ? AND name = ? AND (? = '' OR principal = ?) ORDER BY ALL",
        [kind, name, principal, principal],
    ).fetchall()
    key = ".".join(part for part in (catalog, name) if part)
    return listing(("Principal", "ActionType", "ObjectType", "ObjectKey"), [(*row, key) for row in rows])


def _privileges(text: str) -> list[str]:
    return [" ".join(privilege.upper().split()) for privilege in text.split(",")]


def _securable(session: Session, words: Words) -> tuple[str, str, str]:
    """The catalog of what is granted upon, its kind, and its name within the catalog."""
    kind = words.accept_any(*_KINDS) or "TABLE"
    parts = words.names()
    if kind == "CATALOG":
        session.warehouse.require_catalog(parts[0])
        return parts[0].lower(), kind, ""
    if kind in {"SCHEMA", "DATABASE"}:
        schema = session.schema_named(parts)
        require_schema(session, TableName(schema.catalog, schema.schema, ""))
        return schema.catalog, "SCHEMA", schema.schema
    name = session.table(parts)
    if kind == "TABLE":
        require_table(session, name)
    return name.catalog, kind, f"{name.schema}.{name.name}"

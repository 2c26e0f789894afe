"""INSERT, UPDATE, DELETE, TRUNCATE and MERGE; what they leave fulfils the table's CHECK constraints, or nothing is left.

What replaces rows fails where another statement has replaced rows of the same table since it began. Delta's rule for tables
as they are made by default, without row-level concurrency: only plain appends are in nobody's way.

Sources: https://docs.databricks.com/en/sql/language-manual/delta-merge-into.html
https://docs.databricks.com/en/optimizations/isolation-level.html
"""

from __future__ import annotations

import duckdb
from sqlglot import exp

from databridge.sandbox.failure import SqlError, schema_not_found, table_not_found
from databridge.sandbox.sql.answer import NOTHING, Answer, counts
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.spark import expand_stars
from databridge.sandbox.sql.translate import localised, rendered, table_name
from databridge.sandbox.storage.names import TableName, quoted
from databridge.sandbox.storage.notes import TableNote, read_column_notes, read_note


def require_table(session: Session, name: TableName) -> TableNote:
    """What is noted about a table that must be there."""
    found = read_note(session.cursor, name)
    if found is None or found[0] != "TABLE":
        raise table_not_found(name)
    return found[1]


def require_schema(session: Session, name: TableName) -> None:
    if not session.warehouse.has_schema(name.within):
        raise schema_not_found(name.within)


def insert(session: Session, tree: exp.Insert) -> Answer:
    name = table_name(tree.this)
    if tree.args.get("overwrite") or tree.args.get("where"):
        return _overwrite(session, tree, name)
    with session.changing() as cursor:
        require_table(session, name)
        number = _changed(cursor, tree)
        enforce_checks(session, name)
    return counts({"num_affected_rows": number, "num_inserted_rows": number})


def _overwrite(session: Session, tree: exp.Insert, name: TableName) -> Answer:
    where = tree.args.get("where")
    condition = f" WHERE {rendered(where)}" if where else ""
    with session.rewriting(name) as work:
        require_table(session, name)
        work.cursor.execute(f"DELETE FROM {name.physical}{condition}")
        tree.set("overwrite", False)
        tree.set("where", None)
        number = _changed(work.cursor, tree)
        enforce_checks(session, name)
        work.rows = 1  # what it replaced is not counted: it always commits
    return counts({"num_affected_rows": number, "num_inserted_rows": number})


def update_or_delete(session: Session, tree: exp.Update | exp.Delete) -> Answer:
    name = table_name(tree.this)
    with session.rewriting(name) as work:
        require_table(session, name)
        number = work.rows = _changed(work.cursor, tree)
        enforce_checks(session, name)
    return counts({"num_affected_rows": number})


def truncate(session: Session, tree: exp.TruncateTable) -> Answer:
    """Delete all rows; what was copied into the table stays noted, as Delta keeps it."""
    names = [table_name(table) for table in tree.expressions]
    with session.rewriting(*names) as work:
        for name in names:
            require_table(session, name)
            row = work.cursor.execute(f"DELETE FROM {name.physical}").fetchone()
            work.rows += int(row[0]) if row else 0
    return NOTHING


def merge(session: Session, tree: exp.Merge) -> Answer:
    name = table_name(tree.this)
    with session.rewriting(name) as work:
        cursor = work.cursor
        require_table(session, name)
        expand_stars(tree, list(read_column_notes(cursor, name)))
        if cursor.execute(_ambiguity(tree)).fetchone() if _may_be_ambiguous(tree) else None:
            raise SqlError(
                "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE",
                "Cannot perform Merge as multiple source rows matched and attempted to modify the same target row in "
                f"the Delta table {name} in possibly conflicting ways.",
                "21506",
            )
        actions = cursor.execute(f"{rendered(tree)} RETURNING merge_action").fetchall()
        work.rows = len(actions)
        enforce_checks(session, name)
    done = [action for (action,) in actions]
    return counts(
        {
            "num_affected_rows": len(done),
            "num_updated_rows": done.count("UPDATE"),
            "num_deleted_rows": done.count("DELETE"),
            "num_inserted_rows": done.count("INSERT"),
        }
    )


def enforce_checks(session: Session, name: TableName) -> None:
    """Refuse rows that a CHECK constraint of the table forbids."""
    for constraint in require_table(session, name).constraints:
        if constraint.kind != "CHECK":
            continue
        tree = localised(
            session, exp.maybe_parse(f"SELECT NOT ({constraint.condition})", dialect="databricks")
        )
        condition = rendered(tree.expressions[0])
        if session.cursor.execute(f"SELECT 1 FROM {name.physical} WHERE {condition} LIMIT 1").fetchone():
            raise SqlError(
                "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
                f"CHECK constraint {constraint.name} ({constraint.condition}) violated by rows of {name}.",
                "23001",
            )


def _changed(cursor: duckdb.DuckDBPyConnection, tree: exp.Expr) -> int:
    row = cursor.execute(rendered(tree)).fetchone()
    return int(row[0]) if row else 0


def _matched(tree: exp.Merge) -> list[exp.Expr]:
    whens: list[exp.Expr] = tree.args["whens"].expressions
    return [when for when in whens if when.args.get("matched") and not when.args.get("source")]


def _may_be_ambiguous(tree: exp.Merge) -> bool:
    """Delta lets several rows match where all they can do is delete without a further condition."""
    matched = _matched(tree)
    harmless = (
        len(matched) == 1
        and not matched[0].args.get("condition")
        and matched[0].args["then"].name == "DELETE"
    )
    return bool(matched) and not harmless


def _ambiguity(tree: exp.Merge) -> str:
    """A query that has a row if two rows of the source would change the same row of the target."""
    conditions = [when.args.get("condition") for when in _matched(tree)]
    some = "TRUE" if None in conditions else " OR ".join(f"({rendered(one)})" for one in conditions if one)
    target = quoted(tree.this.alias_or_name)
    return (
        f"SELECT 1 FROM {rendered(tree.this)} JOIN {rendered(tree.args['using'])} ON {rendered(tree.args['on'])}"
        f" WHERE {some} GROUP BY {target}.rowid HAVING count(*) > 1 LIMIT 1"
    )

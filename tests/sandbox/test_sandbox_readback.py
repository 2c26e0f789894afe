"""What a definition says can be read back: by information_schema, DESCRIBE and SHOW."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from databricks.sql.exc import ServerOperationError

Run = Callable[[str], list[tuple[Any, ...]]]
DEFINED = (
    "CREATE OR REPLACE TABLE defined (id BIGINT NOT NULL COMMENT 'the \\'key\\'', name STRING, amount DECIMAL(10, 2),"
    " CONSTRAINT defined_key PRIMARY KEY (id)) USING DELTA CLUSTER BY (id) COMMENT 'what it\\'s for'"
    " TBLPROPERTIES ('delta.appendOnly' = 'false', team = 'data')"
)


@pytest.fixture
def defined(run: Run) -> str:
    run(DEFINED)
    return "defined"


def schema_of(run: Run) -> str:
    return str(run("SELECT current_schema()")[0][0])


def test_columns(run: Run, defined: str) -> None:
    found = run(
        "SELECT column_name, full_data_type, is_nullable, comment FROM information_schema.columns"
        f" WHERE table_schema = '{schema_of(run)}' AND table_name = 'defined' ORDER BY ordinal_position"
    )
    assert found == [
        ("id", "bigint", "NO", "the 'key'"),
        ("name", "string", "YES", None),
        ("amount", "decimal(10,2)", "YES", None),
    ]


def test_every_type_is_told_as_it_was_written(run: Run) -> None:
    kinds = [
        "tinyint", "smallint", "int", "bigint", "float", "double", "boolean", "string", "binary", "date",
        "timestamp", "timestamp_ntz", "decimal(38,9)", "array<int>", "map<string,double>",
        "struct<a:int,b:array<string>>",
    ]  # fmt: skip
    columns = ", ".join(f"c{place} {kind}" for place, kind in enumerate(kinds))
    run(f"CREATE OR REPLACE TABLE typed ({columns})")
    found = run(
        "SELECT full_data_type FROM information_schema.columns"
        f" WHERE table_schema = '{schema_of(run)}' AND table_name = 'typed' ORDER BY ordinal_position"
    )
    assert [kind for (kind,) in found] == kinds


def test_tables_and_views(run: Run, defined: str) -> None:
    run("CREATE OR REPLACE VIEW shown COMMENT 'a view' AS SELECT id FROM defined")
    found = run(
        "SELECT table_name, table_type, comment FROM information_schema.tables"
        f" WHERE table_schema = '{schema_of(run)}' AND table_name IN ('defined', 'shown') ORDER BY 1"
    )
    assert found == [("defined", "MANAGED", "what it's for"), ("shown", "VIEW", "a view")]


def test_catalogs_and_schemas(run: Run) -> None:
    catalog = run("SELECT current_catalog()")[0][0]
    assert (catalog,) in run("SELECT catalog_name FROM system.information_schema.catalogs")
    assert (schema_of(run),) in run("SELECT schema_name FROM information_schema.schemata")
    assert run(f"SHOW SCHEMAS LIKE '{schema_of(run)}'") == [(schema_of(run),)]
    assert (catalog,) in run("SHOW CATALOGS")


def test_properties(run: Run, defined: str) -> None:
    run("ALTER TABLE defined SET TBLPROPERTIES ('team' = 'platform', 'x.y' = 1)")
    run("ALTER TABLE defined UNSET TBLPROPERTIES ('x.y')")
    shown = [row[0] for row in run("SHOW TBLPROPERTIES defined")]
    assert ("team", "platform") in run("SHOW TBLPROPERTIES defined")
    assert ("delta.appendOnly", "false") in run("SHOW TBLPROPERTIES defined")
    assert "x.y" not in shown
    described = {row[0]: row[1] for row in run("DESCRIBE TABLE EXTENDED defined")}
    assert "team=platform" in described["Table Properties"]
    assert described["Comment"] == "what it's for"


def test_tags_of_tables_and_columns(run: Run, defined: str) -> None:
    run("ALTER TABLE defined SET TAGS ('pii', 'env' = 'dev')")
    run("ALTER TABLE defined ALTER COLUMN id SET TAGS ('class' = 'secret', 'gone' = '1')")
    run("ALTER TABLE defined ALTER COLUMN id UNSET TAGS ('gone')")
    where = f"schema_name = '{schema_of(run)}' AND table_name = 'defined'"
    tags = run(f"SELECT tag_name, tag_value FROM information_schema.table_tags WHERE {where} ORDER BY 1")
    assert tags == [("env", "dev"), ("pii", "")]
    found = run(f"SELECT column_name, tag_name, tag_value FROM information_schema.column_tags WHERE {where}")
    assert found == [("id", "class", "secret")]


def test_comments_can_be_changed(run: Run, defined: str) -> None:
    run("COMMENT ON TABLE defined IS 'new'")
    run("ALTER TABLE defined ALTER COLUMN name COMMENT 'called'")
    run("COMMENT ON COLUMN defined.amount IS 'how much'")
    assert [row[2] for row in run("DESCRIBE defined")][:3] == ["the 'key'", "called", "how much"]
    assert {row[0]: row[1] for row in run("DESCRIBE EXTENDED defined")}["Comment"] == "new"


def test_keys(run: Run, defined: str) -> None:
    run("CREATE OR REPLACE TABLE child (n INT, parent BIGINT)")
    run("ALTER TABLE child ADD CONSTRAINT to_parent FOREIGN KEY (parent) REFERENCES defined (id)")
    constraints = run(
        "SELECT constraint_name, constraint_type, table_name FROM information_schema.table_constraints"
        f" WHERE table_schema = '{schema_of(run)}' ORDER BY 1"
    )
    assert constraints == [("defined_key", "PRIMARY KEY", "defined"), ("to_parent", "FOREIGN KEY", "child")]
    columns = run(
        "SELECT constraint_name, column_name, ordinal_position FROM information_schema.key_column_usage"
        f" WHERE table_schema = '{schema_of(run)}' ORDER BY 1"
    )
    assert columns == [("defined_key", "id", 1), ("to_parent", "parent", 1)]
    run("ALTER TABLE child DROP CONSTRAINT to_parent")
    assert run("SELECT count(*) FROM child") == [(0,)]


def test_a_check_is_enforced(run: Run) -> None:
    run("CREATE OR REPLACE TABLE checked (a INT)")
    run("INSERT INTO checked VALUES (1)")
    run("ALTER TABLE checked ADD CONSTRAINT positive CHECK (a > 0)")
    with pytest.raises(ServerOperationError, match="DELTA_VIOLATE_CONSTRAINT_WITH_VALUES"):
        run("INSERT INTO checked VALUES (-1)")
    with pytest.raises(ServerOperationError, match="DELTA_"):
        run("ALTER TABLE checked ADD CONSTRAINT big CHECK (a > 10)")
    assert run("SELECT a FROM checked") == [(1,)]


def test_clustering(run: Run, defined: str) -> None:
    assert ("# Clustering Information", "", "") in run("DESCRIBE EXTENDED defined")
    run("ALTER TABLE defined CLUSTER BY (name)")
    with_names = run("DESCRIBE EXTENDED defined")
    after = with_names[with_names.index(("# Clustering Information", "", "")) :]
    assert after[2][0] == "name"
    run("ALTER TABLE defined CLUSTER BY NONE")
    assert ("# Clustering Information", "", "") not in run("DESCRIBE EXTENDED defined")


def test_a_definition_that_is_shown_can_be_run(run: Run, defined: str) -> None:
    shown = run("SHOW CREATE TABLE defined")[0][0]
    run("DROP TABLE defined")
    run(shown)
    assert run("SHOW CREATE TABLE defined")[0][0] == shown


def test_columns_are_added_renamed_and_dropped(run: Run, defined: str) -> None:
    run("ALTER TABLE defined ADD COLUMN\nadded STRING COMMENT 'later',\n`odd one` INT")
    run("ALTER TABLE defined RENAME COLUMN added TO renamed")
    run("ALTER TABLE defined DROP COLUMN `odd one`")
    rows = run("DESCRIBE defined")
    assert ("renamed", "string", "later") in rows
    assert "odd one" not in [row[0] for row in rows]
    with pytest.raises(ServerOperationError, match=r"FIELDS?_ALREADY_EXISTS"):
        run("ALTER TABLE defined ADD COLUMNS (id INT)")


def test_what_is_noted_goes_where_the_table_goes(run: Run, defined: str) -> None:
    run("DROP TABLE IF EXISTS moved")
    run("ALTER TABLE defined RENAME TO moved")
    assert ("team", "data") in run("SHOW TBLPROPERTIES moved")
    run("DROP TABLE moved")
    run("CREATE TABLE moved (id INT)")
    assert ("team", "data") not in run("SHOW TBLPROPERTIES moved")


def test_schemas_and_their_tags(run: Run) -> None:
    name = f"{schema_of(run)}_tagged"
    run(f"CREATE SCHEMA {name} COMMENT 'for tags'")
    run(f"ALTER SCHEMA {name} SET TAGS ('owner' = 'us')")
    found = run(
        f"SELECT tag_name, tag_value FROM information_schema.schema_tags WHERE schema_name = '{name}'"
    )
    assert found == [("owner", "us")]
    comment = run(f"SELECT comment FROM information_schema.schemata WHERE schema_name = '{name}'")
    assert comment == [("for tags",)]
    run(f"DROP SCHEMA {name}")


def test_a_schema_that_holds_something_is_not_dropped_by_accident(run: Run) -> None:
    name = f"{schema_of(run)}_full"
    run(f"CREATE SCHEMA {name}")
    run(f"CREATE TABLE {name}.t (a INT)")
    with pytest.raises(ServerOperationError, match="SCHEMA_NOT_EMPTY"):
        run(f"DROP SCHEMA {name}")
    run(f"DROP SCHEMA {name} CASCADE")
    assert run(f"SHOW SCHEMAS LIKE '{name}'") == []

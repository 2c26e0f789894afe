"""SQLAlchemy reads the dictionary, and finds what was declared."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.servers.oracle.place import OracleSchema

TABLES = """
CREATE TABLE dept (deptno NUMBER(4) CONSTRAINT dept_pk PRIMARY KEY, dname VARCHAR2(14 CHAR) NOT NULL UNIQUE);
CREATE TABLE emp (
  id NUMBER(10), line INTEGER, n NUMBER, x NUMBER(12,2), f FLOAT, ts TIMESTAMP(3) WITH TIME ZONE,
  lts TIMESTAMP WITH LOCAL TIME ZONE, d DATE DEFAULT SYSDATE, c CLOB, r RAW(16), deptno NUMBER(4) NOT NULL,
  CONSTRAINT emp_pk PRIMARY KEY (id, line),
  CONSTRAINT emp_dept FOREIGN KEY (deptno) REFERENCES dept,
  CONSTRAINT x_positive CHECK (x > 0));
CREATE UNIQUE INDEX emp_x ON emp (x, d);
CREATE INDEX emp_n ON emp (n);
CREATE VIEW emp_names AS SELECT e.id, d.dname, e.x * 2 AS twice FROM emp e JOIN dept d ON d.deptno = e.deptno;
COMMENT ON TABLE emp IS 'people''s table';
COMMENT ON COLUMN emp.n IS 'as it comes';
CREATE TABLE "Mixed" ("Id" NUMBER PRIMARY KEY, plain VARCHAR2(1))
"""


@pytest.fixture
def inspector(oracle: OracleSchema) -> sa.Inspector:
    oracle.run(*TABLES.split(";"))
    return sa.inspect(oracle.engine())


def test_tables_and_views(inspector: sa.Inspector, oracle: OracleSchema) -> None:
    assert inspector.default_schema_name == oracle.user.lower()
    assert sorted(inspector.get_table_names()) == ["Mixed", "dept", "emp"]
    assert inspector.get_view_names() == ["emp_names"]
    assert oracle.user.lower() in inspector.get_schema_names()
    assert inspector.has_table("emp")
    assert not inspector.has_table("nope")
    assert "JOIN dept d" in (inspector.get_view_definition("emp_names") or "")


def test_columns(inspector: sa.Inspector) -> None:
    columns = {column["name"]: column for column in inspector.get_columns("emp")}
    types = {name: column["type"].compile(inspector.dialect) for name, column in columns.items()}
    assert types == {
        "id": "NUMBER(10, 0)",
        "line": "INTEGER",
        "n": "NUMBER",
        "x": "NUMBER(12, 2)",
        "f": "DOUBLE PRECISION",
        "ts": "TIMESTAMP WITH TIME ZONE",
        "lts": "TIMESTAMP WITH LOCAL TIME ZONE",
        "d": "DATE",
        "c": "CLOB",
        "r": "RAW(16)",
        "deptno": "NUMBER(4, 0)",
    }
    assert [name for name, column in columns.items() if not column["nullable"]] == ["id", "line", "deptno"]
    assert columns["n"]["comment"] == "as it comes"
    assert (columns["d"]["default"] or "").strip().upper() == "SYSDATE"
    assert inspector.get_table_comment("emp") == {"text": "people's table"}


def test_view_columns_have_the_types_of_their_tables(inspector: sa.Inspector) -> None:
    columns = {column["name"]: column["type"] for column in inspector.get_columns("emp_names")}
    assert isinstance(columns["dname"], sa.String)
    assert columns["dname"].length == 14
    numbers = {name: kind.compile(inspector.dialect) for name, kind in columns.items() if name != "dname"}
    assert numbers == {"id": "NUMBER(10, 0)", "twice": "NUMBER"}


def test_keys(inspector: sa.Inspector) -> None:
    assert inspector.get_pk_constraint("emp")["constrained_columns"] == ["id", "line"]
    (foreign,) = inspector.get_foreign_keys("emp")
    assert (foreign["name"], foreign["constrained_columns"]) == ("emp_dept", ["deptno"])
    assert (foreign["referred_table"], foreign["referred_columns"]) == ("dept", ["deptno"])
    assert [key["column_names"] for key in inspector.get_unique_constraints("dept")] == [["dname"]]
    assert [check["name"] for check in inspector.get_check_constraints("emp")] == ["x_positive"]


def test_indexes(inspector: sa.Inspector) -> None:
    indexes = {index["name"]: index for index in inspector.get_indexes("emp")}
    assert {name: index["column_names"] for name, index in indexes.items()} == {
        "emp_x": ["x", "d"],
        "emp_n": ["n"],
    }
    assert {name for name, index in indexes.items() if index["unique"]} == {"emp_x"}


def test_names_keep_their_case_where_they_were_quoted(inspector: sa.Inspector) -> None:
    columns = inspector.get_columns("Mixed")
    assert [column["name"] for column in columns] == ["Id", "plain"]
    assert inspector.get_pk_constraint("Mixed")["constrained_columns"] == ["Id"]


def test_a_reflected_table_is_written_and_read(inspector: sa.Inspector, oracle: OracleSchema) -> None:
    metadata = sa.MetaData()
    engine = oracle.engine()
    metadata.reflect(engine, views=True)
    dept, names = metadata.tables["dept"], metadata.tables["emp_names"]
    with engine.begin() as connection:
        connection.execute(dept.insert(), [{"deptno": 10, "dname": "A"}, {"deptno": 20, "dname": "B"}])
        newest = sa.select(dept).order_by(dept.c.deptno.desc()).limit(1)
        assert connection.execute(newest).all() == [(20, "B")]
        assert connection.scalar(sa.select(sa.func.count()).select_from(names)) == 0

"""What goes in is Databricks' SQL, what comes out is what a warehouse would answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from databricks.sql.exc import ServerOperationError

from databridge.sandbox.server import Sandbox
from tests.sandbox.places import Place

Run = Callable[[str], list[tuple[Any, ...]]]

ANSWERS: list[tuple[str, list[tuple[Any, ...]]]] = [
    ("SELECT 1", [(1,)]),
    ("SELECT `a b` FROM (SELECT 1 AS `a b`)", [(1,)]),
    ('SELECT "text"', [("text",)]),
    ("SELECT 'it\\'s'", [("it's",)]),
    ("SELECT 7 / 2", [(3.5,)]),
    ("SELECT 7 DIV 2", [(3,)]),
    ("SELECT 7 % 4", [(3,)]),
    ("SELECT concat('a', 1, 'b')", [("a1b",)]),
    ("SELECT 'a' || 'b'", [("ab",)]),
    ("SELECT nvl(NULL, 2), ifnull(NULL, 3), coalesce(NULL, NULL, 4)", [(2, 3, 4)]),
    ("SELECT if(1 > 2, 'yes', 'no')", [("no",)]),
    ("SELECT CASE WHEN 1 = 1 THEN 'a' ELSE 'b' END", [("a",)]),
    ("SELECT try_cast('x' AS INT)", [(None,)]),
    ("SELECT CAST('2024-02-03' AS DATE)", [(date(2024, 2, 3),)]),
    ("SELECT date_add(DATE '2024-01-31', 1)", [(date(2024, 2, 1),)]),
    ("SELECT datediff(DATE '2024-01-03', DATE '2024-01-01')", [(2,)]),
    ("SELECT year(DATE '2024-05-06'), month(DATE '2024-05-06')", [(2024, 5)]),
    ("SELECT to_date('2024-05-06')", [(date(2024, 5, 6),)]),
    ("SELECT date_trunc('MONTH', TIMESTAMP '2024-05-06 07:08:09')", [(datetime(2024, 5, 1, tzinfo=UTC),)]),
    ("SELECT CAST('2024-05-06 07:08:09 +0200' AS TIMESTAMP)", [(datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC),)]),
    ("SELECT upper('a'), lower('B'), length('abc'), trim('  x ')", [("A", "b", 3, "x")]),
    ("SELECT substring('abcdef', 2, 3), left('abc', 2), right('abc', 2)", [("bcd", "ab", "bc")]),
    ("SELECT split('a,b', ',')[1]", [("b",)]),
    ("SELECT size(array(1, 2, 3))", [(3,)]),
    ("SELECT array_contains(array(1, 2), 2)", [(True,)]),
    ("SELECT explode(array(1, 2))", [(1,), (2,)]),
    ("SELECT named_struct('a', 1).a", [(1,)]),
    ("SELECT regexp_replace('a1b2', '[0-9]', '')", [("ab",)]),
    ("SELECT get_json_object('{\"a\": {\"b\": 1}}', '$.a.b')", [("1",)]),
    ("SELECT CAST(1.25 AS DECIMAL(10, 2)) * 2", [(Decimal("2.50"),)]),
    ("SELECT a, count(*) FROM VALUES (1), (1), (2) AS t(a) GROUP BY a ORDER BY a", [(1, 2), (2, 1)]),
    ("SELECT a FROM VALUES (1), (2), (3) AS t(a) QUALIFY row_number() OVER (ORDER BY a DESC) = 1", [(3,)]),
    ("WITH t AS (SELECT 1 AS a UNION ALL SELECT 2) SELECT sum(a) FROM t", [(3,)]),
    ("SELECT max_by(b, a) FROM VALUES (1, 'x'), (2, 'y') AS t(a, b)", [("y",)]),
    ("SELECT id FROM range(3) ORDER BY id DESC LIMIT 1", [(2,)]),
    ("SELECT a FROM VALUES (2), (NULL), (1) AS t(a) ORDER BY a NULLS LAST", [(1,), (2,), (None,)]),
    ("SELECT count(DISTINCT a) FROM VALUES (1), (1), (2) AS t(a)", [(2,)]),
    ("SELECT * EXCEPT (b) FROM (SELECT 1 AS a, 2 AS b)", [(1,)]),
    ("SELECT X'0aff'", [(b"\x0a\xff",)]),
    ("SELECT sha2('a', 256)", [("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",)]),
    ("SELECT md5('a')", [("0cc175b9c0f1b6a831c399e269772661",)]),
    ("SELECT a.x FROM (SELECT 1 AS x) a LEFT ANTI JOIN (SELECT 2 AS x) b ON a.x = b.x", [(1,)]),
    ("VALUES (1, 'a'), (2, 'b')", [(1, "a"), (2, "b")]),
    ("SELECT sum(a) FROM VALUES (1), (2) AS t(a)", [(3,)]),
    ("SELECT a.x FROM (SELECT 1 AS x) a LEFT SEMI JOIN (SELECT 2 AS x) b ON a.x = b.x", []),
]


@pytest.mark.parametrize(("statement", "answer"), ANSWERS, ids=[statement for statement, _ in ANSWERS])
def test_a_query_is_answered(run: Run, statement: str, answer: list[tuple[Any, ...]]) -> None:
    assert run(statement) == answer


REFUSALS = [
    ("SELEC 1", "PARSE_SYNTAX_ERROR", "42601"),
    ("SELECT 1; SELECT 2", "PARSE_SYNTAX_ERROR", "42601"),
    ("SELECT * FROM nope", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    ("SELECT * FROM no_schema.nope", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    ("INSERT INTO nope VALUES (1)", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    ("DROP TABLE nope", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    ("DESCRIBE TABLE nope", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    ("TRUNCATE TABLE nope", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    ("CREATE TABLE no_schema.t (a INT)", "SCHEMA_NOT_FOUND", "42704"),
    ("DROP TABLE IF EXISTS no_schema.t", "SCHEMA_NOT_FOUND", "42704"),
    ("SHOW TABLES IN no_schema", "SCHEMA_NOT_FOUND", "42704"),
    ("DROP SCHEMA no_schema", "SCHEMA_NOT_FOUND", "42704"),
    ("CREATE SCHEMA default", "SCHEMA_ALREADY_EXISTS", "42P06"),
    ("SELECT nope FROM (SELECT 1 AS a)", "UNRESOLVED_COLUMN", "42703"),
    ("SELECT no_such_function(1)", "UNRESOLVED_ROUTINE", "42883"),
    ("SELECT * FROM read_csv('/etc/passwd')", "UNRESOLVABLE_TABLE_VALUED_FUNCTION", "42883"),
    ("SELECT * FROM no_such_function('x')", "UNRESOLVABLE_TABLE_VALUED_FUNCTION", "42883"),
    ("SELECT * FROM '/etc/passwd'", "", "42"),
    ("SELECT CAST('x' AS INT)", "CAST_INVALID_INPUT", "22018"),
    ("SELECT :missing", "UNBOUND_SQL_PARAMETER", "42P02"),
]


@pytest.mark.parametrize(("statement", "error_class", "sqlstate"), REFUSALS, ids=[one[0] for one in REFUSALS])
def test_a_refusal_has_its_class(run: Run, statement: str, error_class: str, sqlstate: str) -> None:
    with pytest.raises(ServerOperationError) as refusal:
        run(statement)
    assert refusal.value.message.startswith(f"[{error_class}")
    assert f"SQLSTATE: {sqlstate}" in refusal.value.message


def test_an_unknown_catalog_is_refused(run: Run) -> None:
    with pytest.raises(ServerOperationError, match=r"\[NO_SUCH_CATALOG_EXCEPTION\]"):
        run("SELECT * FROM nowhere.default.t")


def test_a_table_that_exists_is_not_made_again(run: Run) -> None:
    run("CREATE TABLE twice (a INT)")
    with pytest.raises(ServerOperationError, match=r"\[TABLE_OR_VIEW_ALREADY_EXISTS\]"):
        run("CREATE TABLE twice (a INT)")
    run("CREATE TABLE IF NOT EXISTS twice (b INT)")
    assert run("SHOW COLUMNS IN twice") == [("a",)]
    run("CREATE OR REPLACE TABLE twice (b INT)")
    assert run("SHOW COLUMNS IN twice") == [("b",)]


def test_names_are_folded_and_columns_are_not(run: Run) -> None:
    run("CREATE TABLE Folded (Ab INT)")
    run("INSERT INTO FOLDED (aB) VALUES (1)")
    assert run("SELECT AB FROM folded") == [(1,)]
    assert run("SHOW COLUMNS IN folded") == [("Ab",)]
    assert ("folded",) in [row[1:2] for row in run("SHOW TABLES")]


def test_a_statement_that_fails_leaves_nothing(run: Run) -> None:
    run("CREATE TABLE strict (a INT NOT NULL)")
    with pytest.raises(ServerOperationError, match="NOT_NULL"):
        run("INSERT INTO strict VALUES (1), (NULL)")
    assert run("SELECT count(*) FROM strict") == [(0,)]


def test_inserts_of_all_kinds(run: Run) -> None:
    run("CREATE TABLE inserted (a INT, b STRING)")
    run("INSERT INTO inserted VALUES (1, 'x')")
    run("INSERT INTO inserted (b, a) SELECT 'y', 2")
    run("INSERT INTO inserted BY NAME SELECT 'z' AS b, 3 AS a")
    assert run("SELECT * FROM inserted ORDER BY a") == [(1, "x"), (2, "y"), (3, "z")]
    run("INSERT INTO inserted REPLACE WHERE a > 2 SELECT 4, 'v'")
    assert run("SELECT * FROM inserted ORDER BY a") == [(1, "x"), (2, "y"), (4, "v")]
    run("INSERT OVERWRITE inserted VALUES (9, 'w')")
    assert run("SELECT * FROM inserted") == [(9, "w")]


def test_a_view_shows_what_its_table_holds_now(run: Run) -> None:
    run("CREATE TABLE seen (a INT)")
    run("CREATE OR REPLACE VIEW seeing AS SELECT a + 1 AS b FROM seen")
    run("INSERT INTO seen VALUES (1)")
    assert run("SELECT b FROM seeing") == [(2,)]
    with pytest.raises(ServerOperationError, match="WRONG_COMMAND_FOR_OBJECT_TYPE"):
        run("DROP TABLE seeing")
    run("DROP VIEW seeing")


def test_table_columns_may_be_named_in_full(run: Run) -> None:
    run("CREATE TABLE full_name (a INT, s STRUCT<x: INT>)")
    run("INSERT INTO full_name SELECT 1, named_struct('x', 5)")
    where = run("SELECT current_catalog(), current_schema()")[0]
    name = ".".join((*where, "full_name"))
    assert run(f"SELECT {name}.a, full_name.s.x FROM {name} WHERE {name}.a = 1") == [(1, 5)]


def test_sums_are_whole_numbers_of_spark(run: Run) -> None:
    run("CREATE TABLE summed AS SELECT sum(id) AS s, count(*) AS n FROM range(4)")
    assert run("SELECT s, n FROM summed") == [(6, 4)]
    assert [row[1] for row in run("DESCRIBE summed")] == ["bigint", "bigint"]


def test_an_update_may_name_its_table(run: Run) -> None:
    run("CREATE TABLE renewed (a INT, b STRING)")
    run("INSERT INTO renewed VALUES (1, 'x'), (2, 'y')")
    run("UPDATE renewed AS r SET r.b = 'z' WHERE r.a = 2")
    assert run("SELECT b FROM renewed ORDER BY a") == [("x",), ("z",)]


def test_variants_are_kept(run: Run) -> None:
    run("CREATE TABLE varied (v VARIANT)")
    run("INSERT INTO varied SELECT parse_json('{\"a\": 1}')")
    assert run("DESCRIBE varied") == [("v", "variant", None)]
    assert json.loads(run("SELECT v FROM varied")[0][0]) == {"a": 1}


@pytest.mark.parametrize("when", ["VERSION AS OF 1", "TIMESTAMP AS OF '2024-01-01'", "@v1"])
def test_no_table_of_now_is_taken_for_one_of_then(own_place: Place, when: str) -> None:
    own_place.run("CREATE TABLE t (a INT)")
    with pytest.raises(ServerOperationError, match="time travel"):
        own_place.run(f"SELECT * FROM t{'' if when.startswith('@') else ' '}{when}")


def test_the_engine_itself_reads_nothing_outside_of_its_folder(own_sandbox: Sandbox) -> None:
    with pytest.raises(duckdb.PermissionException):
        own_sandbox._warehouse.cursor().execute("SELECT * FROM read_csv('/etc/passwd')")

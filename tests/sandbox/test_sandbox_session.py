from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from databricks.sql.exc import DatabaseError, ServerOperationError

from tests.sandbox.places import Place, rows

Run = Callable[[str], list[tuple[Any, ...]]]


def test_a_session_knows_where_it_is(run: Run, place: Place) -> None:
    assert run("SELECT current_catalog(), current_schema()") == [(place.catalog, place.schema)]


def test_a_session_may_begin_in_a_schema_that_does_not_exist_yet(place: Place) -> None:
    with place.connection() as opened:
        rows(opened, f"CREATE SCHEMA {place.schema}_later")
    later = Place(place.credentials, f"{place.schema}_later", real=place.real)
    assert later.run("SELECT 1") == [(1,)]
    later.run(f"DROP SCHEMA {later.schema}")
    assert later.run("SELECT 1") == [(1,)]


def test_a_session_cannot_begin_in_a_catalog_that_does_not_exist(place: Place) -> None:
    nowhere = Place({**place.credentials, "catalog": "nowhere"}, "default", real=place.real)
    with pytest.raises(DatabaseError, match="NO_SUCH_CATALOG"):
        nowhere.run("SELECT 1")


def test_use_moves_a_session_and_no_other(run: Run, place: Place) -> None:
    run(f"USE SCHEMA {place.catalog}.default")
    assert run("SELECT current_schema()") == [("default",)]
    assert place.run("SELECT current_schema()") == [(place.schema,)]


def test_a_temporary_view_belongs_to_its_session(run: Run, place: Place) -> None:
    run("CREATE TEMPORARY VIEW mine AS SELECT 7 AS a")
    assert run("SELECT a FROM mine") == [(7,)]
    with pytest.raises(ServerOperationError, match="TABLE_OR_VIEW_NOT_FOUND"):
        place.run("SELECT a FROM mine")


def test_the_time_zone_of_a_session_shows_in_its_timestamps(place: Place) -> None:
    zone = {"session_configuration": {"spark.sql.session.timeZone": "Asia/Tokyo"}}
    query = "SELECT date_format(TIMESTAMP '2024-01-01 00:00:00+00:00', 'yyyy-MM-dd HH:mm')"
    with place.connection(**zone) as opened:
        assert rows(opened, query) == [("2024-01-01 09:00",)]
    assert place.run(query) == [("2024-01-01 00:00",)]


def test_parameters_are_bound_by_name_and_by_place(place: Place) -> None:
    with place.connection() as opened, opened.cursor() as cursor:
        cursor.execute("SELECT :a + 1, :b", {"a": 41, "b": "it's"})
        assert tuple(cursor.fetchone()) == (42, "it's")
        cursor.execute("SELECT ?, ?", [1.5, None])
        assert tuple(cursor.fetchone()) == (1.5, None)


def test_a_big_result_arrives_whole(place: Place) -> None:
    number = 200_000
    query = f"SELECT id, concat('row ', id) AS text FROM range({number})"
    with place.connection() as opened, opened.cursor() as cursor:
        cursor.execute(query)
        table = cursor.fetchall_arrow()
    assert table.num_rows == number
    assert sorted(table.column("id").to_pylist()) == list(range(number))
    assert set(table.column("text").to_pylist()[:1]) <= {f"row {n}" for n in range(number)}


def test_rows_arrive_in_portions_and_none_twice(place: Place) -> None:
    with place.connection() as opened, opened.cursor(arraysize=1000) as cursor:
        cursor.execute("SELECT id FROM range(3500) ORDER BY id")
        portions = []
        while portion := cursor.fetchmany(1100):
            portions.append([row.id for row in portion])
    assert [len(portion) for portion in portions] == [1100, 1100, 1100, 200]
    assert [one for portion in portions for one in portion] == list(range(3500))


def test_types_arrive_as_what_they_are(place: Place) -> None:
    query = (
        "SELECT CAST(1 AS TINYINT) a, CAST(1 AS SMALLINT) b, CAST(1 AS INT) c, CAST(1 AS BIGINT) d, CAST(1 AS FLOAT) e,"
        " CAST(1 AS DOUBLE) f, CAST(1 AS DECIMAL(10,2)) g, TRUE h, 'x' i, DATE '2024-01-01' j,"
        " CAST('2024-01-01' AS TIMESTAMP) k, CAST('2024-01-01' AS TIMESTAMP_NTZ) l, X'00ff' m, array(1, 2) n"
    )
    with place.connection() as opened, opened.cursor() as cursor:
        cursor.execute(query)
        described = [(column[0], column[1]) for column in cursor.description]
        table = cursor.fetchall_arrow()
    kinds = "tinyint smallint int bigint float double decimal boolean string date timestamp timestamp binary array"
    assert [kind for _, kind in described] == kinds.split()
    assert table.schema.field("g").type == pa.decimal128(10, 2)
    assert table.schema.field("k").type.tz is not None
    assert table.schema.field("l").type.tz is None
    assert table.column("m").to_pylist() == [b"\x00\xff"]
    assert table.column("n").to_pylist() == [[1, 2]]


def test_a_statement_that_runs_can_be_cancelled(place: Place) -> None:
    forever = "SELECT count(*) FROM range(10000000) a CROSS JOIN range(10000000) b WHERE a.id + b.id = -1"
    ended: list[BaseException | None] = []
    with place.connection() as opened, opened.cursor() as cursor:

        def wait() -> None:
            try:
                cursor.execute(forever)
                ended.append(None)
            except DatabaseError as failure:
                ended.append(failure)

        thread = threading.Thread(target=wait)
        thread.start()
        while thread.is_alive():
            cursor.cancel()
            thread.join(0.1)
        assert len(ended) == 1
        assert isinstance(ended[0], DatabaseError)
        assert rows(opened, "SELECT 1") == [(1,)]


def test_changes_count_their_rows(place: Place) -> None:
    with place.connection() as opened, opened.cursor() as cursor:
        cursor.execute("CREATE TABLE counted (a INT)")
        cursor.execute("INSERT INTO counted VALUES (1), (2), (3)")
        assert cursor.fetchone().num_affected_rows == 3
        cursor.execute("UPDATE counted SET a = 9 WHERE a > 1")
        assert cursor.fetchone().num_affected_rows == 2
        cursor.execute("DELETE FROM counted WHERE a = 9")
        assert cursor.fetchone().num_affected_rows == 2


def test_metadata_calls_list_what_there_is(place: Place) -> None:
    place.run("CREATE TABLE listed (a INT COMMENT 'first', b STRING)")
    with place.connection() as opened, opened.cursor() as cursor:
        assert place.catalog in {row[0] for row in cursor.catalogs().fetchall()}
        assert place.schema in {row[0] for row in cursor.schemas(catalog_name=place.catalog).fetchall()}
        cursor.tables(catalog_name=place.catalog, schema_name=place.schema, table_name="listed")
        assert [row.TABLE_NAME for row in cursor.fetchall()] == ["listed"]
        cursor.columns(catalog_name=place.catalog, schema_name=place.schema, table_name="listed")
        assert [row.COLUMN_NAME for row in cursor.fetchall()] == ["a", "b"]


def test_sessions_write_the_same_table_side_by_side(place: Place) -> None:
    place.run("CREATE TABLE shared (writer INT, n INT)")
    at_once(place, lambda writer, n: f"INSERT INTO shared VALUES ({writer}, {n})")
    assert place.run("SELECT count(*), count(DISTINCT writer * 10 + n) FROM shared") == [(20, 20)]


def test_changes_of_the_same_row_are_made_one_after_the_other_or_refused(own_place: Place) -> None:
    own_place.run("CREATE TABLE counter (n INT)")
    own_place.run("INSERT INTO counter VALUES (0)")
    refused = at_once(own_place, lambda _, __: "UPDATE counter SET n = n + 1", conflicts=True)
    assert own_place.run("SELECT n FROM counter") == [(20 - refused,)]


def at_once(place: Place, statement: Callable[[int, int], str], *, conflicts: bool = False) -> int:
    """Four sessions run five statements each; how many were refused for a conflict, where any may be."""
    failures: list[BaseException] = []
    refused: list[BaseException] = []
    together = threading.Barrier(4)

    def write(writer: int) -> None:
        try:
            with place.connection() as opened:
                together.wait()
                for n in range(5):
                    try:
                        rows(opened, statement(writer, n))
                    except DatabaseError as conflict:
                        if not conflicts or "DELTA_CONCURRENT" not in str(conflict):
                            raise
                        refused.append(conflict)
        except DatabaseError as failure:
            failures.append(failure)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    return len(refused)

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from databricks.sql.client import Connection
from databricks.sql.exc import ServerOperationError

from tests.sandbox.places import Place

Run = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def connection(place: Place, tmp_path: Path) -> Iterator[Connection]:
    with place.connection(staging_allowed_local_path=str(tmp_path)) as opened:
        yield opened


@pytest.fixture
def put(
    run: Run, place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> Callable[[str, object], str]:
    """Puts a file into a volume of the test's own, and returns the folder."""
    name = "v_" + "".join(c if c.isalnum() else "_" for c in request.node.name.lower())[:60]
    run(f"CREATE VOLUME {name}")
    folder = f"/Volumes/{place.catalog}/{place.schema}/{name}"

    def into(file: str, content: object) -> str:
        local = tmp_path / Path(file).name
        if isinstance(content, pa.Table):
            pq.write_table(content, local)
        else:
            local.write_text(str(content))
        run(f"PUT '{local}' INTO '{folder}/{file}' OVERWRITE")
        return folder

    return into


def two(start: int = 1) -> pa.Table:
    return pa.table({"id": pa.array([start, start + 1], pa.int64()), "v": ["a", "b"]})


def test_each_file_is_loaded_once(run: Run, put: Callable[[str, object], str]) -> None:
    run("CREATE TABLE once (id BIGINT, v STRING)")
    folder = put("one.parquet", two())
    copy = f"COPY INTO once FROM '{folder}' FILEFORMAT = PARQUET"
    assert run(copy)[0][:2] == (2, 2)
    assert run(copy)[0][:2] == (0, 0)
    put("two.parquet", two(3))
    assert run(copy)[0][:2] == (2, 2)
    assert run("SELECT id FROM once ORDER BY id") == [(1,), (2,), (3,), (4,)]


def test_force_loads_again(run: Run, put: Callable[[str, object], str]) -> None:
    run("CREATE TABLE forced (id BIGINT, v STRING)")
    folder = put("one.parquet", two())
    copy = f"COPY INTO forced FROM '{folder}' FILEFORMAT = PARQUET"
    run(copy)
    assert run(f"{copy} COPY_OPTIONS ('force' = 'true')")[0][0] == 2
    assert run("SELECT count(*) FROM forced") == [(4,)]


def test_what_was_loaded_is_known_after_a_truncate_and_a_rename(
    run: Run, put: Callable[[str, object], str]
) -> None:
    run("CREATE TABLE emptied (id BIGINT, v STRING)")
    folder = put("one.parquet", two())
    run(f"COPY INTO emptied FROM '{folder}' FILEFORMAT = PARQUET")
    run("TRUNCATE TABLE emptied")
    run("ALTER TABLE emptied RENAME TO emptied_later")
    assert run(f"COPY INTO emptied_later FROM '{folder}' FILEFORMAT = PARQUET")[0][0] == 0


def test_a_new_table_of_the_same_name_knows_nothing(run: Run, put: Callable[[str, object], str]) -> None:
    run("CREATE TABLE anew (id BIGINT, v STRING)")
    folder = put("one.parquet", two())
    copy = f"COPY INTO anew FROM '{folder}' FILEFORMAT = PARQUET"
    run(copy)
    run("DROP TABLE anew")
    run("CREATE TABLE anew (id BIGINT, v STRING)")
    assert run(copy)[0][0] == 2


def test_a_deep_clone_knows_what_was_loaded(run: Run, put: Callable[[str, object], str]) -> None:
    run("CREATE TABLE cloned_from (id BIGINT, v STRING)")
    folder = put("one.parquet", two())
    run(f"COPY INTO cloned_from FROM '{folder}' FILEFORMAT = PARQUET")
    run("CREATE TABLE cloned_to DEEP CLONE cloned_from")
    assert run(f"COPY INTO cloned_to FROM '{folder}' FILEFORMAT = PARQUET")[0][0] == 0


def test_a_failed_copy_leaves_no_row_and_may_be_repeated(run: Run, put: Callable[[str, object], str]) -> None:
    run("CREATE TABLE repeated (id BIGINT NOT NULL, v STRING)")
    with_null = pa.table({"id": pa.array([1, None], pa.int64()), "v": ["a", "b"]})
    folder = put("one.parquet", with_null)
    copy = f"COPY INTO repeated FROM '{folder}' FILEFORMAT = PARQUET"
    with pytest.raises(ServerOperationError, match="NOT_NULL"):
        run(copy)
    assert run("SELECT count(*) FROM repeated") == [(0,)]
    run("ALTER TABLE repeated ALTER COLUMN id DROP NOT NULL")
    assert run(copy)[0][0] == 2


def test_a_column_that_the_table_lacks(run: Run, put: Callable[[str, object], str]) -> None:
    run("CREATE TABLE narrow (id BIGINT)")
    folder = put("one.parquet", two())
    copy = f"COPY INTO narrow FROM '{folder}' FILEFORMAT = PARQUET"
    with pytest.raises(ServerOperationError, match="COPY_INTO_SCHEMA_MISMATCH_WITH_TARGET_TABLE"):
        run(copy)
    run(f"{copy} COPY_OPTIONS ('mergeSchema' = 'true')")
    assert run("SELECT id, v FROM narrow ORDER BY id") == [(1, "a"), (2, "b")]


def test_a_column_that_the_file_lacks_is_null(run: Run, put: Callable[[str, object], str]) -> None:
    run("CREATE TABLE wide (id BIGINT, more STRING, v STRING)")
    folder = put("one.parquet", two())
    run(f"COPY INTO wide FROM '{folder}' FILEFORMAT = PARQUET")
    assert run("SELECT * FROM wide ORDER BY id") == [(1, None, "a"), (2, None, "b")]


def test_a_type_that_does_not_fit(run: Run, put: Callable[[str, object], str]) -> None:
    run("CREATE TABLE misfit (id BIGINT, v INT)")
    folder = put("one.parquet", two())
    with pytest.raises(ServerOperationError, match="DELTA_FAILED_TO_MERGE_FIELDS"):
        run(f"COPY INTO misfit FROM '{folder}' FILEFORMAT = PARQUET")


def test_json_lines(run: Run, put: Callable[[str, object], str]) -> None:
    run("CREATE TABLE from_json (id BIGINT, t TIMESTAMP, d DECIMAL(10, 2), b BOOLEAN, s STRING)")
    folder = put(
        "one.jsonl",
        '{"id": 1, "t": "2024-01-02T03:04:05.000000Z", "d": 1.25, "b": true, "s": "x"}\n{"id": 2, "s": null}\n',
    )
    run(f"COPY INTO from_json FROM '{folder}' FILEFORMAT = JSON FORMAT_OPTIONS ('inferTimestamp' = 'true')")
    found = run("SELECT id, t, CAST(d AS STRING), b, s FROM from_json ORDER BY id")
    when = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found == [(1, when, "1.25", True, "x"), (2, None, None, None, None)]


def test_csv_with_a_query_that_casts(run: Run, put: Callable[[str, object], str]) -> None:
    run("CREATE TABLE from_csv (n INT, doubled INT)")
    folder = put("one.csv", "n;m\n1;x\n2;y\n")
    run(
        f"COPY INTO from_csv FROM (SELECT CAST(n AS INT) AS n, CAST(n AS INT) * 2 AS doubled FROM '{folder}')"
        " FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true', 'sep' = ';')"
    )
    assert run("SELECT * FROM from_csv ORDER BY n") == [(1, 2), (2, 4)]


def test_files_and_pattern_choose(run: Run, put: Callable[[str, object], str]) -> None:
    run("CREATE TABLE chosen (id BIGINT, v STRING)")
    put("a.parquet", two())
    put("b.parquet", two(10))
    folder = put("_hidden.parquet", two(20))
    run(f"COPY INTO chosen FROM '{folder}' FILEFORMAT = PARQUET FILES = ('a.parquet')")
    assert run("SELECT id FROM chosen ORDER BY id") == [(1,), (2,)]
    run(f"COPY INTO chosen FROM '{folder}' FILEFORMAT = PARQUET PATTERN = 'b*'")
    assert run("SELECT max(id) FROM chosen") == [(11,)]
    assert run(f"COPY INTO chosen FROM '{folder}' FILEFORMAT = PARQUET")[0][0] == 0


def test_what_is_not_there(run: Run, put: Callable[[str, object], str]) -> None:
    folder = put("one.parquet", two())
    run("CREATE TABLE waiting (id BIGINT, v STRING)")
    with pytest.raises(ServerOperationError, match=r"PATH_NOT_FOUND|COPY_INTO"):
        run(f"COPY INTO waiting FROM '{folder}/nothing' FILEFORMAT = PARQUET")
    with pytest.raises(ServerOperationError, match="TABLE_OR_VIEW_NOT_FOUND"):
        run(f"COPY INTO never_made FROM '{folder}' FILEFORMAT = PARQUET")


def test_a_store_without_an_endpoint_is_refused_and_its_credentials_are_not_told(own_place: Place) -> None:
    own_place.run("CREATE TABLE t (a INT)")
    credentials = "WITH (CREDENTIAL (AWS_ACCESS_KEY = 'geheim1', AWS_SECRET_KEY = 'geheim2'))"
    for end in ("FILEFORMAT = PARQUET", "NOT SQL"):
        with pytest.raises(ServerOperationError) as refusal:
            own_place.run(f"COPY INTO t FROM 's3://b/x' {credentials} {end}")
        assert "geheim" not in str(refusal.value)

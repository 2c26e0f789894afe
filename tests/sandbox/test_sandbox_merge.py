from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from databricks.sql.exc import ServerOperationError

Run = Callable[[str], list[tuple[Any, ...]]]
TWO = "(SELECT 1 AS id, 'x' AS v UNION ALL SELECT 1, 'y')"


@pytest.fixture
def target(run: Run) -> str:
    run("CREATE OR REPLACE TABLE target (id INT, v STRING)")
    run("INSERT INTO target VALUES (1, 'a'), (2, 'b')")
    return "target"


def test_rows_are_updated_inserted_and_deleted_in_one_statement(run: Run, target: str) -> None:
    counted = run(
        "MERGE INTO target t USING (SELECT * FROM VALUES (1, 'A', false), (2, 'B', true), (3, 'C', false)"
        " AS s(id, v, gone)) s ON t.id = s.id"
        " WHEN MATCHED AND s.gone THEN DELETE"
        " WHEN MATCHED THEN UPDATE SET t.v = s.v"
        " WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)"
    )
    assert counted == [(3, 1, 1, 1)]
    assert run("SELECT * FROM target ORDER BY id") == [(1, "A"), (3, "C")]


def test_stars_go_by_name(run: Run, target: str) -> None:
    run(
        "MERGE INTO target USING (SELECT 'Z' AS v, 2 AS id UNION ALL SELECT 'N', 4) s ON target.id = s.id"
        " WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )
    assert run("SELECT * FROM target ORDER BY id") == [(1, "a"), (2, "Z"), (4, "N")]


def test_rows_that_the_source_lacks_can_be_deleted(run: Run, target: str) -> None:
    run(
        "MERGE INTO target t USING (SELECT 1 AS id) s ON t.id = s.id WHEN NOT MATCHED BY SOURCE AND t.v = 'b' THEN DELETE"
    )
    assert run("SELECT * FROM target") == [(1, "a")]


@pytest.mark.parametrize(
    "action", ["UPDATE SET v = s.v", "DELETE WHEN NOT MATCHED THEN INSERT *", "UPDATE SET *"]
)
def test_two_source_rows_for_one_target_row(run: Run, target: str, action: str) -> None:
    merge = f"MERGE INTO target t USING {TWO} s ON t.id = s.id WHEN MATCHED THEN {action}"
    if action.startswith("DELETE"):
        run(merge)
        assert run("SELECT id FROM target") == [(2,)]
        return
    with pytest.raises(ServerOperationError, match="DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE"):
        run(merge)
    assert run("SELECT * FROM target ORDER BY id") == [(1, "a"), (2, "b")]


def test_a_condition_decides_whether_rows_are_too_many(run: Run, target: str) -> None:
    merge = (
        f"MERGE INTO target t USING {TWO} s ON t.id = s.id WHEN MATCHED AND s.v = 'y' THEN UPDATE SET v = s.v"
    )
    run(merge)
    assert run("SELECT v FROM target WHERE id = 1") == [("y",)]
    with pytest.raises(ServerOperationError, match="DELTA_MULTIPLE_SOURCE_ROW"):
        run(merge.replace("s.v = 'y'", "s.v > 'a'"))


def test_deleting_on_a_condition_is_not_harmless(run: Run, target: str) -> None:
    merge = f"MERGE INTO target t USING {TWO} s ON t.id = s.id WHEN MATCHED AND s.v > 'a' THEN DELETE"
    with pytest.raises(ServerOperationError, match="DELTA_MULTIPLE_SOURCE_ROW"):
        run(merge)
    assert run("SELECT count(*) FROM target") == [(2,)]


def test_two_source_rows_without_a_target_row_are_two_new_rows(run: Run, target: str) -> None:
    run(
        "MERGE INTO target t USING (SELECT 7 AS id, 'x' AS v UNION ALL SELECT 7, 'y') s ON t.id = s.id"
        " WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )
    assert run("SELECT count(*) FROM target WHERE id = 7") == [(2,)]


def test_a_source_may_be_a_table_with_the_name_in_full(run: Run, target: str) -> None:
    run("CREATE OR REPLACE TABLE source (id INT, v STRING)")
    run("INSERT INTO source VALUES (2, 'S')")
    catalog, schema = run("SELECT current_catalog(), current_schema()")[0]
    full = f"`{catalog}`.`{schema}`"
    run(
        f"MERGE INTO {full}.`target` USING {full}.`source` ON {full}.`target`.id = {full}.`source`.id"
        f" WHEN MATCHED THEN UPDATE SET v = {full}.`source`.v"
    )
    assert run("SELECT v FROM target WHERE id = 2") == [("S",)]

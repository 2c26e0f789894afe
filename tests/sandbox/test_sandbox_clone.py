from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from databricks.sql.exc import ServerOperationError

Run = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def original(run: Run) -> None:
    run("CREATE OR REPLACE TABLE original (id INT NOT NULL COMMENT 'c', v STRING) TBLPROPERTIES ('p' = 'q')")
    run("COMMENT ON TABLE original IS 'not cloned'")
    run("INSERT INTO original VALUES (1, 'a')")


@pytest.mark.parametrize("kind", ["", "DEEP ", "SHALLOW "])
def test_a_clone_has_rows_columns_and_properties_of_its_own(run: Run, original: None, kind: str) -> None:
    run("DROP TABLE IF EXISTS copied")
    run(f"CREATE TABLE copied {kind}CLONE original")
    run("INSERT INTO copied VALUES (2, 'b')")
    assert run("SELECT * FROM copied ORDER BY id") == [(1, "a"), (2, "b")]
    assert run("SELECT count(*) FROM original") == [(1,)]
    assert ("p", "q") in run("SHOW TBLPROPERTIES copied")
    assert run("DESCRIBE copied")[0] == ("id", "int", "c")
    with pytest.raises(ServerOperationError, match="NOT_NULL"):
        run("INSERT INTO copied VALUES (NULL, 'c')")


def test_a_clone_replaces_what_was_there(run: Run, original: None) -> None:
    run("CREATE OR REPLACE TABLE replaced (other DOUBLE)")
    run("CREATE OR REPLACE TABLE replaced CLONE original")
    assert run("SELECT * FROM replaced") == [(1, "a")]
    with pytest.raises(ServerOperationError, match="TABLE_OR_VIEW_ALREADY_EXISTS"):
        run("CREATE TABLE replaced CLONE original")
    run("CREATE TABLE IF NOT EXISTS replaced CLONE original")


def test_what_does_not_exist_is_not_cloned(run: Run) -> None:
    with pytest.raises(ServerOperationError, match="TABLE_OR_VIEW_NOT_FOUND"):
        run("CREATE TABLE never CLONE nowhere_to_be_found")

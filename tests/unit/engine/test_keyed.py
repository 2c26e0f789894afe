"""Rows without a key are refused where they would be merged: dlt would leave one of them, and drop the others without a word."""

from __future__ import annotations

import pytest

from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import FileResource, Mode, TableResource
from tests.support.workbench import Workbench

BY_T = TableResource(name="orders", mode=Mode.MERGE, primary_key=("T",), cursor_field="at")


def code(bench: Workbench, resource: TableResource | FileResource) -> str:
    with pytest.raises(DatabridgeError) as refused:
        bench.load(resource)
    return refused.value.diagnostics[0].code


def test_rows_of_a_table(bench: Workbench) -> None:
    bench.sqlite("CREATE TABLE orders (T INTEGER, at INTEGER); INSERT INTO orders VALUES (1, 1)")
    bench.load(BY_T)
    bench.sqlite("INSERT INTO orders VALUES (NULL, 2), (NULL, 2)")
    assert code(bench, BY_T) == "DB537"
    assert bench.rows("orders") == [(1, 1)]
    bench.load(TableResource(name="orders", mode=Mode.INCREMENTAL, primary_key=("T",), cursor_field="at"))
    assert bench.rows("orders") == [(1, 1), (None, 2), (None, 2)]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "T,v\n1,1\n,2\n,3\n"), ("a.jsonl", '{"T": 1, "v": 1}\n{"v": 2}\n{"T": null, "v": 3}\n')],
)
def test_rows_of_files(bench: Workbench, name: str, content: str) -> None:
    bench.landing(f"in/{name}", content)
    merged = FileResource(name="orders", glob="in/*", mode=Mode.MERGE, primary_key=("t",))
    assert code(bench, merged) == "DB537"


def test_a_file_without_the_column(bench: Workbench) -> None:
    bench.landing("in/a.csv", "v\n1\n")
    assert code(bench, FileResource(name="o", glob="in/*", mode=Mode.MERGE, primary_key=("t",))) == "DB537"

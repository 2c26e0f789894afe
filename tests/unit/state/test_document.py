"""A ledger or run record is read as it was written, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import JsonValue

from databridge.model.destination import DuckDbDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.ledger import Ledger, PipelineRecord, ResourceRecord
from databridge.model.run import RunRecord
from databridge.state.document import encode
from databridge.state.local import LocalStore

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path, project="demo", target="dev")


@pytest.fixture
def file(store: LocalStore) -> Path:
    """A ledger's file, as the store itself writes it."""
    destination = DuckDbDestination(type="duckdb", path="w.duckdb")
    main = PipelineRecord(
        dlt_name="sales_main",
        schema_name="sales_main",
        destination=destination,
        dataset="raw",
        spec={"n": 1, "é": [None, 1.5]},
        resources={"ORDERS": ResourceRecord(spec={"kind": "table"})},
    )
    ledger = Ledger(project="demo", target="dev", stack="sales", lineage="l", pipelines={"main": main})
    store.write_ledger(ledger, expected=None)
    return store.folder / "sales" / "ledger.json"


def refusal(store: LocalStore) -> DatabridgeError:
    with pytest.raises(DatabridgeError) as caught:
        store.ledger("sales")
    return caught.value


def edit(file: Path, change: Callable[[dict[str, JsonValue]], object]) -> None:
    fields = json.loads(file.read_text())
    change(fields)
    file.write_text(json.dumps(fields))


def test_the_file_is_json_for_people_that_names_its_format_and_every_default(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    fields = json.loads(text)
    assert next(iter(fields)) == "format_version"
    assert fields["format_version"] == 1
    assert fields["pipelines"]["main"]["resources"]["ORDERS"]["lifecycle"] == {
        "prevent_reset": False,
        "prevent_drop": False,
        "when_removed": "keep",
        "copy_before_load": False,
    }
    assert '"é"' in text
    assert text.count("\n") > 20


def test_no_beginning_of_a_ledger_is_a_ledger(store: LocalStore, file: Path) -> None:
    whole = file.read_bytes()
    for length in range(len(whole) - 1):  # all but the last brace, and all but the line's end
        if whole[:length] + b"\n" == whole:
            continue
        file.write_bytes(whole[:length])
        problem = refusal(store).diagnostics[0]
        assert problem.code == "DB403", f"cut after {length} bytes"
        assert str(file) in problem.detail


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"[]", b"null", b"\xff\xfe", b"{}"])
def test_what_is_no_ledger_is_refused(store: LocalStore, file: Path, content: bytes) -> None:
    file.write_bytes(content)

    problem = refusal(store).diagnostics[0]

    assert (problem.code, problem.summary) == ("DB403", "Can't read the ledger of stack sales")
    assert "databridge plan" in problem.hint


def test_a_field_that_is_wrong_is_named_without_its_value(store: LocalStore, file: Path) -> None:
    edit(file, lambda fields: fields.update(spec_serial="hush"))

    problem = refusal(store).diagnostics[0]

    assert problem.code == "DB403"
    assert "spec_serial" in problem.detail
    assert "hush" not in problem.detail


@pytest.mark.parametrize("extra", [{}, {"of_tomorrow": 1}], ids=["same fields", "more fields"])
def test_a_newer_format_is_refused(store: LocalStore, file: Path, extra: dict[str, JsonValue]) -> None:
    edit(file, lambda fields: fields.update({"format_version": 2} | extra))

    problem = refusal(store).diagnostics[0]

    assert problem.code == "DB404"
    assert "version 2" in problem.summary
    assert "version 1" in problem.detail


@pytest.mark.parametrize("place", ["project", "target", "stack"])
def test_a_ledger_of_another_place_is_refused(store: LocalStore, file: Path, place: str) -> None:
    edit(file, lambda fields: fields.update({place: "elsewhere"}))

    problem = refusal(store).diagnostics[0]

    assert problem.code == "DB405"
    assert "elsewhere" in problem.detail


def test_a_damaged_ledger_is_not_written_over(store: LocalStore, file: Path) -> None:
    file.write_bytes(b"{")
    new = Ledger(project="demo", target="dev", stack="sales", lineage="l2")

    with pytest.raises(DatabridgeError, match="DB403"):
        store.write_ledger(new, expected=None)

    assert file.read_bytes() == b"{"


def test_a_ledger_that_may_not_be_read_is_an_error(store: LocalStore, file: Path) -> None:
    file.unlink()
    file.mkdir()

    problem = refusal(store).diagnostics[0]

    assert problem.code == "DB403"
    assert "is a directory" in problem.detail


def test_a_damaged_run_record_is_an_error(store: LocalStore) -> None:
    record = RunRecord(
        run_id="r1",
        project="demo",
        target="dev",
        operation="apply",
        who="ada@desk",
        started_at=NOON,
        finished_at=NOON,
        exit_code=0,
    )
    store.record_run(record)
    (store.folder / "_runs" / "r1.json").write_bytes(encode(record)[:-9])

    for read in (lambda: store.run("r1"), lambda: store.runs(newest=1)):
        with pytest.raises(DatabridgeError, match="DB408 Can't read the record of run r1"):
            read()


def test_a_store_that_can_not_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file where a folder should be")
    store = LocalStore(tmp_path, project="demo", target="dev")

    with pytest.raises(DatabridgeError) as caught:
        store.write_ledger(Ledger(project="demo", target="dev", stack="a", lineage="l"), expected=None)

    problem = caught.value.diagnostics[0]
    assert problem.code == "DB410"
    assert str(tmp_path / "demo") in problem.detail


@pytest.mark.parametrize("name", ["", "..", "_runs", "a/b", "."])
def test_no_store_lies_outside_of_its_root(tmp_path: Path, name: str) -> None:
    for names in ({"project": name, "target": "dev"}, {"project": "demo", "target": name}):
        with pytest.raises(ValueError, match="name of a folder"):
            LocalStore(tmp_path, **names)

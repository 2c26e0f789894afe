"""A filesystem destination: the file names decide."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from databridge.locations.filesystem import completed_in, read_dataset
from databridge.locations.folder import LocalFolder
from databridge.locations.stored import PlaceUnreadable, StoredSchema, StoredState


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "lake" / "raw"
    for name in ("_dlt_pipeline_state", "_dlt_version", "_dlt_loads"):
        (folder / name).mkdir(parents=True)
    (folder / "_dlt_loads" / "other__9.5.jsonl").touch()
    return folder


def put(dataset: Path, name: str, **fields: object) -> None:
    (dataset / name).write_text(json.dumps(fields))


def test_no_dataset(tmp_path: Path, dataset: Path) -> None:
    assert read_dataset(LocalFolder(tmp_path / "lake" / "none")) is None
    assert completed_in(LocalFolder(tmp_path / "lake" / "none"), "a", ["1"]) == frozenset()
    found = read_dataset(LocalFolder(dataset))
    assert found is not None
    assert (found.states, found.schemas) == ({}, {})


def test_which_tables_hold_rows(dataset: Path) -> None:
    for name in ("orders", "empty"):
        (dataset / name).mkdir()
    (dataset / "orders" / "1.5.abc.parquet").touch()
    (dataset / "init").touch()
    put(dataset, "_dlt_loads/a__1.5.jsonl")
    found = read_dataset(LocalFolder(dataset))
    assert found is not None
    assert found.filled == {"orders"}


def test_the_greatest_load_id_wins_and_names_may_hold_the_separator(dataset: Path) -> None:
    put(dataset, "_dlt_pipeline_state/a__1.5__00.jsonl", state="a1")
    put(dataset, "_dlt_pipeline_state/a__3.5__00.jsonl", state="a3")
    put(dataset, "_dlt_pipeline_state/a__2.5__00.jsonl", state="a2")
    put(dataset, "_dlt_pipeline_state/a__b__9.5__00.jsonl", state="ab")
    put(dataset, "_dlt_pipeline_state/stray.jsonl", state="no")
    (dataset / "_dlt_pipeline_state" / "init").touch()
    found = read_dataset(LocalFolder(dataset))
    assert found is not None
    assert found.states == {"a": StoredState("a3", "3.5"), "a__b": StoredState("ab", "9.5")}


def test_a_state_newer_than_every_complete_load_does_not_count(dataset: Path) -> None:
    put(dataset, "_dlt_pipeline_state/a__1.5__00.jsonl", state="a1")
    put(dataset, "_dlt_pipeline_state/a__9.6__00.jsonl", state="of a load that died")
    found = read_dataset(LocalFolder(dataset))
    assert found is not None
    assert found.states == {"a": StoredState("a1", "1.5")}


def test_without_any_complete_load_no_state_counts(dataset: Path) -> None:
    put(dataset, "_dlt_pipeline_state/a__1.5__00.jsonl", state="a1")
    (dataset / "_dlt_loads" / "other__9.5.jsonl").unlink()
    found = read_dataset(LocalFolder(dataset))
    assert found is not None
    assert (found.states, found.loads) == ({}, {})


def test_states_of_others_are_not_even_opened(dataset: Path) -> None:
    put(dataset, "_dlt_pipeline_state/a__1.5__00.jsonl", state="a1")
    (dataset / "_dlt_pipeline_state" / "b__1.5__00.jsonl").write_text("damaged")
    found = read_dataset(LocalFolder(dataset), pipelines={"a"})
    assert found is not None
    assert list(found.states) == ["a"]


def test_schemas(dataset: Path) -> None:
    put(dataset, "_dlt_version/a__1.5__ff.jsonl", schema="{1}")
    put(dataset, "_dlt_version/a__2.5__00ff10.jsonl", schema="{2}")
    without, with_ = read_dataset(LocalFolder(dataset)), read_dataset(LocalFolder(dataset), with_schemas=True)
    assert without is not None
    assert with_ is not None
    assert without.schemas == {"a": StoredSchema("AP8Q")}
    assert with_.schemas == {"a": StoredSchema("AP8Q", "{2}")}


@pytest.mark.parametrize("content", ["", '{"state": ', "{}", '{"state": 3}', "[]"])
def test_a_file_cut_off_while_it_was_written_is_named(dataset: Path, content: str) -> None:
    (dataset / "_dlt_pipeline_state" / "a__1.5__00.jsonl").write_text(content)
    with pytest.raises(PlaceUnreadable, match=r"a__1\.5__00\.jsonl is damaged"):
        read_dataset(LocalFolder(dataset))


def test_a_dataset_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "raw").touch()
    with pytest.raises(PlaceUnreadable, match="it can't be read: Not a directory"):
        read_dataset(LocalFolder(tmp_path / "raw"))
    with pytest.raises(PlaceUnreadable, match="it can't be read: Not a directory"):
        completed_in(LocalFolder(tmp_path / "raw"), "a", ["1"])


def test_completed_loads(dataset: Path) -> None:
    put(dataset, "_dlt_loads/a__1.5.jsonl")
    put(dataset, "_dlt_loads/b__2.5.jsonl")
    assert completed_in(LocalFolder(dataset), "a", ["1.5", "2.5"]) == {"1.5"}

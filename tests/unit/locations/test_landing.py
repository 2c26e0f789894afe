"""A look at landing files: what counts as new, and when nothing is said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from databridge.locations import landing
from databridge.locations.landing import landing_files, look_at_files
from databridge.model.recorded import FileMark, ResourceState, SourceLook
from databridge.model.resource import FileResource
from databridge.model.source import FilesystemSource

SOURCE = FilesystemSource(type="filesystem", bucket_url="file://landing")
NOON = datetime(2024, 5, 31, 12, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        "flights/a.csv",
        "flights/b.csv",
        "flights/2024/c.csv",
        "flights/.hidden.csv",
        "other/d.csv",
    ):
        file = tmp_path / "landing" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("12345")
        os.utime(file, (NOON.timestamp(), NOON.timestamp()))
    return tmp_path


def resource(glob: str = "flights/*.csv") -> FileResource:
    return FileResource(name="flights", glob=glob)


def look(project: Path, asked: FileResource, known: ResourceState | None = None) -> SourceLook | None:
    return look_at_files(SOURCE, asked, known, root=project, deadline=60)


def seen(**files: FileMark) -> ResourceState:
    return ResourceState("flights", files={f"{name}.csv": mark for name, mark in files.items()})


def test_all_files_are_new_at_first(project: Path) -> None:
    assert look(project, resource()) == SourceLook(new_files=2)
    assert look(project, resource("flights/**/*.csv")) == SourceLook(new_files=3)
    assert look(project, resource("**")) == SourceLook(new_files=4)
    assert look(project, resource("flights/none-*")) == SourceLook()


def test_known_files_are_not_new_and_changed_ones_are_told_apart(project: Path) -> None:
    same, resized = FileMark.of(5, NOON), FileMark.of(4, NOON)
    touched = FileMark.of(5, NOON.replace(second=1))
    assert look(project, resource(), seen(a=same, b=same)) == SourceLook()
    assert look(project, resource(), seen(a=same, gone=same)) == SourceLook(new_files=1)
    assert look(project, resource(), seen(a=resized, b=touched)) == SourceLook(changed_files=2)


def test_no_folder_is_unknown_not_empty(project: Path) -> None:
    assert look(project, resource("none/*.csv")) is None
    assert look(project, resource("flights/a.csv/*")) is None
    elsewhere = FilesystemSource(type="filesystem", bucket_url="s3://bucket")
    assert look_at_files(elsewhere, resource(), None, root=project, deadline=60) is None


def test_a_look_that_takes_too_long_is_unknown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_at_files(SOURCE, resource(), None, root=project, deadline=0) is None
    idle = Thread(target=lambda: None)  # stands for a folder that never answers
    monkeypatch.setattr("databridge.locations.landing.Thread", lambda **_: idle)
    assert look_at_files(SOURCE, resource(), None, root=project, deadline=0.01) is None


def test_a_look_that_nobody_waits_for_any_more_stops() -> None:
    def files() -> Iterator[tuple[str, FileMark]]:
        yield "a.csv", FileMark.of(5, NOON)
        pytest.fail("went on")

    assert landing._compared(files(), {}, give_up=0) is None


def test_marks_are_written_in_one_way(project: Path) -> None:
    files = dict(landing_files(str(project / "landing"), "./flights//*.csv"))
    assert files == {name: FileMark(5, "2024-05-31T12:00:00.000000+00:00") for name in ("a.csv", "b.csv")}


def test_keys_start_at_the_glob_s_root(project: Path) -> None:
    folder = str(project / "landing")
    keys = {
        pattern: {key for key, _ in landing_files(folder, pattern)}
        for pattern in ("flights/*/*", "f*/*/*", "other/d.csv")
    }
    assert keys == {"flights/*/*": {"2024/c.csv"}, "f*/*/*": {"flights/2024/c.csv"}, "other/d.csv": {"d.csv"}}


def test_wildcards_in_the_folder_s_own_name_and_dead_links(project: Path) -> None:
    odd = project / "land[1]*"
    odd.mkdir()
    (odd / "a.csv").write_text("1")
    (odd / "dead.csv").symlink_to(odd / "nowhere")
    (odd / "alive.csv").symlink_to(odd / "a.csv")
    assert {key for key, _ in landing_files(str(odd), "*.csv")} == {"a.csv", "alive.csv"}


def test_a_name_that_is_no_text_is_known_again(tmp_path: Path) -> None:
    folder = tmp_path / "landing" / "flights"
    folder.mkdir(parents=True)
    for name in (b"b\xff.csv", "ü.csv".encode()):
        file = os.path.join(os.fsencode(folder), name)  # noqa: PTH118 - bytes
        Path(os.fsdecode(file)).write_text("12345")
        os.utime(file, (NOON.timestamp(), NOON.timestamp()))
    known = ResourceState(
        "flights", files={"b\\xff.csv": FileMark.of(5, NOON), "ü.csv": FileMark.of(5, NOON)}
    )
    assert look(tmp_path, resource(), known) == SourceLook()

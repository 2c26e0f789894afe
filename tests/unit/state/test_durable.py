"""Files are written whole, with the rights that the user's umask leaves, and nothing is left beside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from databridge.state.durable import append_line, make_folder, replace_file, write_all
from databridge.state.failpoint import VARIABLE, failpoint


def test_a_shorter_content_replaces_a_longer_one(tmp_path: Path) -> None:
    file = tmp_path / "f"
    replace_file(file, b"long content", torn="x")
    replace_file(file, b"short", torn="x")

    assert file.read_bytes() == b"short"
    assert list(tmp_path.iterdir()) == [tmp_path / "f"]


def test_what_a_killed_writer_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "f.tmp").write_bytes(b"half of something long")
    replace_file(tmp_path / "f", b"new", torn="x")

    assert (tmp_path / "f").read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [tmp_path / "f"]


def test_a_reader_keeps_the_old_content(tmp_path: Path) -> None:
    file = tmp_path / "f"
    replace_file(file, b"old", torn="x")
    with file.open("rb") as reader:
        replace_file(file, b"new", torn="x")
        assert reader.read() == b"old"


def test_lines_are_added(tmp_path: Path) -> None:
    append_line(tmp_path / "f", b"one\n", torn="x")
    append_line(tmp_path / "f", b"two\n", torn="x")

    assert (tmp_path / "f").read_bytes() == b"one\ntwo\n"


def test_folders_are_made_with_those_above(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")

    assert (tmp_path / "a" / "b").is_dir()


def test_the_umask_decides_who_may_read(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "f", b"x", torn="x")
    finally:
        os.umask(before)

    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o640


def test_a_pipe_that_takes_little_at_a_time_gets_all() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, True)
    content = b"x" * 50_000
    write_all(writer, content)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        assert file.read() == content


def test_a_failpoint_of_another_name_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "other")
    failpoint("this")
    monkeypatch.delenv(VARIABLE)
    failpoint("this")

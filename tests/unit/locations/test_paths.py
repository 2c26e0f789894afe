"""One text means one place, for readers and writers alike."""

from __future__ import annotations

import pytest

from databridge.model.diagnostic import DatabridgeError
from databridge.model.paths import glob_root, local_folder, resolve_path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("data/a.db", "/project/data/a.db"),
        ("./a.db", "/project/a.db"),
        ("../a.db", "/a.db"),
        ("/x/a.db", "/x/a.db"),
    ],
)
def test_relative_paths_start_at_the_project(text: str, path: str) -> None:
    assert resolve_path("/project", text) == path


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("file://data/lake", "/project/data/lake"),
        ("file://./lake/", "/project/lake"),
        ("file:///data/lake", "/data/lake"),
        ("data/lake", "/project/data/lake"),
        ("/data/my lake", "/data/my lake"),
        ("file://data/100%20", "/project/data/100%20"),
    ],
)
def test_a_bucket_is_a_folder(url: str, folder: str) -> None:
    assert local_folder("/project", url) == folder


def test_other_buckets_are_refused() -> None:
    with pytest.raises(DatabridgeError, match="`s3://` can't be read yet"):
        local_folder("/project", "s3://bucket/lake")


@pytest.mark.parametrize(
    ("glob", "root"),
    [
        ("flights/*", "flights"),
        ("a/b/2024-*/x.csv", "a/b"),
        ("*.csv", ""),
        ("**/*.csv", ""),
        ("flights/2013.csv", "flights"),
        ("2013.csv", ""),
        ("a/[bc]/d", "a"),
        ("a/b?/d", "a"),
        ("./a//b/*", "a/b"),
    ],
)
def test_a_glob_is_rooted_before_its_first_wildcard(glob: str, root: str) -> None:
    assert glob_root(glob) == root

"""A glob of ours means the files that dlt lists for it."""

from __future__ import annotations

import os
from datetime import UTC

import pytest
from dlt.sources.filesystem import filesystem

from databridge.locations.landing import landing_files
from tests.support.dltproject import DltProject

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


GLOBS = [
    "*",
    "*.csv",
    "**",
    "**/*.csv",
    "a/*",
    "a/**",
    "a/b/c.csv",
    "?/*.csv",
    "[ab]/*",
    "a/[!b]*",
    "**/b/*",
    "./a//*.csv",
]
GLOBS += ["a*/**/*", ".h/*", "**/.h/*", "none*", "a/b", "a/**/", "**/c.*", "ü*", "a/[[]x].csv"]


@pytest.mark.parametrize("glob", GLOBS)
def test_a_glob_means_the_files_that_dlt_lists(dlt_project: DltProject, glob: str) -> None:
    bucket = dlt_project.root / "data" / "landing"
    names = [
        "1.csv",
        "2.txt",
        "ü.csv",
        ".x.csv",
        ".h/3.csv",
        "a/4.csv",
        "a/[x].csv",
        "a/b/c.csv",
        "a/b/d e.txt",
        "a/.h/5.csv",
    ]
    for number, name in enumerate([*names, "ab/b/6.csv"]):
        file = bucket / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x" * number)
        os.utime(file, ns=(0, 1_716_000_000_123_456_789 + number * 987_654_321_987))
    (bucket / "link").symlink_to(bucket / "a")
    items = [
        item
        for item in filesystem(bucket.as_uri(), file_glob=glob)
        if (bucket / item["relative_path"]).is_file()
    ]
    theirs = {
        item["relative_path"]: (
            item["size_in_bytes"],
            item["modification_date"].astimezone(UTC).isoformat(timespec="microseconds"),
        )
        for item in items
    }
    ours = {key: (mark.size, mark.modified) for key, mark in landing_files(str(bucket), glob)}
    assert len(ours) == len(theirs)
    assert sorted(ours.values()) == sorted(theirs.values())
    assert all(any(path.endswith(key) for path in theirs) for key in ours)

"""Files that dlt's own `filesystem` has listed count as loaded, up to the last one; a doubt about that stops the adoption."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from databridge.engine.loadedfiles import marks_of_loaded
from databridge.model.amendment import CountFiles
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import FileMark
from databridge.model.source import FilesystemSource
from tests.support.builders import files

LAST = datetime(2024, 1, 2, 8, 15, 0, 123456, tzinfo=UTC)
VISITS = CountFiles(
    resource=files("visits", glob="visits/*.csv"),
    source=FilesystemSource(type="filesystem", bucket_url="file://landing"),
    listing="filesystem_visits",
)


def put(root: Path, name: str, written: datetime) -> None:
    file = root / "landing" / "visits" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("abc")
    os.utime(file, ns=(0, int(written.timestamp()) * 10**9 + written.microsecond * 1000))


def listed(last: object = LAST, hashes: int = 1) -> dict[str, object]:
    cursor = {"last_value": last, "unique_hashes": [str(n) for n in range(hashes)]}
    return {"filesystem_visits": {"incremental": {"modification_date": cursor}}}


def test_what_was_written_until_then_is_loaded(tmp_path: Path) -> None:
    put(tmp_path, "old.csv", LAST - timedelta(days=3))
    put(tmp_path, "last.csv", LAST)
    put(tmp_path, "new.csv", LAST + timedelta(microseconds=1))
    put(tmp_path, "other.txt", LAST)
    assert marks_of_loaded(VISITS, listed(), tmp_path) == {
        "old.csv": [3, FileMark.of(3, LAST - timedelta(days=3)).modified],
        "last.csv": [3, FileMark.of(3, LAST).modified],
    }


def test_a_file_more_of_that_moment_may_be_loaded_or_not(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path, f"{number}.csv", LAST)
    with pytest.raises(
        DatabridgeError, match=r"2 of those written at 2024-01-02 08:15:00.123456.*, and 3 of that"
    ):
        marks_of_loaded(VISITS, listed(hashes=2), tmp_path)


def test_where_the_last_one_is_gone_a_newer_one_may_be_its_copy(tmp_path: Path) -> None:
    put(tmp_path, "old.csv", LAST - timedelta(days=3))
    assert list(marks_of_loaded(VISITS, listed(), tmp_path)) == ["old.csv"]
    put(tmp_path, "copy.csv", LAST + timedelta(days=3))
    with pytest.raises(DatabridgeError, match="0 of that moment and 1 newer ones"):
        marks_of_loaded(VISITS, listed(), tmp_path)


@pytest.mark.parametrize("resources", [{}, listed(None), {"filesystem_visits": {}}])
def test_a_listing_that_is_gone_tells_nothing(tmp_path: Path, resources: dict[str, object]) -> None:
    put(tmp_path, "1.csv", LAST)
    with pytest.raises(DatabridgeError, match="no longer knows how far `filesystem_visits` came"):
        marks_of_loaded(VISITS, resources, tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DatabridgeError, match="DB523"):
        marks_of_loaded(VISITS, listed(), tmp_path)

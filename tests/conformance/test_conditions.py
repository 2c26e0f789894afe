"""What a cloud has to do for a store to be safe in it: tests of the emulators themselves, with nothing of ours in between.

A cloud that fails one of these proves nothing about our locks.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from obstore.exceptions import AlreadyExistsError, PreconditionError
from obstore.store import MemoryStore

from databridge.buckets.cloud import open_bucket
from databridge.state.refusal import refusal
from tests.support.buckets import Cloud

if TYPE_CHECKING:
    from obstore import UpdateVersion
    from obstore.store import ObjectStore

RIVALS = 6


@pytest.fixture(params=["memory", "s3", "azure", "google"])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    if request.param == "memory":
        return MemoryStore()
    cloud: Cloud = request.getfixturevalue(request.param)
    return open_bucket(cloud.enter(monkeypatch).bucket(""), refusal)


@pytest.fixture
def path() -> str:
    return f"conditions/{uuid4().hex}"


def version(bucket: ObjectStore, path: str) -> UpdateVersion:
    meta = bucket.head(path)
    found: UpdateVersion = {}
    if e_tag := meta["e_tag"]:
        found["e_tag"] = e_tag
    if number := meta["version"]:
        found["version"] = number
    return found


def wins(put: Callable[[bytes], object]) -> list[bytes]:
    """Those of several at once whose write was taken."""

    def attempt(content: bytes) -> bool:
        try:
            put(content)
        except (AlreadyExistsError, PreconditionError):
            return False
        return True

    contents = [f"rival {number}".encode() for number in range(RIVALS)]
    with ThreadPoolExecutor(RIVALS) as pool:
        return [content for content, won in zip(contents, pool.map(attempt, contents), strict=True) if won]


def test_what_is_there_is_not_created_again(bucket: ObjectStore, path: str) -> None:
    bucket.put(path, b"first", mode="create")

    with pytest.raises(AlreadyExistsError):
        bucket.put(path, b"second", mode="create")

    assert bytes(bucket.get(path).bytes()) == b"first"


def test_what_was_changed_is_not_written_over(bucket: ObjectStore, path: str) -> None:
    bucket.put(path, b"first", mode="create")
    seen = version(bucket, path)
    bucket.put(path, b"second", mode=seen)

    with pytest.raises(PreconditionError):
        bucket.put(path, b"third", mode=seen)

    assert bytes(bucket.get(path).bytes()) == b"second"


def test_what_is_not_there_is_not_written_over(bucket: ObjectStore, path: str) -> None:
    bucket.put(path, b"first", mode="create")
    seen = version(bucket, path)

    with pytest.raises(PreconditionError):
        bucket.put(f"{path}-other", b"second", mode=seen)


def test_of_many_that_create_one_wins(bucket: ObjectStore, path: str) -> None:
    for turn in range(5):
        (winner,) = wins(partial(bucket.put, f"{path}-{turn}", mode="create"))

        assert bytes(bucket.get(f"{path}-{turn}").bytes()) == winner


def test_of_many_that_write_over_the_same_one_wins(bucket: ObjectStore, path: str) -> None:
    bucket.put(path, b"begin", mode="create")
    for turn in range(5):
        bucket.put(path, f"turn {turn}".encode())

        (winner,) = wins(partial(bucket.put, path, mode=version(bucket, path)))

        assert bytes(bucket.get(path).bytes()) == winner


def test_what_was_written_is_read_and_listed_with_its_mark(bucket: ObjectStore, path: str) -> None:
    bucket.put(f"{path}/a", b"content", attributes={"databridgewrite": "mark"})

    assert bucket.get(f"{path}/a").attributes["databridgewrite"] == "mark"
    assert [(each["path"], each["size"]) for chunk in bucket.list(path) for each in chunk] == [
        (f"{path}/a", 7)
    ]

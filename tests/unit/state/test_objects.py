"""An object is written over only by who has seen it as it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from obstore.store import MemoryStore as MemoryBucket

from databridge.buckets.objects import Objects
from databridge.buckets.stored import ConflictError, Listed
from databridge.state.refusal import refusal


@pytest.fixture
def objects() -> Objects:
    return Objects(MemoryBucket(), "team", "memory://team", refusal)


def test_what_is_there_is_not_created(objects: Objects) -> None:
    objects.put("a", b"first", over=None)

    for content in (b"second", b"first"):
        with pytest.raises(ConflictError):
            objects.put("a", content, over=None)

    found = objects.get("a")
    assert found
    assert found.content == b"first"


def test_what_was_changed_is_not_written_over_not_even_with_the_same(objects: Objects) -> None:
    before = objects.put("a", b"first", over=None)
    objects.put("a", b"second", over=before)

    for content in (b"third", b"second"):
        with pytest.raises(ConflictError):
            objects.put("a", content, over=before)


def test_what_is_not_there_is_not_written_over(objects: Objects) -> None:
    before = objects.put("a", b"first", over=None)

    with pytest.raises(ConflictError):
        objects.put("b", b"second", over=before)
    assert objects.get("b") is None


def test_a_folder_is_listed_in_order_and_alone(objects: Objects) -> None:
    for path in ("x/b", "x/_own/c", "x/a/d", "xy/e", "f"):
        objects.replace(path, b"12")

    assert list(objects.list("x")) == [Listed("x/_own/c", 2), Listed("x/a/d", 2), Listed("x/b", 2)]
    assert [each.path for each in objects.list("x", after="`")] == ["x/a/d", "x/b"]


def test_the_store_tells_the_time(objects: Objects) -> None:
    objects.replace("a", b"")
    found = objects.get("a")
    assert found

    assert timedelta(0) <= objects.now("clock") - found.changed < timedelta(hours=1)


def test_folders_are_what_stands_before_a_slash(objects: Objects) -> None:
    for path in ("x/a/1", "x/a/b/2", "x/c/3", "x/4", "xy/d/5"):
        objects.replace(path, b"12")

    assert objects.folders("x") == ("a", "c")
    assert objects.folders("") == ("x", "xy")
    assert objects.folders("none") == ()


def test_a_folder_that_holds_nothing_but_empty_objects_is_empty(objects: Objects) -> None:
    objects.replace("x/marker", b"")
    objects.replace("xy/file", b"12")

    assert not objects.holds_any("x/")
    assert not objects.holds_any("none/")
    objects.replace("x/a/file", b"12")
    assert objects.holds_any("x/")


def test_what_is_removed_is_gone_and_nothing_else(objects: Objects) -> None:
    for path in ("x/a", "x/ab", "x/a/b"):
        objects.replace(path, b"12")

    objects.remove(["x/a", "x/none"])

    assert [each.path for each in objects.list("x")] == ["x/a/b", "x/ab"]

"""The engines that pass the same tests, each over its own ground."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.grounds import DuckDbGround, FakeGround, Ground, LakeGround


@pytest.fixture(params=[FakeGround, DuckDbGround, LakeGround], ids=["fake", "duckdb", "filesystem"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    made: Ground = request.param(tmp_path)
    yield made
    made.close()

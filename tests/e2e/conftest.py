"""A folder in which dlt itself may load."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dlt.common.pipeline import get_dlt_pipelines_dir

from tests.support.dltproject import DltProject
from tests.support.postgres import postgres


@pytest.fixture
def dlt_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DltProject:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    (tmp_path / "data").mkdir()
    assert Path(get_dlt_pipelines_dir()) != tmp_path / "pipelines"
    return DltProject(tmp_path)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres() as server:
        yield server

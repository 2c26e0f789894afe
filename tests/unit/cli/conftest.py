"""A folder with a project that can be planned and was never applied; commands are run in it, in this process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.project import Project

STACK = """
    stack: shop
    sources:
      landing: {type: filesystem, bucket_url: file://landing}
    destinations:
      warehouse: {type: duckdb, path: warehouse.duckdb}
    pipelines:
      files:
        source: landing
        destination: warehouse
        dataset: raw
        resources:
          - {name: visits, glob: visits/*.csv}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path / "shop")
    project.write("databridge.yaml", "project: shop\ntargets: {dev: {}, prod: {}}\ndefault_target: dev\n")
    project.write("stacks/shop.yaml", STACK)
    monkeypatch.chdir(project.root)
    for name in [name for name in os.environ if name.startswith("DATABRIDGE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    return project

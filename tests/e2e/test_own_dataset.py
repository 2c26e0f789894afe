"""A pipeline whose dataset bears its own name, as it does by default, waits for nobody while it makes and fills it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from databridge.engine.lease import making
from databridge.model.paths import lease_path
from tests.support.project import Project

STACK = """
    stack: shop
    sources:
      db: {type: sqlite, path: shop.db}
    destinations:
      lake: {type: filesystem, bucket_url: "file://lake"}
    pipelines:
      files:
        source: db
        destination: lake
        dataset: raw
        resources: [orders]
"""


@pytest.mark.timeout(90)
def test_it_is_moved_there_and_loaded(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("databridge.yaml", "project: demo\n")
    project.write("stacks/shop.yaml", STACK)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as db, db:
        db.executescript("CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1), (2)")
    project.apply()
    project.edit("stacks/shop.yaml", "dataset: raw", "moved_from: {dataset: raw}")
    project.apply("--allow", "rewrite")
    assert len(list((tmp_path / "lake" / "shop_files" / "orders").glob("*.parquet"))) == 2


def test_no_working_folder_is_leased_with_a_dataset_of_its_name(tmp_path: Path) -> None:
    assert lease_path(str(making(tmp_path, "shop_files"))) != lease_path(str(tmp_path / "shop_files"))

"""dlt pipelines as people write them by hand, run by a Python of their own, and a shop for them to load."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from textwrap import dedent

OPS = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, placed_at TIMESTAMP NOT NULL, amount DECIMAL(10,2));
CREATE TABLE "CustomerMaster" ("CustomerId" INTEGER PRIMARY KEY, "UpdatedAt" TIMESTAMP NOT NULL, name TEXT);
CREATE TABLE countries (code TEXT, name TEXT);
CREATE TABLE log (line TEXT);
INSERT INTO orders VALUES (1, '2024-01-01 09:00:00', 10.5), (2, '2024-01-02 09:00:00', 20);
INSERT INTO "CustomerMaster" VALUES (1, '2024-01-01 08:00:00', 'Ada'), (2, '2024-01-02 08:00:00', 'Grace');
INSERT INTO countries VALUES ('de', 'Germany'), ('at', 'Austria');
INSERT INTO log VALUES ('started');
"""
LATER = """
INSERT INTO orders VALUES (3, '2024-01-02 09:00:00', 7), (4, '2024-01-03 09:00:00', 8);
UPDATE "CustomerMaster" SET name = 'Hopper', "UpdatedAt" = '2024-02-01 08:00:00' WHERE "CustomerId" = 2;
DELETE FROM countries WHERE code = 'at';
"""
_HEAD = """
import os

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
import dlt
from dlt.sources.filesystem import filesystem, read_csv, read_jsonl
from dlt.sources.sql_database import sql_database
"""
TABLES = """
source = sql_database("sqlite:///ops.db", table_names=["orders", "CustomerMaster", "countries", "log"])
source.orders.apply_hints(incremental=dlt.sources.incremental("placed_at"))
source.CustomerMaster.apply_hints(write_disposition="merge", incremental=dlt.sources.incremental("UpdatedAt"))
source.countries.apply_hints(write_disposition="replace")

@dlt.transformer(data_from=source.countries, write_disposition="replace")
def capitals(countries):
    yield [{"code": country["code"]} for country in countries]

pipeline = dlt.pipeline("nightly", destination=destination, dataset_name="crm", pipelines_dir="dlt")
source.resources["capitals"] = source.countries | capitals
pipeline.run(source, loader_file_format=file_format)
"""
FILES = """
here = "file://" + os.path.abspath("landing")
visits = filesystem(here, file_glob="visits/*.csv")
visits.apply_hints(incremental=dlt.sources.incremental("modification_date"))
events = filesystem(here, file_glob="events/**/*.jsonl")
events.apply_hints(incremental=dlt.sources.incremental("modification_date"))
pipeline = dlt.pipeline("landed", destination=destination, dataset_name="files", pipelines_dir="dlt")
pipeline.run(
    [(visits | read_csv()).with_name("visits"), (events | read_jsonl()).with_name("events")],
    loader_file_format=file_format,
)
"""
DUCKDB = 'destination, file_format = dlt.destinations.duckdb("warehouse.duckdb"), None'
LAKE = (
    'destination, file_format = dlt.destinations.filesystem("file://" + os.path.abspath("lake")), "parquet"'
)

DATABRICKS = """
import json
from dlt.destinations import databricks

destination, file_format = databricks(credentials=json.loads(os.environ["GOAL"])), None
"""


def open_shop(root: Path) -> None:
    """Write the sources."""
    sqlite(root, OPS)
    land(root, "visits/1.csv", "id,page\n1,home\n2,cart\n")
    land(
        root,
        "events/2024/1.jsonl",
        '{"id": 1, "who": {"name": "Ada"}, "items": [{"sku": "a"}, {"sku": "b"}]}\n',
    )


def sqlite(root: Path, statements: str) -> None:
    """Change the source's database."""
    with closing(sqlite3.connect(root / "ops.db")) as ops, ops:
        ops.executescript(statements)


def land(root: Path, path: str, text: str) -> None:
    """Let a file arrive."""
    file = root / "landing" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def run_script(root: Path, destination: str, body: str, environ: dict[str, str] | None = None) -> None:
    """Run a script to its end, without databridge.

    Args:
        root: where it runs.
        destination: the lines that make its destination.
        body: what it does.
        environ: what it finds in the environment.
    """
    done = subprocess.run(
        [sys.executable, "-c", f"{_HEAD}{destination}\n{dedent(body)}"],
        check=False,
        cwd=root,
        env=os.environ | (environ or {}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr

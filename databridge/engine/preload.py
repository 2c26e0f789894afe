"""Imported once by the server that workers are forked from: all that a first load would import, and no threads.

pyarrow comes first: imported by several threads at a time it fails.
"""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from importlib import import_module

from databridge.engine import settings

_LATE = (
    "pyarrow",
    "pyarrow.csv",
    "pyarrow.parquet",
    "dlt",
    "dlt.common.configuration.plugins",
    "dlt.common.libs.pyarrow",
    "dlt.common.libs.sql_alchemy_compat",
    "dlt.destinations.impl.duckdb.duck",
    "dlt.destinations.impl.filesystem.filesystem",
    "dlt.extract.extract",
    "dlt.load.load",
    "dlt.normalize.normalize",
    "dlt.normalize.worker",
    "dlt.pipeline.helpers",
    "dlt.pipeline.pipeline",
    "dlt.sources.helpers.requests",
    "dlt.sources.sql_database",
    "duckdb",
    "pendulum.locales.en.locale",
    "sqlalchemy.dialects.sqlite",
    "databridge.engine.foreman",
)
"""What dlt, too, imports only when it comes to it, among others; found by comparing `sys.modules` after loads."""

_WANTED = {
    "databricks": (
        "dlt.destinations.impl.databricks.databricks",
        "databricks.sql.client",
        "databricks.sdk.core",
    ),
    "s3": ("s3fs",),
    "az": ("adlfs",),
}
"""What `DATABRIDGE_PRELOAD` adds, by name; each takes a second or two, which every worker that needs it pays otherwise."""

settings.enforce()
gc.disable()
for _name in _LATE:
    import_module(_name)
for _extra in filter(None, os.environ.get("DATABRIDGE_PRELOAD", "").split(",")):
    for _name in _WANTED.get(_extra.strip(), ()):
        with suppress(ImportError):  # not installed: a worker that needs it says so
            import_module(_name)
# No worker looks for garbage in what it was forked with, nor copies the pages it lies in.
gc.freeze()
gc.enable()

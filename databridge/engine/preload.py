"""Imported once by the server that workers are forked from: all that a first load would import, and no threads.

pyarrow comes first: imported by several threads at a time it fails.
"""

from __future__ import annotations

import gc
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

settings.enforce()
gc.disable()
for _name in _LATE:
    import_module(_name)
# No worker looks for garbage in what it was forked with, nor copies the pages it lies in.
gc.freeze()
gc.enable()

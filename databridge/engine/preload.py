"""Imported once by the server that workers are forked from: everything that makes a first load slow, and no threads.

pyarrow comes first: imported by several threads at a time it fails.
"""

from __future__ import annotations

from databridge.engine import settings

settings.enforce()

import pyarrow  # noqa: E402
import pyarrow.csv  # noqa: E402
import pyarrow.parquet  # noqa: E402
import dlt  # noqa: E402
import dlt.common.libs.pyarrow  # noqa: E402
import dlt.destinations.impl.duckdb.duck  # noqa: E402
import dlt.destinations.impl.filesystem.filesystem  # noqa: E402
import dlt.extract.extract  # noqa: E402
import dlt.load.load  # noqa: E402
import dlt.normalize.normalize  # noqa: E402
import dlt.normalize.worker  # noqa: E402
import dlt.pipeline.helpers  # noqa: E402
import dlt.pipeline.pipeline  # noqa: E402
import dlt.sources.sql_database  # noqa: E402
import duckdb  # noqa: E402
import sqlalchemy  # noqa: E402

import databridge.engine.foreman  # noqa: E402

LOADED = (pyarrow, dlt, duckdb, sqlalchemy, databridge)

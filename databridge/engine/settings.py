"""What dlt is told in every worker, so that neither the user's environment nor a stray config file can loosen it.

Sources: databridge's measurements of dlt 1.31. A load whose failed jobs are let pass loses rows for good; without the
load id in its rows an interrupted append can't be taken back; the trace is a pickle that has held secrets.
"""

from __future__ import annotations

import os
from pathlib import Path

ENFORCED = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    "ENABLE_RUNTIME_TRACE": "false",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
    "LOAD__RAISE_ON_FAILED_JOBS": "true",
    "LOAD__AUTO_ABORT_ON_TERMINAL_ERROR": "false",
    "LOAD__DELETE_COMPLETED_JOBS": "true",
    "RESTORE_FROM_DESTINATION": "true",
    # One table after the other: taken in turns, each would hold a connection, and SQLAlchemy's pool has 15 of them.
    "EXTRACT__NEXT_ITEM_MODE": "fifo",
    # Version 2.4, which dlt writes by itself, has no nanoseconds.
    "DATA_WRITER__VERSION": "2.6",
    "SCHEMA__NAMING": "snake_case",
    "ANONYMIZED_TELEMETRY": "False",
}


def enforce() -> None:
    """Set what holds everywhere; before dlt is imported."""
    os.environ.update(ENFORCED)


def confine(pipelines_dir: Path) -> None:
    """Keep dlt from reading settings or writing state outside the working folders.

    Args:
        pipelines_dir: where they lie; created if missing.
    """
    pipelines_dir.mkdir(parents=True, exist_ok=True)
    os.environ["DLT_DATA_DIR"] = str(pipelines_dir)
    os.environ["DLT_PROJECT_DIR"] = str(pipelines_dir)

"""dlt's own columns go on as the table has them: rows get an id where the rows before have one, and a load id always.

A table that dlt filled without databridge may have no load ids (Arrow backends write none by themselves): then the
column is added and NULL for what was there, which also keeps those rows from ever being taken for a dead load's.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
from dlt.common.normalizers.utils import generate_dlt_ids
from dlt.common.schema.typing import C_DLT_ID, C_DLT_LOAD_ID, TColumnSchema

from databridge.engine.task import Task


def load_id_hint(resource: str, task: Task) -> dict[str, TColumnSchema]:
    """The hint that old rows have no load id; none where they have, or there are no old rows."""
    table = task.table_of(resource)
    if table is None or not table["columns"]:
        return {}
    if not table["columns"].get(C_DLT_LOAD_ID, {"nullable": True}).get("nullable", True):
        return {}
    return {C_DLT_LOAD_ID: {"name": C_DLT_LOAD_ID, "data_type": "text", "nullable": True}}


def row_ids(resource: str, task: Task) -> Callable[[pa.Table], pa.Table]:
    """What gives Arrow rows an id of their own if the rows of the table have one; dlt does so by itself for other rows."""
    table = task.table_of(resource)
    if table is None or C_DLT_ID not in table["columns"]:
        return lambda rows: rows
    field = pa.field(C_DLT_ID, pa.string(), nullable=False)
    return lambda rows: rows.append_column(field, pa.array(generate_dlt_ids(len(rows)), pa.string()))

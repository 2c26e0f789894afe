"""What a purge may touch: the tables of a pipeline's own schema, and in them loads that came after its newest complete one."""

from __future__ import annotations

import json
import re
import time

import dlt
from dlt.common.schema.typing import TTableSchema

_LOAD_ID = re.compile(r"\d{10}\.\d+")
"""dlt's load ids are the time of their making, in seconds since 1970."""
_CLOCKS_DIFFER = 86_400  # seconds that another machine's clock may be ahead
Tables = dict[str, TTableSchema]


def stored_tables(pipeline: dlt.Pipeline, schema_name: str) -> Tables:
    """The tables of the newest schema at the destination; dlt stores it before the first row of a load arrives."""
    with pipeline.destination_client() as client:
        if not client.is_storage_initialized():
            return {}
        stored = client.get_stored_schema(schema_name)  # type: ignore[attr-defined]  # every destination here has it
    tables: Tables = json.loads(stored.schema)["tables"] if stored else {}
    return tables


def is_newer(load_id: str, newest: str | None) -> bool:
    """Whether it is the id of one of dlt's loads that came after another: what people wrote there themselves is not."""
    if newest is None or not _LOAD_ID.fullmatch(load_id):
        return False
    return float(newest) < float(load_id) <= time.time() + _CLOCKS_DIFFER

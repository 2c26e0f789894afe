"""How a resource's declaration is said to dlt: disposition, keys, columns, contract, load date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.libs.pyarrow import get_py_arrow_datatype, get_py_arrow_timestamp
from dlt.common.schema.typing import TColumnSchema, TSchemaContractDict
from dlt.extract import DltResource

from databridge.model.resource import Column, FileResource, SchemaContract, TableResource

LOAD_DATE = "load_date"
"""The column that carries the time of the run."""


def shaped(
    resource: DltResource, declared: TableResource | FileResource, extra: dict[str, TColumnSchema]
) -> DltResource:
    """The dlt resource with all hints of its declaration.

    Args:
        resource: what yields the rows.
        declared: what the stack says of it.
        extra: further column hints, by the source's name.
    """
    columns = {name: column_hints(name, column) for name, column in declared.columns.items()}
    for name, hints in extra.items():
        columns[name] = {**columns.get(name, {"name": name}), **hints}
    resource.apply_hints(
        write_disposition=declared.disposition.value,
        # A list, always: given one name as text, dlt's arrow path drops newer rows that share a boundary row's key.
        primary_key=list(declared.primary_key) or None,
        columns=columns or None,
        schema_contract=_contract(declared.schema_contract),
    )
    return resource


def _contract(contract: SchemaContract) -> TSchemaContractDict:
    return {"tables": contract.tables, "columns": contract.columns, "data_type": contract.data_type}


def column_hints(name: str, column: Column) -> TColumnSchema:
    """A declared column as dlt has it."""
    hints: TColumnSchema = {"name": name, "data_type": column.data_type, "nullable": column.nullable}
    if column.precision is not None:
        hints["precision"] = column.precision
    if column.scale is not None:
        hints["scale"] = column.scale
    return hints


def declared_types(
    declared: TableResource | FileResource, capabilities: DestinationCapabilitiesContext
) -> dict[str, pa.DataType]:
    """The Arrow types of the columns that the stack declares, timestamps without a zone; JSON columns are left to dlt."""
    return {
        name: _moment(column.precision, capabilities)
        if column.data_type == "timestamp"
        else get_py_arrow_datatype(column_hints(name, column), capabilities, "UTC")
        for name, column in declared.columns.items()
        if column.data_type != "json"
    }


def _moment(precision: int | None, capabilities: DestinationCapabilitiesContext) -> pa.DataType:
    """Moments without a zone, as finely as they are declared and the destination stores them."""
    wanted = capabilities.timestamp_precision if precision is None else precision
    return get_py_arrow_timestamp(min(wanted, capabilities.max_timestamp_precision), "")


def with_load_date(table: pa.Table, moment: datetime) -> pa.Table:
    """The table with the time of the run as its last column."""
    kind = pa.timestamp("us", "UTC")
    return table.append_column(pa.field(LOAD_DATE, kind), pa.array([moment] * len(table), kind))


def dated(rows: list[dict[str, Any]], moment: datetime) -> list[dict[str, Any]]:
    """The same for rows that are no Arrow table."""
    return [{**row, LOAD_DATE: moment} for row in rows]

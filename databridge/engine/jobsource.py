"""What a job loads is extracted as one dlt source: its tables or its file sets, whichever its source has."""

from __future__ import annotations

from copy import deepcopy

import dlt
from dlt.common.schema.typing import TColumnSchema
from dlt.extract import DltResource, DltSource

from databridge.apply.engine import Job
from databridge.engine.files import file_resource
from databridge.engine.marker import RESOURCE
from databridge.engine.shape import LOAD_DATE
from databridge.engine.tables import table_resources
from databridge.engine.task import Task
from databridge.model.resource import FileResource, TableResource
from databridge.model.source import FilesystemSource


def source_of(job: Job, task: Task) -> DltSource:
    """The dlt source of a job.

    Args:
        job: what is loaded, and where from.
        task: what its resources share.
    """
    listed: list[DltResource] = []
    tables = [resource for resource in job.load if isinstance(resource, TableResource)]
    if isinstance(job.source, FilesystemSource):
        listed += [file_resource(job.source, r, task) for r in job.load if isinstance(r, FileResource)]
    elif job.source is not None and job.reads:
        listed += table_resources(job.source, tables, task, fill=job.fill)
    return DltSource(_schema(job, task), RESOURCE, listed)


def _schema(job: Job, task: Task) -> dlt.Schema:
    """dlt's schema of the source, with the load date where it is new to a table whose contract lets no column in.

    The contract is about what the source brings. dlt checks it against each column that it comes upon in the rows, but not
    against those of a source's schema.
    """
    schema = dlt.Schema(job.place.schema_name)
    for resource in job.load:
        table = task.table_of(resource.name)
        if not resource.adds_load_date or resource.schema_contract.columns == "evolve" or not table:
            continue
        name = task.pipeline.default_schema.naming.normalize_identifier(LOAD_DATE)
        if table["columns"] and name not in table["columns"]:
            column: TColumnSchema = {"name": name, "data_type": "timestamp", "nullable": True}
            known = {**deepcopy(table["columns"]), name: column}
            schema.update_table({**deepcopy(table), "columns": known}, normalize_identifiers=False)
    return schema

"""What a job loads is extracted as one dlt source: its tables or its file sets, whichever its source has."""

from __future__ import annotations

import dlt
from dlt.extract import DltResource, DltSource

from databridge.apply.engine import Job
from databridge.engine.files import file_resource
from databridge.engine.marker import RESOURCE
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
    return DltSource(dlt.Schema(job.place.schema_name), RESOURCE, listed)

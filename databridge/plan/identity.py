"""What a pipeline is called in dlt, and who owns it; minted when it is created and unchanged afterwards."""

from __future__ import annotations

import re

from databridge.model.address import Address
from databridge.model.destination import Destination, staging_of
from databridge.model.ledger import PipelineRecord
from databridge.model.marker import Owner
from databridge.model.naming import snake_case
from databridge.model.pipeline import Home, Pipeline
from databridge.model.stack import Desired, Stack
from databridge.model.storage import Staging

_NO_LETTER = re.compile(r"[^a-z]")


def names_of(stack: Stack, pipeline: Pipeline) -> tuple[str, str]:
    """dlt's pipeline name and schema name; of one that was renamed, those that it was created with."""
    minted = pipeline.former or Address(stack.name, pipeline.name)
    name = pipeline.dlt_names.pipeline_name or f"{minted.stack}_{minted.pipeline}"
    return name, pipeline.dlt_names.schema_name or name


def name_in_stack(text: str) -> str:
    """A name as stacks accept it, from one that dlt accepts."""
    name = snake_case(text).strip("_") if text.strip(" _") else ""
    return f"dlt_{name}".rstrip("_") if not name or _NO_LETTER.match(name) else name


def destination_of(record: PipelineRecord | None, pipeline: Pipeline | None) -> Destination:
    """Where a pipeline's data lies: the recorded place, by the way that the stack names now if it leads to the same one."""
    if record is None or (pipeline and pipeline.destination.identity == record.destination.identity):
        if pipeline is None:
            raise ValueError("a pipeline is recorded, or written, or both")
        return pipeline.destination
    return record.destination


def origin_of(record: PipelineRecord, pipeline: Pipeline | None) -> Home:
    """Where a pipeline lives that is to live elsewhere: the recorded place, by the way that the stack names now, if any."""
    told = pipeline.moved_from if pipeline else None
    same = told is not None and told.destination.identity == record.destination.identity
    way = told.destination if told and same else record.destination
    return Home(destination=way, dataset=record.dataset)


def left_staging(record: PipelineRecord) -> Staging | None:
    """Where files waited until now, as last applied; None too where a lost ledger took the way there with it."""
    staging = staging_of(record.destination)
    return staging if staging and staging.place == record.spec.get("staging") else None


def owner_of(desired: Desired, stack: Stack, pipeline: Pipeline) -> Owner:
    """Who we are to this pipeline's dataset."""
    return Owner(project=desired.project, target=desired.target, stack=stack.name, pipeline=pipeline.name)

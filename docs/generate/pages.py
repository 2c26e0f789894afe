"""All that is generated: blocks of pages, and whole files."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pydantic import JsonValue

from databridge.config.connection import DESTINATIONS, SOURCES
from databridge.config.projectfile import ProjectFile, StoreBlock, TargetBlock
from databridge.config.schema import project_schema, stack_schema
from databridge.config.stackfile import MovedFrom, PipelineBlock, StackFile
from databridge.model.drift import DriftIgnore
from databridge.model.pipeline import DltNames
from databridge.model.resource import (
    Column,
    CsvOptions,
    FileResource,
    Lifecycle,
    Mode,
    SchemaContract,
    TableResource,
)
from databridge.model.retention import Retention
from databridge.model.sourcetype import Fidelity
from databridge.model.storage import Staging, StorageCredentials
from databridge.model.typematrix import SOURCES as SOURCE_TYPES
from databridge.plan.dltchange import Rows
from databridge.plan.dltoutcome import DltOutcome
from databridge.render.planjson import plan_json_schema
from docs.generate.blocks import Blocks, filled
from docs.generate.commands import overview, reference
from docs.generate.dltbehaviour import behaviour_tables, dlt_version
from docs.generate.errors import codes
from docs.generate.fields import fields_of, members_of, shared_fields
from docs.generate.types import types_of

ROOT = Path(__file__).parents[2]
_DOCS = ROOT / "docs"
_TABLE, _FILES = frozenset(TableResource.model_fields), frozenset(FileResource.model_fields)

BLOCKS: Blocks = {
    "project": partial(fields_of, ProjectFile),
    "target": partial(fields_of, TargetBlock),
    "store": partial(fields_of, StoreBlock),
    "drift ignore": partial(fields_of, DriftIgnore),
    "retention": partial(fields_of, Retention),
    "stack": partial(fields_of, StackFile),
    "pipeline": partial(fields_of, PipelineBlock),
    "resource": partial(shared_fields, TableResource, FileResource),
    "table resource": partial(fields_of, TableResource, leave_out=_FILES),
    "file resource": partial(fields_of, FileResource, leave_out=_TABLE),
    "mode": partial(members_of, Mode),
    "column": partial(fields_of, Column),
    "schema contract": partial(fields_of, SchemaContract),
    "lifecycle": partial(fields_of, Lifecycle),
    "csv": partial(fields_of, CsvOptions),
    "moved from": partial(fields_of, MovedFrom),
    "dlt": partial(fields_of, DltNames),
    "staging": partial(fields_of, Staging),
    "credentials": partial(fields_of, StorageCredentials),
    "codes": codes,
    "fidelity": partial(members_of, Fidelity),
    **{f"types {name}": partial(types_of, name) for name in SOURCE_TYPES},
    "dlt version": dlt_version,
    "dlt outcomes": partial(members_of, DltOutcome),
    "dlt rows": partial(members_of, Rows),
    "dlt behaviour": behaviour_tables,
    "commands": overview,
    "command reference": reference,
    **{f"source {name}": partial(fields_of, model) for name, model in SOURCES.models.items()},
    **{f"destination {name}": partial(fields_of, model) for name, model in DESTINATIONS.models.items()},
}

_SCHEMAS: dict[str, Callable[[], dict[str, JsonValue]]] = {
    "stack.schema.json": stack_schema,
    "project.schema.json": project_schema,
    "plan.schema.json": plan_json_schema,
}


def pages() -> tuple[Path, ...]:
    """Every page of the documentation."""
    return ROOT / "README.md", *sorted(_DOCS.rglob("*.md"))


def generated() -> dict[Path, str]:
    """What every page and schema must hold, by its file; sessions aside."""
    filled_pages = {file: filled(file.read_text("utf-8"), BLOCKS) for file in pages()}
    return filled_pages | {_DOCS / name: _as_text(make()) for name, make in _SCHEMAS.items()}


def _as_text(schema: dict[str, JsonValue]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"

"""A sample is read as a load would read it, by the same reader and into the same types; what dlt writes meanwhile goes with it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from dlt.common.libs.pyarrow import py_arrow_to_table_schema_columns
from dlt.common.schema.typing import TTableSchemaColumns
from pydantic import JsonValue

from databridge.engine import settings
from databridge.engine.csvfile import read_csv
from databridge.engine.extraction.opensource import OpenSource
from databridge.engine.failures import told_plainly
from databridge.engine.fitting import widest
from databridge.engine.foundcolumn import type_words
from databridge.engine.query import selection
from databridge.engine.readers import format_of, read_parquet
from databridge.engine.shape import column_hints, shaped
from databridge.locations.columntype import stored_as, words
from databridge.locations.landing import landing_files
from databridge.model.destination import Destination, dialect_of
from databridge.model.diagnostic import DatabridgeError
from databridge.model.paths import glob_root, local_folder
from databridge.model.resource import FileResource, Resource, TableResource
from databridge.model.sample import Sample, SampledColumn
from databridge.model.source import TABLE_SOURCES, FilesystemSource, Source, TableSource
from databridge.secrets.chain import SecretsChain
from databridge.secrets.redaction import Redaction


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read."""

    tables: list[pa.Table]
    types: Mapping[str, str] = field(default_factory=dict)
    """By column, in the source's words; in its order."""
    hints: TTableSchemaColumns = field(default_factory=dict)
    """What dlt knows of columns beside what Arrow tells."""
    telling: bool = True
    """Whether the types are those that a load would see."""


def sampled(
    source: Source,
    resource: Resource,
    destination: Destination,
    *,
    rows: int,
    root: Path,
    secrets: SecretsChain,
) -> Sample:
    """Some rows of a resource, and what becomes of its columns.

    Args:
        source: where they are.
        resource: which.
        destination: whose types its columns get.
        rows: at most so many.
        root: the project's folder.
        secrets: for the source's credentials; none of them is in what is raised.

    Raises:
        DatabridgeError: they can't be read.
    """
    plainly = Redaction(secrets.known_values)
    told = told_plainly(
        plainly, what="the sample", hint="See what is wrong with the source: databridge doctor"
    )
    with told, TemporaryDirectory() as folder:
        settings.confine(Path(folder))
        match resource:
            case TableResource() if isinstance(source, TABLE_SOURCES):
                read = _of_table(source, resource, destination, rows, root, secrets)
            case FileResource() if isinstance(source, FilesystemSource):
                read = _of_files(source, resource, rows, root)
            case _:
                raise ValueError("a resource is of its source's kind")
    return _sample(read, resource, destination, rows)


def _of_table(
    source: TableSource,
    resource: TableResource,
    destination: Destination,
    rows: int,
    root: Path,
    secrets: SecretsChain,
) -> _Read:
    opened = OpenSource.of(source, [resource], root, secrets, destination=destination.type)
    try:
        table, dialect = opened.table(resource), opened.engine.dialect
        types = {column.name: type_words(column.type, dialect) for column in table.columns}
        read = shaped(opened.rows(resource, select=selection(rows)), resource, {})
        tables = list(read)
        hints = read.compute_table_schema().get("columns", {})
    finally:
        opened.engine.dispose()
    there = tables[0].column_names if tables else list(types)
    return _Read(tables, {name: kind for name, kind in types.items() if name in there}, hints)


def _of_files(source: FilesystemSource, resource: FileResource, rows: int, root: Path) -> _Read:
    folder = Path(local_folder(str(root), source.bucket_url))
    below = folder / glob_root(resource.glob)
    try:
        found = min((path for path, _ in landing_files(str(folder), resource.glob)), default=None)
    except OSError as error:
        raise DatabridgeError.of(
            "DB523",
            f"the landing folder `{below.name}` can't be read: {error.strerror}",
            hint="Create it, or correct bucket_url or glob.",
        ) from None
    if found is None:
        return _Read([])
    file = below / found
    match format_of(file, resource.format):
        case "csv":
            return _Read(list(islice(read_csv(file, resource.csv, lambda _: None), 1)))
        case "parquet":
            tables = list(islice(read_parquet(file), 1))
            return _Read(tables, {f.name: str(f.type) for t in tables for f in t.schema})
        case _:
            return _Read([_json_lines(file, rows)], telling=False)


def _json_lines(file: Path, rows: int) -> pa.Table:
    """The first rows; nested values as their JSON. Their types are told by the first load, which looks at every row."""
    with file.open(encoding="utf-8") as lines:
        read = [json.loads(line) for line in islice((line for line in lines if line.strip()), rows)]
    names = dict.fromkeys(name for row in read for name in row)
    return pa.table(
        {name: pa.array([_json_text(row.get(name)) for row in read], pa.string()) for name in names}
    )


def _json_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _sample(read: _Read, resource: Resource, destination: Destination, rows: int) -> Sample:
    schema = read.tables[0].schema if read.tables else pa.schema([])
    names = read.types or dict.fromkeys(schema.names, "")
    stored = py_arrow_to_table_schema_columns(pa.schema([(f.name, widest(f.type)) for f in schema]))
    columns = []
    for name, source_type in names.items():
        declared = resource.columns.get(name)
        hints: dict[str, object] = {}
        if declared:
            hints = dict(column_hints(name, declared))
        elif read.telling:
            hints = {**stored.get(name, {}), **read.hints.get(name, {})}
        columns.append(
            SampledColumn(
                name=name,
                source_type=source_type,
                arrow_type=str(schema.field(name).type) if read.telling and name in schema.names else "",
                data_type=words(hints) if hints.get("data_type") else "",
                stored_type=(stored_as(dialect_of(destination), hints) or "")
                if hints.get("data_type")
                else "",
                declared=declared is not None,
            )
        )
    values = [row for table in read.tables for row in table.slice(0, rows).to_pylist()][:rows]
    return Sample(tuple(columns), tuple(tuple(_plain(row.get(name)) for name in names) for row in values))


def _plain(value: object) -> JsonValue:
    """The value as JSON has it, exactly; else as text."""
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | dict):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)

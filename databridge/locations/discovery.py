"""What dlt pipelines lie at a destination is told by their states alone; one that can't be understood is told with the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from databridge.locations.decode import JsonObject, UnreadableState, as_object, dlt_state, parse_state
from databridge.locations.read import unreadable
from databridge.locations.reader import reader_for
from databridge.locations.schema import naming_of, tables_of, with_schema
from databridge.locations.stored import PlaceUnreadable, StoredDataset
from databridge.model.destination import Destination
from databridge.model.foundpipeline import FoundPipeline
from databridge.model.marker import MARKER_KEY
from databridge.model.secret import Secrets


def found_pipelines(
    destination: Destination, *, root: Path, secrets: Secrets, dataset: str | None = None
) -> tuple[FoundPipeline, ...]:
    """The dlt pipelines that have loaded into a destination, by dataset and name.

    Args:
        destination: the place.
        root: the project's folder; relative paths start there.
        secrets: for the credentials of the place.
        dataset: look into this one only.

    Raises:
        DatabridgeError: the place can't be read.
    """
    try:
        reader = reader_for(destination, root=root, secrets=secrets)
        datasets = [dataset] if dataset else reader.datasets()
        stored = reader.read_datasets(datasets, pipelines=None, with_schemas=True) if datasets else {}
        foreign = {each: reader.foreign_files(each) for each in stored}
    except PlaceUnreadable as error:
        raise unreadable(destination, error.detail) from error
    return tuple(each for name in sorted(stored) for each in _in_dataset(name, stored[name], foreign[name]))


def _in_dataset(dataset: str, stored: StoredDataset, foreign: Mapping[str, str]) -> Iterator[FoundPipeline]:
    found = [_found(name, dataset, stored) for name in sorted(stored.states)]
    for each in found:
        sharing = (o.name for o in found if o is not each and o.schema_name == each.schema_name)
        yield replace(each, foreign_files=foreign, sharing=tuple(sharing) if each.schema_name else ())


def _found(name: str, dataset: str, stored: StoredDataset) -> FoundPipeline:
    try:
        return _understood(name, dataset, stored)
    except UnreadableState as error:
        return FoundPipeline(name, dataset, trouble=f"its state can't be understood: {error}")


def _understood(name: str, dataset: str, stored: StoredDataset) -> FoundPipeline:
    copy = stored.states[name]
    document = parse_state(copy.text)
    schema_name = str(document.get("default_schema_name") or "")
    state = dlt_state(document, schema_name=schema_name, load_id=copy.load_id)
    schemas = dict(_schemas(document, stored))
    schema = schemas.get(schema_name)
    if schema is None:
        return FoundPipeline(name, dataset, schema_name, state, trouble="its dataset holds no schema of it")
    sources = as_object(document.get("sources", {}), "sources")
    mine = as_object(sources.get(schema_name, {}), f"sources.{schema_name}")
    return FoundPipeline(
        name=name,
        dataset=dataset,
        schema_name=schema_name,
        state=with_schema(state, schema),
        newest_load=stored.loads.get(schema_name),
        naming=naming_of(schema),
        own=(
            *(key for key in mine if key != "resources"),
            *(key for key in sources if key not in schemas and key != MARKER_KEY),
        ),
        elsewhere={
            other: tuple(sorted({table.resource for table in tables_of(text).values()}))
            for other, text in schemas.items()
            if other != schema_name
        },
    )


def _schemas(document: JsonObject, stored: StoredDataset) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The pipeline's schemas that the dataset holds."""
    listed = document.get("schema_names")
    for name in listed if isinstance(listed, list) else ():
        schema = stored.schemas.get(str(name))
        if schema is not None and schema.text is not None:
            yield str(name), parse_state(schema.text)

"""What dlt's state says of resources is changed together with our marker, in one package that holds nothing else.

So all of a job's amendments count or none does, and dlt gives the new state a higher version than any copy had.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import assert_never

import dlt
from dlt.common.destination.client import WithStateSync
from dlt.common.json import json
from dlt.common.pipeline import TPipelineState
from dlt.common.typing import DictStrAny
from dlt.common.versioned_state import decompress_state

from databridge.apply.engine import Renames
from databridge.engine.boundary import PLACED
from databridge.engine.loadedfiles import marks_of_loaded
from databridge.engine.pipelines import schema_of
from databridge.engine.rename import rename_entries
from databridge.locations.decode import FILES_KEY
from databridge.model.amendment import Amendment, CountFiles, DropEntry, PlaceCursor, PushLocal, PutState
from databridge.model.marker import COUNTED_KEY, MARKER_KEY, REMOVED_KEY, Marker


def push_state(
    pipeline: dlt.Pipeline,
    amendments: Iterable[Amendment],
    marker: Marker | None,
    root: Path,
    *,
    erase: Iterable[str] = (),
    rename: Renames = (),
) -> None:
    """Prepare a load package that holds nothing but the state, amended and with this marker.

    There is none if the state says so already, nor where nothing of the pipeline is stored: then no row needs a marker,
    and dlt has no schema that a package could be of.

    Args:
        pipeline: with the state that is amended.
        amendments: what changes, in this order.
        marker: what the state shall say of us; None removes our entry.
        root: the project's folder.
        erase: resources of which nothing is remembered.
        rename: resources that are known by another name from now on.

    Raises:
        DatabridgeError: it can't be told which files were loaded, or a folder can't be read.
    """
    schema = schema_of(pipeline)
    if schema is None:
        return
    with pipeline.managed_state(extract_state=True) as state:
        sources = state.setdefault("sources", {})
        for name in erase:
            _resources(sources, schema.name).pop(name, None)
        rename_entries(_resources(sources, schema.name), rename)
        for amendment in amendments:
            match amendment:
                case PlaceCursor():
                    _place(_resources(sources, schema.name), amendment)
                case DropEntry():
                    _resources(sources, schema.name)[amendment.resource] = {REMOVED_KEY: True}
                case CountFiles():
                    resources = _resources(sources, schema.name)
                    mine = resources.setdefault(amendment.resource.name, {})
                    mine[FILES_KEY] = marks_of_loaded(amendment, resources, root)
                    resources[amendment.listing][COUNTED_KEY] = True
                case PutState():
                    put = _read(amendment.text)
                    sources.clear()
                    sources.update(put.get("sources", {}))
                    state["_state_version"] = max(state["_state_version"], put.get("_state_version", 0))
                    _extract_again(state)
                case PushLocal():
                    _extract_again(state)
                case _:
                    assert_never(amendment)
        sources.pop(MARKER_KEY, None)
        if marker is not None:
            sources[MARKER_KEY] = marker.model_dump(mode="json")


def _extract_again(state: TPipelineState) -> None:
    """dlt would not push what it takes to be at the destination already."""
    state["_local"].pop("_last_extracted_hash", None)


def regain_schema(pipeline: dlt.Pipeline, amendments: Iterable[Amendment], schema_name: str) -> None:
    """See that a state can be put where both the working folder and the state at the destination are lost.

    dlt asks for a schema by the state, so without one it takes the pipeline for new. And it takes its own tables to be there
    where the schema is stored.

    Args:
        pipeline: in step with its destination.
        amendments: what is going to be made; where no state is put, nothing is done.
        schema_name: of the schema that is stored there.
    """
    if not any(isinstance(amendment, PutState) for amendment in amendments):
        return
    with pipeline.destination_client() as client:
        if not isinstance(client, WithStateSync) or not client.is_storage_initialized():
            return
        stored = client.get_stored_schema(schema_name)
    if stored is None:
        return
    if schema_of(pipeline) is None:
        schema = dlt.Schema.from_dict(json.loads(stored.schema))
        pipeline.schemas.save_schema(schema)
        pipeline.default_schema_name = schema.name  # type: ignore[assignment]  # dlt declares it as what it is at first
    with pipeline.destination_client() as client:
        client.update_stored_schema(only_tables=pipeline.default_schema.dlt_table_names(), force=True)


def _read(text: str) -> DictStrAny:
    """A state with its values typed; dlt's own reader takes a plain one for a compressed one where it is not ASCII."""
    read: DictStrAny = json.typed_loads(text) if text.lstrip().startswith("{") else decompress_state(text)
    return read


def _resources(sources: DictStrAny, schema_name: str) -> DictStrAny:
    found: DictStrAny = sources.setdefault(schema_name, {}).setdefault("resources", {})
    return found


def _place(resources: DictStrAny, amendment: PlaceCursor) -> None:
    """Which rows at the value are loaded is asked of the destination by the next load (`engine.boundary`)."""
    mine = resources[amendment.resource]
    cursor = mine["incremental"][amendment.path]
    cursor["last_value"] = amendment.value.value
    cursor["unique_hashes"] = []
    cursor.pop("start_value", None)
    mine[PLACED] = True

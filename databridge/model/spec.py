"""A spec is what makes two definitions the same: secrets by reference, paths as written, defaults left out, settings left out.

Leaving defaults out means that a newer databridge which adds a field with a default plans nothing for an old stack.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from pydantic import JsonValue, SkipValidation, ValidationError

from databridge.model.destination import staging_of
from databridge.model.pipeline import Pipeline
from databridge.model.resource import FileResource, TableResource

Spec = dict[str, SkipValidation[JsonValue]]
"""A definition as plain JSON. Its values come from a JSON parser or a model, so they are JSON already; checking each of them
again would cost more than all else that reading a ledger or a marker does."""

FINGERPRINT_VERSION = "1"
_SETTINGS = {"name", "description", "lifecycle", "renamed_from", "rows_per_load"}
"""What may change without the definition being another one; the lifecycle is recorded beside the spec."""


def resource_spec(resource: TableResource | FileResource) -> Spec:
    """What identifies a resource's definition."""
    spec: Spec = resource.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=_SETTINGS)
    return spec


def resource_of(name: str, spec: Spec) -> TableResource | FileResource | None:
    """The resource that a recorded definition stands for; None when a newer databridge wrote it."""
    kind = FileResource if "glob" in spec else TableResource
    try:
        return kind.model_validate({"name": name, **spec})
    except ValidationError:
        return None


def pipeline_spec(pipeline: Pipeline) -> Spec:
    """What identifies a pipeline's definition, its resources aside."""
    spec: Spec = {
        "source": {"type": pipeline.source.type}
        | pipeline.source.model_dump(mode="json", exclude_defaults=True, exclude=set(pipeline.source.WAY)),
        "destination": pipeline.destination.identity,
        "dataset": pipeline.dataset,
    }
    staging = staging_of(pipeline.destination)
    return spec | {"staging": staging.place} if staging else spec


def fingerprint(value: Mapping[str, JsonValue]) -> str:
    """`VERSION:HEX`: 128 bits of BLAKE2b over the canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{FINGERPRINT_VERSION}:{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"

"""What differs between two definitions, field by field, and what each difference means; no difference is left without a meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from pydantic import JsonValue

from databridge.model.naming import snake_case
from databridge.model.resource import FileResource, Mode, TableResource, WriteDisposition
from databridge.plan.actions import FieldChange
from databridge.plan.retyping import is_retyping


class Effect(Enum):
    """What a changed field asks for."""

    NEXT_LOAD = "takes effect at the next load"
    RESET = "needs the resource to be loaded from its start"
    RETYPE = "gives a column another type, with the values that are there"
    NONE = "is ignored on what exists"
    BLOCKED = "is not available yet"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The effect of a changed field, and what a person should be told."""

    effect: Effect
    code: str = ""
    told: str = ""
    """A sentence that follows `FIELD: BEFORE → AFTER`."""
    hint: str = ""
    """What to do; `{address}` stands for the resource's."""


NEXT_LOAD = Meaning(Effect.NEXT_LOAD)
_ANEW = "Undo the edit, or load it from its start: databridge reset {address}"


def _blocked(told: str) -> Meaning:
    return Meaning(Effect.BLOCKED, "DB211", told, _ANEW)


_BY_FIELD: Mapping[str, Meaning] = {
    "cursor_field": Meaning(Effect.RESET),
    "cursor_initial_value": Meaning(
        Effect.NONE,
        "DB210",
        "has no effect: dlt starts from the recorded cursor",
        "Leave it, or undo the edit; or load it from its start: databridge reset {address}",
    ),
    "schema_contract": NEXT_LOAD,
    "csv": NEXT_LOAD,
    "format": NEXT_LOAD,
    "on_change": NEXT_LOAD,
    "include_columns": NEXT_LOAD,
    "load_date": NEXT_LOAD,
    "schema": _blocked("would continue another table with the old cursor"),
    "glob": _blocked("would change which files count as loaded"),
}
_AS_SEEN = frozenset({"columns", "mode", "primary_key", "write_disposition"})
"""Fields whose meaning is what dlt was seen to make of them."""
_COLUMN = (
    "Undo the edit, for the column stays as it was created; or have it made anew: databridge reset {address}"
)


def meaning(
    change: FieldChange, resource: TableResource | FileResource, destination: str, *, retypes: bool = False
) -> Meaning:
    """What a changed field of a resource asks for.

    Args:
        change: what differs.
        resource: as the stack has it now; a changed mode is blocked, so the mode is the old one too.
        destination: the `type` of its pipeline's, for dlt does not do the same everywhere.
        retypes: whether columns can get another type there.
    """
    head = change.path.partition(".")[0]
    if _says_the_same(head, change, resource):
        return NEXT_LOAD
    if head == "primary_key" and resource.disposition is not WriteDisposition.MERGE:
        return NEXT_LOAD
    if head in _AS_SEEN:
        return _as_seen(head, change, resource, destination, retypes=retypes)
    return _BY_FIELD.get(head) or _blocked("is a change that databridge does not know how to make")


def _as_seen(
    field: str,
    change: FieldChange,
    resource: TableResource | FileResource,
    destination: str,
    *,
    retypes: bool,
) -> Meaning:
    """The meaning of a field that follows from what dlt was seen to make of it; what was seen is read here and not before."""
    from databridge.plan.dltclaim import key_told, null_told, outcomes_of, rewrite_told, type_told

    seen = outcomes_of(change, resource, destination)
    match field:
        case "primary_key":
            return _blocked(key_told(seen))
        case "mode" | "write_disposition":
            return _blocked(rewrite_told(seen))
    if not change.path.endswith(".nullable"):
        effect = Effect.RETYPE if retypes and is_retyping(change, resource) else Effect.BLOCKED
        return Meaning(effect, "DB212", type_told(seen), _ANEW)
    told = null_told(seen)
    return Meaning(Effect.NONE, "DB214", told, _COLUMN) if told else NEXT_LOAD


def _says_the_same(field: str, change: FieldChange, resource: TableResource | FileResource) -> bool:
    """Whether loads go on as before, for all that the field is written differently."""
    match field:
        case "cursor_field" | "cursor_initial_value":
            return resource.mode is Mode.SNAPSHOT
        case "primary_key":
            return _columns(change.before) == _columns(change.after)
        case "write_disposition":
            implied = resource.model_copy(update={"write_disposition": None}).disposition
            return (change.before or implied) == (change.after or implied)
        case _:
            return False


def _listed(value: JsonValue) -> list[str]:
    return sorted(str(item) for item in value) if isinstance(value, list) else []


def _columns(names: JsonValue) -> list[str]:
    """As the destination calls them: the source's own names of the same columns make no other key."""
    return sorted(snake_case(name) if name.strip() else name for name in _listed(names))


def field_changes(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> tuple[FieldChange, ...]:
    """Every field that differs, with mappings taken apart, sorted by path."""
    if before == after:
        return ()
    return tuple(sorted(_differing(before, after, ""), key=lambda change: change.path))


def _differing(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], prefix: str
) -> Iterator[FieldChange]:
    for key in before.keys() | after.keys():
        old, new, path = before.get(key), after.get(key), f"{prefix}{key}"
        if old == new:
            continue
        if isinstance(old, dict) or isinstance(new, dict):
            yield from _differing(_mapping(old), _mapping(new), f"{path}.")
        else:
            yield FieldChange(path=path, before=old, after=new)


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}

"""The resources of a pipeline: its defaults merged under each entry, and all of them checked in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from databridge.config.check import Subject, Told, check, keys_of
from databridge.config.document import Document, Steps, kind_of
from databridge.config.problems import Problems
from databridge.config.tree import Value
from databridge.config.unavailable import unavailable_key, unavailable_value
from databridge.model.diagnostic import SourceRange
from databridge.model.resource import FileResource, Resource, TableResource

R = TypeVar("R", TableResource, FileResource)

LISTS = ("primary_key", "include_columns")
"""Fields in which a single name stands for a list of one."""


@dataclass(frozen=True, slots=True)
class ResourceBlock:
    """The `defaults` and `resources` of one pipeline, as written."""

    document: Document
    steps: Steps
    """The pipeline's place."""
    defaults: dict[str, Value]
    entries: list[Value]
    kept: list[int]
    """The indexes of the entries that can be checked."""

    def place(self, path: Steps) -> Steps:
        """Where a field of the nth kept entry is written: in the entry, else in the defaults, else the entry itself."""
        if not path or not isinstance(path[0], int):
            return (*self.steps, "resources")
        index, fields = self.kept[path[0]], path[1:]
        entry, at = self.entries[index], (*self.steps, "resources", index)
        if not fields:
            return at
        if isinstance(entry, dict) and self._holds(entry, fields):
            return (*at, *fields)
        if self._holds(self.defaults, fields):
            return (*self.steps, "defaults", *fields)
        return (*at, *fields) if isinstance(entry, dict) and fields[0] in entry else at

    def at(self, index: int, *alternatives: Steps) -> SourceRange:
        """The value of the first of some fields that is written for the nth kept entry; else its name."""
        for fields in alternatives:
            place = self.place((index, *fields))
            if place[-len(fields) :] == fields:
                return self.document.at_value(place)
        return self.document.at_value(self.place((index, "name")))

    @staticmethod
    def _holds(value: Value, fields: Steps) -> bool:
        # Two levels decide: below them nothing is merged.
        for step in fields[:2]:
            if isinstance(value, dict) and step in value:
                value = value[str(step)]
            elif not isinstance(value, list | str):
                return False
        return True


def read_resources(
    block: ResourceBlock, *, files: bool, source: str, problems: Problems
) -> Sequence[Resource | None]:
    """The checked resources, in the order of `block.kept`; None stands for one with a problem.

    Args:
        block: what is written; `kept` is filled.
        files: whether the source holds files rather than tables.
        source: what to call the source: "`ops` is of type sqlite".
        problems: where to note what is wrong.
    """
    nested = [key for key, value in block.defaults.items() if isinstance(value, dict)]
    lists = [key for key in LISTS if isinstance(block.defaults.get(key), str)]
    defaults = {**block.defaults, **{key: [block.defaults[key]] for key in lists}}
    merged: list[dict[str, Value]] = []
    for index, entry in enumerate(block.entries):
        if type(entry) is dict:
            merged.append(_merge(entry, defaults, nested))
        elif type(entry) is str:
            merged.append({**defaults, "name": entry})
        else:
            where = block.document.at_value((*block.steps, "resources", index))
            problems.add(
                "DB103", f"A resource can't be {kind_of(entry)}", where, detail="expected a name or a mapping"
            )
            continue
        block.kept.append(index)
        if "kind" in merged[-1]:
            del merged[-1]["kind"]
            where = block.document.at_key(block.place((len(merged) - 1, "kind")))
            hint = "Remove it: what a resource is follows from the type of its source."
            problems.add("DB101", "Unknown key `kind`", where, hint=hint)
    subject = _subject(block, merged, files=files, source=source)
    if files:
        return _checked(FileResource, merged, subject, problems)
    return _checked(TableResource, merged, subject, problems)


def _checked(
    model: type[R], merged: list[dict[str, Value]], subject: Subject, problems: Problems
) -> Sequence[R | None]:
    checked = check(_adapter(model), merged, subject, problems)
    return [_alone(model, each) for each in merged] if checked is None else checked


def _alone(model: type[R], fields: dict[str, Value]) -> R | None:
    """One resource beside others that have problems."""
    try:
        return model.model_validate(fields, by_alias=True, by_name=False)
    except ValidationError:
        return None


def _merge(entry: dict[str, Value], defaults: dict[str, Value], nested: list[str]) -> dict[str, Value]:
    merged = {**defaults, **entry}
    for key in nested:
        if key in entry:
            below, above = defaults[key], entry[key]
            if type(below) is dict and type(above) is dict:
                merged[key] = {**below, **above}
    for key in LISTS:
        if key in entry and type(entry[key]) is str:
            merged[key] = [entry[key]]
    return merged


def _subject(block: ResourceBlock, merged: list[dict[str, Value]], *, files: bool, source: str) -> Subject:
    own, other = (FileResource, TableResource) if files else (TableResource, FileResource)
    foreign = set(keys_of(other)) - set(keys_of(own))
    suits = "tables of a database" if files else "file sources"

    def special_key(path: Steps, key: str) -> Told | None:
        if len(path) > 1:
            return None
        if key in foreign:
            return Told("DB106", f"`{key}` is for {suits}; {source}", f"Remove `{key}`.")
        return unavailable_key("resource", key)

    def name(path: Steps) -> str:
        if len(path) > 1:
            return f"`{path[-1]}`"
        given = merged[int(path[0])].get("name") if path else None
        return f"`{given}`" if isinstance(given, str) else "a resource"

    return Subject(
        document=block.document,
        steps=block.place,
        keys=lambda path: keys_of(own, path[1:]),
        name=name,
        special_key=special_key,
        special_value=unavailable_value,
    )


@cache
def _adapter(model: type[R]) -> TypeAdapter[list[R]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type]  # a list of whatever the model is

"""What pydantic says about a value becomes a problem in our words, at the line and column where the value is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from databridge.config.document import CONNECTIONS, Document, Steps, kind_of
from databridge.config.problems import Problems
from databridge.config.suggestion import did_you_mean, one_of
from databridge.model.diagnostic import SourceRange

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told:
    """A problem in words that are better than the general ones."""

    code: str
    summary: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being checked, and where it is written."""

    document: Document
    steps: Callable[[Steps], Steps]
    """From a path within the value to one within the document."""
    keys: Callable[[Steps], tuple[str, ...]]
    """The keys that a mapping within the value may have."""
    name: Callable[[Steps], str]
    """What people call the mapping at a path within the value."""
    private: bool = False
    """Whether values here may be credentials: then none is shown but that of `type`."""
    special_key: Callable[[Steps, str], Told | None] = lambda _path, _key: None
    """A better word for a key that is not known."""
    special_value: Callable[[str, object], Told | None] = lambda _key, _value: None
    """A better word for a value that is not accepted."""


def check(adapter: TypeAdapter[T], value: object, subject: Subject, problems: Problems) -> T | None:
    """The checked value, or None and its problems."""
    try:
        return adapter.validate_python(value, by_alias=True, by_name=False)
    except ValidationError as error:
        for path, several in _by_path(error, value).items():
            _tell(several, path, subject, problems)
        return None


def _by_path(error: ValidationError, value: object) -> dict[Steps, list[ErrorDetails]]:
    """The errors by path; of those about a value and about what lies in it the latter stand, for they say more."""
    found: dict[Steps, list[ErrorDetails]] = {}
    for details in error.errors(include_url=False):
        found.setdefault(_path(details, value), []).append(details)
    above = {path[:depth] for path in found for depth in range(len(path))}
    return {path: several for path, several in found.items() if path not in above}


def _path(details: ErrorDetails, value: object) -> Steps:
    """The path of an error, less the parts of pydantic's that name no key: the members of a union."""
    path: list[str | int] = []
    for step in details["loc"]:
        inside = (
            step in value if isinstance(value, dict) else isinstance(value, list) and isinstance(step, int)
        )
        if inside:
            value = cast("Any", value)[step]
            path.append(step)
    if details["type"] == "missing":
        path.append(details["loc"][-1])
    return tuple(path)


def _tell(several: list[ErrorDetails], path: Steps, subject: Subject, problems: Problems) -> None:
    details = several[0]
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
    if details["type"] == "missing":
        parent = path[:-1]
        where = subject.document.at_key(subject.steps(parent))
        problems.add(
            "DB102", f"{_capital(subject.name(parent))} needs `{key}`", where, hint=f"Add `{key}:` to it."
        )
        return
    if details["type"] == "extra_forbidden":
        where = subject.document.at_key(subject.steps(path))
        _tell_unknown_key(path[:-1], key, where, subject, problems)
        return
    where = subject.document.at_value(subject.steps(path))
    if told := subject.special_value(key, details["input"]):
        problems.add(told.code, told.summary, where, hint=told.hint)
        return
    shown = _shown(key, details["input"], path, subject)
    summary, expected, hint = _in_words(several, key or subject.name(()).strip("`"), shown)
    problems.add("DB103", summary, where, detail=expected, hint=hint)


def _tell_unknown_key(
    parent: Steps, key: str, where: SourceRange, subject: Subject, problems: Problems
) -> None:
    if told := subject.special_key(parent, key):
        problems.add(told.code, told.summary, where, hint=told.hint)
        return
    known = subject.keys(parent)
    name = subject.name(parent)
    name = name.replace("The ", "the ", 1) if name.startswith("The ") else name
    otherwise = f"Remove it; {name} takes {', '.join(f'`{each}`' for each in known)}."
    problems.add("DB101", f"Unknown key `{key}`", where, hint=did_you_mean(key, known, otherwise=otherwise))


def _is_private(key: str, subject: Subject) -> bool:
    """Whether a value may be, or hold, a credential."""
    return key in CONNECTIONS or (subject.private and key != "type")


def _shown(key: str, got: object, path: Steps, subject: Subject) -> str:
    """A short value as it may be shown: never what came from a variable or the environment, nor a possible credential."""
    if not isinstance(got, str | int | float) or isinstance(got, bool) or _is_private(key, subject):
        return kind_of(got)
    written = subject.document.written(subject.steps(path))
    text = written if "${" in written else str(got)
    return f"`{text}`" if 0 < len(text) <= 60 and text.isprintable() else kind_of(got)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_QUOTED = re.compile(r"'([^']*)'")

_NOUNS = ("mode", "format", "type", "data_type", "write_disposition")

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "`true` or `false`",
    "bool_parsing": "`true` or `false`",
    "date_type": "a day, such as 2027-01-31",
    "date_from_datetime_parsing": "a day, such as 2027-01-31",
    "date_from_datetime_inexact": "a day, such as 2027-01-31",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping (`key: value`)",
    "model_type": "a mapping (`key: value`)",
    "model_attributes_type": "a mapping (`key: value`)",
}


_NAMES = "Names consist of small letters, digits and `_`; a dot stands between a stack and its pipeline."


def _in_words(several: list[ErrorDetails], key: str, shown: str) -> tuple[str, str, str]:
    """Summary, what was expected, hint."""
    details = several[0]
    context: dict[str, Any] = details.get("ctx", {})
    wrong = f"Wrong value for `{key}`"
    match details["type"]:
        case "enum" | "literal_error":
            words = _QUOTED.findall(context["expected"])
            noun = key.replace("_", " ")
            summary = f"Unknown {noun} {shown}" if key in _NOUNS else f"Unknown value {shown} for `{key}`"
            return summary, f"expected {one_of(words)}", did_you_mean(str(details["input"]), words)
        case "string_too_long":
            return wrong, "expected one character", ""
        case "string_too_short":
            return wrong, "expected a text that is not empty", ""
        case "string_pattern_mismatch":  # only names have one
            return wrong, f"expected a name as stacks and pipelines have it, got {shown}", _NAMES
        case "greater_than_equal":
            return wrong, f"expected at least {context['ge']}, got {shown}", ""
        case "value_error":
            return wrong, str(context["error"]), ""
    expected = list(dict.fromkeys(_EXPECTED.get(each["type"], "another value") for each in several))
    if "a number" in expected and "a whole number" in expected:
        expected.remove("a whole number")
    quotable = expected == ["text"] and shown == f"`{details['input']}`"
    hint = f'Write it in quotes: `"{details["input"]}"`.' if quotable else ""
    return wrong, f"expected {' or '.join(expected)}, got {shown}", hint


def keys_of(model: type[BaseModel], path: Steps = ()) -> tuple[str, ...]:
    """The keys that files may use for a model, or for the one that lies at a path below it."""
    annotation: object = model
    for step in path:
        inner = _model_in(annotation)
        deeper = _field(inner, step) if inner and isinstance(step, str) else None
        if _model_in(deeper):
            annotation = deeper
    found = _model_in(annotation)
    if found is None:
        return ()
    return tuple(field.alias or name for name, field in found.model_fields.items() if name != "kind")


def _field(model: type[BaseModel], key: str) -> object:
    return next(
        (field.annotation for name, field in model.model_fields.items() if (field.alias or name) == key), None
    )


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model that an annotation speaks of, through lists, mappings and alternatives."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is Annotated:
        return _model_in(get_args(annotation)[0])
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)

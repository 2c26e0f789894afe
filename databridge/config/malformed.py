"""What is wrong with a text that is no acceptable YAML is told in the words of those who write stacks, not of the parser."""

from __future__ import annotations

import re

import yaml

from databridge.config.event import Event


class Malformed(Exception):  # noqa: N818 - named for what the text is
    """The text is no acceptable YAML."""

    def __init__(self, code: str, summary: str, index: int, length: int = 1, *, hint: str = "") -> None:
        super().__init__(summary)
        self.code = code
        self.summary = summary
        self.index = index
        self.length = length
        self.hint = hint


def tagged(event: Event) -> Malformed:
    """A tag such as `!!timestamp`: they change types, and some run code."""
    tag = (event.tag or "").replace("tag:yaml.org,2002:", "!!")
    hint = "Remove it; the type of a value follows from its key."
    return Malformed("DB006", f"The tag `{tag}` is not accepted", event.start_mark.index, hint=hint)


def unknown_alias(event: Event) -> Malformed:
    """An alias before or inside its own anchor, or without one."""
    name = event.anchor or ""
    hint = f"Write `&{name}` before the value that is meant; an alias can't stand inside it."
    summary = f"The alias `*{name}` has no anchor before it"
    return Malformed("DB006", summary, event.start_mark.index, len(name) + 1, hint=hint)


def bad_key(event: Event, *, twice: bool) -> Malformed:
    """A scalar that can't be a key."""
    key, index = event.value, event.start_mark.index
    length = event.end_mark.index - index
    if twice:
        return Malformed(
            "DB005", f"The key `{key}` is written twice", index, length, hint="Remove one of the two."
        )
    if event.tag is not None:
        return tagged(event)
    if key == "<<":
        hint = "Use the `defaults` of the pipeline for what several resources share."
        return Malformed("DB006", "The merge key `<<` is not accepted", index, length, hint=hint)
    return Malformed(
        "DB024", f"The key `{key}` holds a reference", index, length, hint="Use references in values only."
    )


_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def bad_character(text: str) -> Malformed:
    """The first character that YAML excludes."""
    found = _UNPRINTABLE.search(text)
    index = found.start() if found else 0
    return Malformed(
        "DB004",
        f"The character U+{ord(text[index]):04X} can't stand in a YAML file",
        index,
        hint="Delete it.",
    )


_SYNTAX = {
    "mapping values are not allowed in this context": (
        "A `:` where no key can stand",
        "Put quotes around a text that holds `: `, and align keys that belong together.",
    ),
    "found character that cannot start any token": (
        "A text can't begin with this character",
        "Put quotes around the text.",
    ),
    "could not find expected ':'": (
        "A key without a `:`",
        "Write `key: value`, and put quotes around texts of several lines.",
    ),
    "did not find expected key": ("Expected a key here", "Align the keys of a mapping, and close quotes."),
    "did not find expected '-' indicator": ("Expected `- ` here", "Align the entries of a list."),
    "did not find expected ',' or ']'": (
        "The list is not closed",
        "Write `]` at its end, and `,` between entries.",
    ),
    "did not find expected ',' or '}'": (
        "The mapping is not closed",
        "Write `}` at its end, and `,` between entries.",
    ),
    "found unexpected end of stream": ("The text is not closed", "Write the missing quote."),
    "did not find expected node content": ("Expected a value here", "Write one, or remove the comma."),
    "did not find expected <document start>": (
        "Expected the end of the file here",
        "Write one mapping per file.",
    ),
}
_TAB = ("A tab where only spaces can stand", "Indent with spaces.")

_UNQUOTED = (
    "A reference without quotes inside braces or brackets",
    'Put quotes around the value, as in `{path: "${var.NAME}"}`.',
)


def not_well_formed(text: str, error: yaml.MarkedYAMLError) -> Malformed:
    """What libyaml's scanner or parser stumbled over."""
    mark = error.problem_mark or error.context_mark
    index = mark.index if mark else 0
    problem = str(error.problem or error.context or "this can't be read")
    summary, hint = _SYNTAX.get(problem, (f"Not well-formed: {problem}", ""))
    if text[index : index + 1] == "\t":
        summary, hint = _TAB
    elif text[index - 1 : index + 1] == "${":
        summary, hint = _UNQUOTED
        index -= 1
    return Malformed("DB004", summary, index, hint=hint)

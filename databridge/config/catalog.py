"""A catalog knows sources and destinations by name; a name in a stack never hides one that all stacks share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic

from databridge.config.connection import DESTINATIONS, SOURCES, C, Kind, read_connection
from databridge.config.document import Document, Steps
from databridge.config.naming import check_name
from databridge.config.problems import Problems
from databridge.config.suggestion import did_you_mean
from databridge.config.tree import Value
from databridge.model.destination import Destination
from databridge.model.source import Source


@dataclass
class Entry(Generic[C]):
    """A source or destination under its name."""

    value: C | None
    """None when it has a problem."""
    type: str
    """As written; empty when that is no text."""
    document: Document
    steps: Steps
    used: bool = False


@dataclass(frozen=True, slots=True)
class Written(Generic[C]):
    """A source or destination, and where it is written."""

    value: C
    document: Document
    shared: bool
    """Whether every stack may name it."""


@dataclass(frozen=True)
class Shelf(Generic[C]):
    """The sources, or the destinations, of one catalog."""

    kind: Kind[C]
    entries: dict[str, Entry[C]] = field(default_factory=dict)
    shared: Shelf[C] | None = None
    """Those of all stacks, for a stack's own shelf."""

    def read(self, document: Document, problems: Problems) -> None:
        """Add what one file defines; a name that is taken is a problem."""
        section = document.value.get(self.kind.section)
        for name, raw in section.items() if isinstance(section, dict) else ():
            steps = (self.kind.section, name)
            check_name(self.kind.noun, name, document, steps, problems)
            value = read_connection(self.kind, name, raw, document, problems)
            if other := self.get(name):
                _tell_twice(self.kind.noun, name, document, steps, other, problems)
            else:
                self.entries[name] = Entry(value, _type(raw), document, steps)

    def get(self, name: str) -> Entry[C] | None:
        """The entry of a name, here or shared."""
        return self.entries.get(name) or (self.shared.get(name) if self.shared else None)

    def find(self, name: str, document: Document, steps: Steps, problems: Problems) -> Entry[C] | None:
        """The entry that a pipeline names, which is used from now on; None and a problem when there is none."""
        entry = self.get(name)
        if entry:
            entry.used = True
            return entry
        known = sorted({*self.entries, *(self.shared.entries if self.shared else ())})
        some = ", ".join(f"`{each}`" for each in known[:8])
        otherwise = f"Define it under `{self.kind.section}:`" + (f", or use one of {some}." if some else ".")
        hint = did_you_mean(name, known, otherwise=otherwise)
        problems.add("DB111", f"Unknown {self.kind.noun} `{name}`", document.at_value(steps), hint=hint)
        return None

    def warn_of_unused(self, problems: Problems) -> None:
        """Note what no pipeline names."""
        for name, entry in self.entries.items():
            if entry.value and not entry.used:
                where = entry.document.at_key(entry.steps)
                summary, hint = (
                    f"No pipeline uses the {self.kind.noun} `{name}`",
                    "Remove it, or name it in a pipeline.",
                )
                problems.warn("DB153", summary, where, hint=hint)


@dataclass(frozen=True, slots=True)
class Catalog:
    """What pipelines may name."""

    sources: Shelf[Source]
    destinations: Shelf[Destination]

    @classmethod
    def over(cls, shared: Catalog | None) -> Catalog:
        """An empty catalog: a stack's own above the shared one, or the shared one itself."""
        return cls(
            Shelf(SOURCES, shared=shared.sources if shared else None),
            Shelf(DESTINATIONS, shared=shared.destinations if shared else None),
        )

    def read(self, document: Document, problems: Problems) -> None:
        """Add what one file defines."""
        self.sources.read(document, problems)
        self.destinations.read(document, problems)


def _type(raw: Value) -> str:
    kind = raw.get("type") if isinstance(raw, dict) else None
    return kind if isinstance(kind, str) else ""


def _tell_twice(
    noun: str, name: str, document: Document, steps: Steps, other: Entry[C], problems: Problems
) -> None:
    problems.add(
        "DB112",
        f"The {noun} `{name}` is defined twice",
        document.at_key(steps),
        detail=f"The other is at {other.document.at_key(other.steps)}.",
        hint="Remove or rename one of the two.",
    )

"""A selection keeps the addresses that one of its patterns matches; without patterns it keeps all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from databridge.model.address import Address

_WILDCARD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Selection:
    """Patterns such as `sales_de`, `sales_de.sales`, `*.sales.ORDERS`; `*` matches within and across parts."""

    patterns: tuple[str, ...] = ()

    def keeps(self, address: Address) -> bool:
        """Whether the address, its pipeline or its stack is matched."""
        if not self.patterns:
            return True
        names = (address.stack, address.pipeline_path, str(address))
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.patterns)

    def may_keep(self, stack: str) -> bool:
        """Whether it could keep anything of a stack; true when in doubt, since `*` also matches across dots."""
        return not self.patterns or any(_may_match(stack, pattern) for pattern in self.patterns)

    def may_keep_of(self, pipeline: Address) -> bool:
        """Whether it keeps a pipeline, or could keep a resource of it; true when in doubt."""
        return self.keeps(pipeline) or any(_may_match_below(str(pipeline), each) for each in self.patterns)

    def unmatched(self, addresses: Iterable[Address]) -> tuple[str, ...]:
        """The patterns that match none of these addresses: misspelt ones."""
        listed = tuple(addresses)
        return tuple(
            p for p in self.patterns if not any(Selection((p,)).keeps(address) for address in listed)
        )


def _may_match(stack: str, pattern: str) -> bool:
    fixed, *wild = _WILDCARD.split(pattern, maxsplit=1)
    head, dot, _ = fixed.partition(".")
    return stack.startswith(head) if wild and not dot else stack == head


def _may_match_below(pipeline: str, pattern: str) -> bool:
    fixed, *wild = _WILDCARD.split(pattern, maxsplit=1)
    below = f"{pipeline}."
    return fixed.startswith(below) or (bool(wild) and below.startswith(fixed))


EVERYTHING = Selection()

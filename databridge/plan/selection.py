"""A selection keeps the addresses that one of its patterns matches; without patterns it keeps all."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from databridge.model.address import Address


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


EVERYTHING = Selection()

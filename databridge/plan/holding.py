"""A destination of another kind holds a value as it is, or the plan says that it does not; what every destination holds is not asked about."""

from __future__ import annotations

from databridge.model.destination import Destination

_COARSE_TIMES = ("time", "time(0)", "time(3)", "time(6)")
_WITHOUT_ZONE = "without a zone"


def holds(origin: Destination, goal: Destination, rare: str) -> bool:
    """Whether values of a type go to another kind of destination as they are.

    Args:
        origin: where they are.
        goal: where they go.
        rare: a type as `DltState.rare` has it.
    """
    match rare.partition("(")[0]:
        case "time":
            return goal.type in {"duckdb", "filesystem"} or (goal.type == "sql" and rare in _COARSE_TIMES)
        case "timestamp":
            zoned = not rare.endswith(_WITHOUT_ZONE)
            if goal.type == "filesystem" or (
                zoned and origin.type == "duckdb"
            ):  # a zone costs DuckDB its nanoseconds
                return True
            return goal.type == "duckdb" and not zoned
        case _:
            return False

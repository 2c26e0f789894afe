"""A run is found by its id or by any beginning of it that no other run shares."""

from __future__ import annotations

from collections.abc import Iterable

from databridge.model.diagnostic import DatabridgeError

_SHOWN = 5


def matching_run(run_ids: Iterable[str], beginning: str) -> str | None:
    """The id that is meant; None where none begins so.

    Raises:
        DatabridgeError: several do (DB409).
    """
    found = sorted((run_id for run_id in run_ids if run_id.startswith(beginning)), reverse=True)
    if beginning in found:
        return beginning
    if len(found) > 1:
        more = f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
        raise DatabridgeError.of(
            "DB409",
            f"{len(found):,} runs begin with `{beginning}`",
            detail=f"They are {', '.join(found[:_SHOWN])}{more}.",
            hint="Give more of the run's id; `databridge runs list` shows them.",
        )
    return found[0] if found else None

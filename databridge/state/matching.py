"""A run or a restore point is found by its id or by any beginning of it that no other one shares."""

from __future__ import annotations

from collections.abc import Iterable

from databridge.model.diagnostic import DatabridgeError

_SHOWN = 5


def matching_run(run_ids: Iterable[str], beginning: str) -> str | None:
    """The id of a run that is meant; None where none begins so.

    Raises:
        DatabridgeError: several do (DB409).
    """
    return _matching(
        run_ids,
        beginning,
        code="DB409",
        nouns="runs",
        hint="Give more of the run's id; `databridge runs list` shows them.",
    )


def matching_point(restore_ids: Iterable[str], beginning: str) -> str | None:
    """The id of a restore point that is meant; None where none begins so.

    Raises:
        DatabridgeError: several do (DB421).
    """
    return _matching(
        restore_ids,
        beginning,
        code="DB421",
        nouns="restore points",
        hint="Give more of its id; `databridge state backup --list` shows them.",
    )


def _matching(ids: Iterable[str], beginning: str, *, code: str, nouns: str, hint: str) -> str | None:
    found = sorted((each for each in ids if each.startswith(beginning)), reverse=True)
    if beginning in found:
        return beginning
    if len(found) > 1:
        more = f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
        raise DatabridgeError.of(
            code,
            f"{len(found):,} {nouns} begin with `{beginning}`",
            detail=f"They are {', '.join(found[:_SHOWN])}{more}.",
            hint=hint,
        )
    return found[0] if found else None

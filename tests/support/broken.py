"""Ways to break recovery, each by taking out the code that does a part of it; a sweep over any of them has to fail."""

from __future__ import annotations

from unittest import mock

from databridge.apply.engine import Settlement

_FOREMAN = "databridge.engine.foreman"
WAYS: dict[str, tuple[str, object]] = {
    "rows of dead loads stay": (f"{_FOREMAN}.purge", None),
    "every open load counts as complete": (f"{_FOREMAN}.Foreman.settle", Settlement.FINISHED),
    "renamed tables are not moved back": (f"{_FOREMAN}.take_back", None),
}
"""What is put out of action, and what it answers instead."""


def break_recovery(way: str) -> None:
    """Put something out of action in this process, for good."""
    place, answer = WAYS[way]
    mock.patch(place, return_value=answer).start()

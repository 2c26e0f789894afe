"""What a shell completes is what the project's files define; where they can't be read it completes nothing."""

from __future__ import annotations

from collections.abc import Iterable


def source_names(incomplete: str) -> list[str]:
    """The sources that begin so."""
    return [name for name in _defined(sources=True) if name.startswith(incomplete)]


def destination_names(incomplete: str) -> list[str]:
    """The destinations that begin so."""
    return [name for name in _defined(sources=False) if name.startswith(incomplete)]


def _defined(*, sources: bool) -> Iterable[str]:
    from databridge.cli.workplace import open_workplace
    from databridge.model.diagnostic import DatabridgeError

    try:
        project = open_workplace(None, None).project
    except DatabridgeError:
        return ()
    return sorted(project.sources if sources else project.destinations)

"""A sweep is what shall go from the places of one pipeline: nothing that any load will ask for again."""

from __future__ import annotations

from databridge.model.frozen import Frozen


class Sweep(Frozen):
    """What goes, and how much stays."""

    loads: tuple[str, ...] = ()
    """Loads that never completed, whose rows and states go."""
    orphans: bool = False
    """Whether nested rows go whose parent is not there."""
    staged: tuple[str, ...] = ()
    """Tables of the staging dataset, or folders of it, that go."""
    bucket: bool = False
    """Whether the staging place in a bucket is emptied. Every job does so in the end, so there is nothing to say which."""
    volume: tuple[str, ...] = ()
    """Tables whose files go that wait in a volume to be copied into them."""
    packages: int | None = None
    """How many packages of finished loads stay, the newest; None for all."""
    states: int | None = None
    """How many states of completed loads stay, the newest; None for all."""

    def __bool__(self) -> bool:
        return self != NOTHING


NOTHING = Sweep()

"""What every piece of work of one apply shares: the stores, the engine, the clocks, and where events go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from databridge.apply.engine import Engine
from databridge.apply.events import Event
from databridge.apply.keeper import Keeper
from databridge.state.store import StateStore


@dataclass(frozen=True, slots=True)
class Bench:
    """Every effect that apply has comes in here."""

    store: StateStore
    engine: Engine
    keeper: Keeper
    run_id: str
    now: Callable[[], datetime]
    """The time, with its zone."""
    seconds: Callable[[], float]
    """A clock that only goes forward."""
    new_token: Callable[[], str]
    """A text that never comes twice."""
    emit: Callable[[Event], None]
    """Told of everything; may be called from several threads."""

"""A store is locked in one way, whatever a lock is there: who takes it, in which order, and how long it waits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from databridge.state.holder import Holder, this_process
from databridge.state.names import stack_name
from databridge.state.patience import Patience

Me = Callable[[], Holder]
"""Tells who takes a lock, when it was got."""


class Lockable(ABC):
    """What all stores that can be locked have in common."""

    lock_expiry: float | None = None
    """Seconds that a lock lasts unrenewed; None where it ends with its process."""

    @contextmanager
    def lock(
        self,
        stacks: Iterable[str],
        *,
        operation: str,
        who: str,
        run_id: str,
        now: Callable[[], datetime],
        timeout: float,
        on_wait: Callable[[str], None] | None = None,
    ) -> Iterator[None]:
        """See `StateStore.lock`."""

        def me() -> Holder:
            return this_process(
                operation=operation, who=who, run_id=run_id, created=now(), lock_expiry=self.lock_expiry
            )

        names = sorted({stack_name(stack) for stack in stacks})
        with self._locked(names, me, Patience(timeout, on_wait)):
            yield

    @abstractmethod
    def _locked(self, stacks: Sequence[str], me: Me, patience: Patience) -> AbstractContextManager[None]:
        """Hold these locks, taken in this order."""

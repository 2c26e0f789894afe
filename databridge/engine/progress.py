"""What dlt counts while it extracts becomes rows by resource, told a few times a second at most."""

from __future__ import annotations

import time
from collections.abc import Callable

from dlt.common.runtime.collector_base import Collector

from databridge.apply.events import JobEvent, RowsRead
from databridge.model.address import Address

_PAUSE = 0.25


class RowCounter(Collector):
    """Adds up rows as dlt reports them."""

    def __init__(
        self, pipeline: Address, resources: frozenset[str], emit: Callable[[JobEvent], None]
    ) -> None:
        self._pipeline, self._resources, self._emit = pipeline, resources, emit
        self._rows: dict[str, int] = {}
        self._told: dict[str, float] = {}
        self._extracting = False

    def update(
        self,
        name: str,
        inc: int = 1,
        total: int | None = None,  # noqa: ARG002 - dlt's signature, as are the next three
        inc_total: int | None = None,  # noqa: ARG002
        message: str | None = None,  # noqa: ARG002
        label: str | None = None,  # noqa: ARG002
    ) -> None:
        """Called by dlt; while it extracts, `inc` is the number of rows of one batch of the resource `name`."""
        if not self._extracting or name not in self._resources:
            return
        self._rows[name] = self._rows.get(name, 0) + inc
        moment = time.monotonic()
        if moment - self._told.get(name, 0.0) >= _PAUSE:
            self._told[name] = moment
            self._tell(name)

    def _start(self, step: str) -> None:
        self._extracting = step.startswith("Extract")

    def _stop(self) -> None:
        if self._extracting:
            for name in self._rows:
                self._tell(name)
        self._extracting = False

    def _tell(self, name: str) -> None:
        address = Address(self._pipeline.stack, self._pipeline.pipeline, name)
        self._emit(RowsRead(address, self._rows[name]))

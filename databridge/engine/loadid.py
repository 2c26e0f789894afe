"""A load id of dlt's is the time of its making, in seconds since 1970: of two, the greater one came later."""

from __future__ import annotations

import re
import time

_LOAD_ID = re.compile(r"\d{10}\.\d+")
_CLOCKS_DIFFER = 86_400  # seconds that another machine's clock may be ahead


def is_newer(load_id: str, newest: str | None) -> bool:
    """Whether it is the id of one of dlt's loads that came after another: what people wrote there themselves is not."""
    if newest is None or not _LOAD_ID.fullmatch(load_id):
        return False
    return float(newest) < float(load_id) <= time.time() + _CLOCKS_DIFFER

"""How hard properties try: the same few examples in CI every time, others on a desk, and as many as `EXAMPLES` asks for."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_FACTOR = float(os.environ.get("EXAMPLES", "1"))


def examples(number: int) -> settings:
    """Settings that try about so many examples, however long each takes."""
    return settings(
        max_examples=max(1, round(number * _FACTOR)),
        deadline=None,
        derandomize="CI" in os.environ,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )

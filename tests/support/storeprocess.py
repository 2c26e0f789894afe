"""A process of its own at a store, started from a test: `tests/conformance/store_process.py` is what runs in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from databridge.state.opening import StorePlace

_PROJECT = Path(__file__).parents[2]
_SCRIPT = _PROJECT / "tests" / "conformance" / "store_process.py"


def start(place: StorePlace, *command: str, failpoint: str = "") -> subprocess.Popen[str]:
    """Start it; what it says and is told goes through pipes."""
    environ = {**os.environ, "PYTHONPATH": str(_PROJECT)}
    if failpoint:
        environ["DATABRIDGE_FAILPOINT"] = failpoint
    text = str(place) if isinstance(place, Path) else place.model_dump_json()
    return subprocess.Popen(
        [sys.executable, str(_SCRIPT), text, *command],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

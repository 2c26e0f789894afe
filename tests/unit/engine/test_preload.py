"""What workers are forked with is imported whole, and leaves no thread that a fork would lose."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LOOK = "import sys, threading, databridge.engine.preload; print(threading.active_count(), *sys.modules)"


@pytest.mark.parametrize(
    ("wanted", "module"),
    [
        ("", "dlt.pipeline.pipeline"),
        ("s3", "s3fs"),
        (" az,unknown", "adlfs"),
        ("databricks", "databricks.sdk.core"),
    ],
)
def test_it_holds_what_is_asked_for(wanted: str, module: str) -> None:
    environ = {**os.environ, "DATABRIDGE_PRELOAD": wanted}
    told = subprocess.run(
        [sys.executable, "-c", LOOK], env=environ, capture_output=True, text=True, check=True
    ).stdout
    threads, *modules = told.split()
    assert threads == "1"
    assert module in modules
    assert ("s3fs" in modules) == (wanted == "s3")

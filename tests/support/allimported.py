"""All that commands import late, imported at once: whoever is forked from this process has it already, and it has no threads."""

from __future__ import annotations

import gc
import pkgutil
from importlib import import_module


def import_all() -> None:
    """Import it, and let nobody look for garbage in it."""
    import databridge.cli

    import_module("databridge.engine.preload")
    for found in pkgutil.walk_packages(databridge.cli.__path__, "databridge.cli."):
        import_module(found.name)
    gc.freeze()

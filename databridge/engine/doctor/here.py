"""What runs here, and where databridge keeps its own records."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

from databridge.engine.doctor.destination import writable
from databridge.engine.doctor.examination import Examination
from databridge.model.checkup import Outcome
from databridge.model.quantity import counted
from databridge.state.store import StateReader


def version_checks(examination: Examination, seen: str) -> None:
    """Tell the versions.

    Args:
        examination: takes what is found.
        seen: the version of dlt that plans go by.
    """
    python = f"Python {platform.python_version()}"
    examination.note("version", Outcome.OK, f"databridge {version('databridge')}, {python}")
    installed = version("dlt")
    if installed == seen:
        examination.note("dlt", Outcome.OK, f"dlt {installed}")
    else:
        told = f"dlt {installed} is installed; plans go by what dlt {seen} was seen to do"
        examination.note("dlt", Outcome.WARNING, told, f"Install dlt=={seen}.")


def store_checks(examination: Examination, where: str, store: StateReader, folder: Path | None) -> None:
    """See that the state can be read.

    Args:
        examination: takes what is found.
        where: the store, as people recognise it.
        store: it.
        folder: where it lies, if on this machine.

    Raises:
        Over: it can't be.
    """

    def look() -> tuple[None, str]:
        return None, f"{where}: {counted(len(store.stacks()), 'stack')} recorded"

    examination.see(
        "reading", look, remedy="Mend the `store` of databridge.yaml, or what keeps you out of it."
    )
    if folder is not None:
        writable(examination, folder)

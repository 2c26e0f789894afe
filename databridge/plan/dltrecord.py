"""The file with what was seen of dlt is read once, and only when somebody asks for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TypedDict

FILE = "dlt_behaviour.json"
"""Lies beside this module."""


class DltRecord(TypedDict):
    """The file's content; `databridge.plan.dltbehaviour` knows what it means."""

    dlt: str
    """The version that did what is told."""
    seen: Mapping[str, list[str]]
    """Outcomes by CHANGE/DESTINATION/WAY."""


@cache
def dlt_record() -> DltRecord:
    """What lies beside this module."""
    record: DltRecord = json.loads(files(__package__).joinpath(FILE).read_text("utf-8"))
    return record

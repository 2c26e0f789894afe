"""A sample as people and machines read it: first what becomes of the columns, then the rows."""

from __future__ import annotations

import json

from pydantic import JsonValue

from databridge.model.address import Address
from databridge.model.quantity import counted
from databridge.model.sample import Sample
from databridge.render.columns import columns
from databridge.render.console import UNKNOWN_WIDTH
from databridge.render.printable import printable
from databridge.render.tone import Tone, paint

FORMAT_VERSION = 1
"""Within one version, JSON only gains fields."""
_LONGEST = 60
"""Characters of a value that are shown."""


def sample_text(
    address: Address, sample: Sample, destination: str, *, width: int = UNKNOWN_WIDTH, color: bool = False
) -> str:
    """The columns with their types, and below them the rows.

    Args:
        address: the resource.
        sample: of it.
        destination: as people recognise it.
        width: cells in a line.
        color: with ANSI colours.
    """
    if not sample.columns:
        return f"{printable(str(address))}: there is nothing to read.\n"
    head = ("column", "at the source", "read as", "for dlt", "stored as")
    types = [
        tuple(
            map(
                printable,
                (
                    c.name,
                    c.source_type,
                    c.arrow_type,
                    c.data_type + (" (declared)" if c.declared else ""),
                    c.stored_type,
                ),
            )
        )
        for c in sample.columns
    ]
    lines = [paint(f"{printable(str(address))} → {printable(destination)}", Tone.TITLE, color=color)]
    lines += columns(head, types, width=width, color=color)
    lines += ["", paint(counted(len(sample.rows), "row"), Tone.TITLE, color=color)]
    if sample.rows:
        names = tuple(printable(c.name) for c in sample.columns)
        lines += columns(names, [tuple(map(_cell, row)) for row in sample.rows], width=width, color=color)
    return "\n".join(lines) + "\n"


def sample_json(address: Address, sample: Sample) -> str:
    """The same as indented JSON, ending in a newline; values whole."""
    document = {
        "format_version": FORMAT_VERSION,
        "address": str(address),
        "columns": [
            {
                "name": c.name,
                "source_type": c.source_type or None,
                "arrow_type": c.arrow_type or None,
                "data_type": c.data_type or None,
                "stored_type": c.stored_type or None,
                "declared": c.declared,
            }
            for c in sample.columns
        ],
        "rows": [dict(zip((c.name for c in sample.columns), row, strict=True)) for row in sample.rows],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _cell(value: JsonValue) -> str:
    text = "NULL" if value is None else value if isinstance(value, str) else json.dumps(value)
    shown = printable(text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"

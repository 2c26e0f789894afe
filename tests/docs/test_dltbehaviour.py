"""The page shows every change once, in the tables that `dlt_behaviour.json` fills."""

from __future__ import annotations

from databridge.plan.dltchange import DltChange
from docs.generate.dltbehaviour import behaviour_tables, grouped


def test_every_change_stands_in_one_table() -> None:
    assert grouped() == list(DltChange)


def test_a_cell_holds_what_was_seen() -> None:
    row = next(line for line in behaviour_tables().splitlines() if line.startswith("| append to merge |"))
    assert (
        row
        == "| append to merge | both | deleted, effect | duplicated, ignored | deleted, effect | deleted, effect |"
    )

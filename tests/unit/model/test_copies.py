"""Where copies lie is told by dataset and run alone, in a name that every destination takes."""

from __future__ import annotations

from databridge.model.restorepoint import copies_of

RUN = "20261123T085421Z-3f9a"


def test_the_name_tells_dataset_and_run() -> None:
    assert copies_of("raw", RUN) == "raw_undo_20261123t085421z_3f9a"


def test_long_names_are_cut_and_stay_apart() -> None:
    one, other = (copies_of("x" * 60 + end, RUN) for end in "ab")
    assert one != other
    assert len(one) <= 63

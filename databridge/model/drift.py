"""An ignored drift is known to be there, for a reason, and until a day: nobody ignores anything for good."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from databridge.model.codes import CODES
from databridge.model.frozen import Frozen

_DRIFT = re.compile(r"DB[27]\d{2}")
"""Drifts proper, and findings of a plan that block."""


def _known(code: str) -> str:
    if _DRIFT.fullmatch(code) and code in CODES:
        return code
    raise ValueError("expected the code of a drift, as `databridge drift` tells it")


class DriftIgnore(Frozen):
    """One drift, or several of a kind, that `databridge drift` does not count."""

    address: str = Field(min_length=1, examples=["sales_de.sales.ORDERS", "sales_de.*"])
    """The address; `*` is a wildcard, and a stack or pipeline stands for all that is in it."""
    code: Annotated[str, AfterValidator(_known)]
    """The code of the drift: `DB7` and two digits."""
    reason: str = Field(min_length=1)
    """Why it may stay."""
    until: date
    """The last day on which it is ignored: `2027-01-31`."""

"""An ignored drift is known to be there, for a reason, and until a day: nobody ignores anything for good."""

from __future__ import annotations

import re
from datetime import date

from pydantic import Field

from databridge.model.frozen import Frozen

_CODE = re.compile(r"DB\d{3}")


class DriftIgnore(Frozen):
    """One drift, or several of a kind, that `databridge drift` does not count."""

    address: str = Field(min_length=1, examples=["sales_de.sales.ORDERS", "sales_de.*"])
    """The address; `*` is a wildcard, and a stack or pipeline stands for all that is in it."""
    code: str = Field(pattern=_CODE.pattern)
    """The code of the drift."""
    reason: str = Field(min_length=1)
    """Why it may stay."""
    until: date
    """The last day on which it is ignored."""

"""A finding is something a reviewer should know that is no action; one that blocks keeps its pipeline from being applied."""

from __future__ import annotations

from databridge.model.address import AddressField
from databridge.model.diagnostic import Severity
from databridge.model.frozen import Frozen


class Finding(Frozen):
    """One finding."""

    code: str
    """Stable, `DB2` and two digits."""
    address: AddressField
    severity: Severity
    summary: str
    """One line without a full stop."""
    detail: str = ""
    """Sentences, or nothing."""
    hint: str = ""
    """What to do next, in the imperative."""
    blocks: bool = False
    """Whether apply refuses while it stands."""

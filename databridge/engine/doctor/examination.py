"""An examination of one place goes on until something fails that the rest needs; whatever is raised becomes a check that failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

import sqlalchemy as sa

from databridge.locations.stored import PlaceUnreadable
from databridge.model.checkup import Check, Outcome
from databridge.model.diagnostic import DatabridgeError
from databridge.secrets.redaction import Redaction
from databridge.warehouse.sql import told

T = TypeVar("T")
_LONGEST = 300


class Over(Exception):  # noqa: N818 - named for what it is: no failure of the examination
    """The rest can't be looked at."""


class Examination:
    """What is found of one place, check by check.

    Args:
        subject: whose it is: `source erp`.
        plainly: takes secrets out of what drivers say.
    """

    def __init__(self, subject: str, plainly: Redaction) -> None:
        self.subject, self._plainly = subject, plainly
        self.checks: list[Check] = []
        self.at = "start"
        """What is being looked at."""

    def see(self, what: str, look: Callable[[], tuple[T, str]], *, remedy: str) -> T:
        """Look at something that the rest needs.

        Args:
            what: the property.
            look: looks, and gives what the rest needs, and what was seen.
            remedy: what to do where it fails and does not say so itself.

        Raises:
            Over: it failed.
        """
        self.at = what
        try:
            found, seen = look()
        except Exception as error:  # noqa: BLE001 - drivers raise whatever they like, and none of it is a traceback here
            self.failed(what, error, remedy)
        self.note(what, Outcome.OK, seen)
        return found

    def try_to(self, what: str, look: Callable[[], str], *, remedy: str) -> None:
        """Look at something that nothing else needs.

        Args:
            what: the property.
            look: looks, and tells what was seen.
            remedy: what to do where it fails and does not say so itself.
        """
        try:
            self.see(what, lambda: (None, look()), remedy=remedy)
        except Over:
            return

    def failed(self, what: str, error: Exception, remedy: str) -> NoReturn:
        """Keep what was raised.

        Raises:
            Over: always.
        """
        summary, own = self._words(error)
        self.note(what, Outcome.FAILED, summary, own or remedy)
        raise Over from None

    def note(self, what: str, outcome: Outcome, seen: str, remedy: str = "") -> None:
        """Keep what was found."""
        self.checks.append(Check(self.subject, what, outcome, self._line(seen), self._line(remedy)))

    def _words(self, error: Exception) -> tuple[str, str]:
        match error:
            case DatabridgeError():
                first = error.diagnostics[0]
                return first.summary, first.hint
            case sa.exc.SQLAlchemyError():
                return str(told(error)), ""
            case PlaceUnreadable():
                return error.detail, ""
            case OSError():
                return error.strerror or str(error) or type(error).__name__, ""
            case _:
                return str(error) or type(error).__name__, ""

    def _line(self, text: str) -> str:
        # Struck out before blanks are joined: a secret may hold two in a row.
        return " ".join(self._plainly(text).split())[:_LONGEST]

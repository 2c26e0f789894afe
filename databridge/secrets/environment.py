"""A secret `erp.password` is the environment variable `DATABRIDGE_SECRET_ERP_PASSWORD`: upper case, `.` and `-` as `_`."""

from __future__ import annotations

from collections.abc import Mapping

_PREFIX = "DATABRIDGE_SECRET_"
_TO_UNDERSCORE = str.maketrans(".-", "__")


def variable(name: str) -> str:
    """The environment variable of a secret."""
    return _PREFIX + name.translate(_TO_UNDERSCORE).upper()


class Environment:
    """Secrets in environment variables.

    An empty variable counts as none: that is what a CI system gives for a secret it does not know.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def value(self, name: str) -> str | None:
        """See `Provider.value`."""
        return self._environ.get(variable(name)) or None

    def place(self, name: str) -> str:
        """See `Provider.place`."""
        state = "empty" if variable(name) in self._environ else "not set"
        return f"environment variable {variable(name)} ({state})"

    def remedy(self, name: str) -> str:
        """See `Provider.remedy`."""
        return f"set the environment variable {variable(name)}"

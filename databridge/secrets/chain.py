"""A secret comes from the first place that has it, and a missing one names every place that was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.model.secret import REFERENCE, SecretText, referenced_secrets
from databridge.secrets.dlt_toml import DltToml
from databridge.secrets.environment import Environment
from databridge.secrets.provider import Provider


class SecretsChain:
    """Places to look for secrets, in order; threads may share it.

    It remembers the values it gave out, so that they can be struck out of whatever is printed.
    """

    def __init__(self, *providers: Provider) -> None:
        self._providers = providers
        self._given: dict[str, str] = {}

    def fill(self, template: str) -> SecretText:
        """The template with each reference replaced by its value.

        Values are put in as they are: the parts of a URL are filled one by one, after it was taken apart.

        Raises:
            DatabridgeError: a place can't be read (DB452, DB453), or secrets are in none of them (DB451).
        """
        names = dict.fromkeys(referenced_secrets(template))
        missing = [self._missing(name) for name in names if not self._found(name)]
        if missing:
            raise DatabridgeError(*missing)
        return SecretText(REFERENCE.sub(lambda match: self._given[match[1]], template))

    def known_values(self) -> tuple[str, ...]:
        """The values given out so far; for striking them out, and nothing else."""
        return tuple(self._given.values())

    def __repr__(self) -> str:
        return f"SecretsChain({len(self._given)} given)"

    def _found(self, name: str) -> bool:
        if name not in self._given:
            value = next((v for provider in self._providers if (v := provider.value(name)) is not None), None)
            if value is None:
                return False
            self._given[name] = value
        return True

    def _missing(self, name: str) -> Diagnostic:
        places = "; ".join(provider.place(name) for provider in self._providers)
        remedies = ", or ".join(provider.remedy(name) for provider in self._providers)
        return Diagnostic(
            code="DB451",
            summary=f"The secret `{name}` is missing",
            detail=f"Looked at, in this order: {places}.",
            hint=f"{remedies[:1].upper()}{remedies[1:]}.",
        )


def secret_chain(root: Path, environ: Mapping[str, str]) -> SecretsChain:
    """The places of a project: the environment, then `.dlt/secrets.toml`.

    Args:
        root: the project's folder.
        environ: the environment's variables.
    """
    return SecretsChain(Environment(environ), DltToml(root))

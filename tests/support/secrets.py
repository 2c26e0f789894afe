"""Nothing to fill in: for places that ask for no secret."""

from __future__ import annotations

from databridge.secrets.chain import SecretsChain

NO_SECRETS = SecretsChain()

"""A sandbox is what its settings say; two with the same root folder have the same data, one after the other."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from databridge.sandbox.fault import Fault


def _token() -> str:
    return f"dapi{secrets.token_hex(16)}"


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """How a sandbox is set up. It only ever listens on this machine."""

    root: Path  # everything is kept here, over restarts
    port: int = 0  # 0: one that is free
    catalogs: tuple[str, ...] = (
        "main",
    )  # made if they are not there; the first is the one of clients who name none
    token: str = field(default_factory=_token, repr=False)
    client_id: str = "sandbox-client"  # of the one service principal
    client_secret: str = field(default_factory=_token, repr=False)
    token_lifetime: int = 3600  # seconds that a token of the service principal is good for
    tls: bool = True
    s3_endpoint: str | None = None  # where s3:// leads in COPY INTO
    azure_endpoint: str | None = None  # where abfss:// leads; accounts are the first part of its paths
    faults: tuple[Fault, ...] = ()
    statement_log: Path | None = None

    def __post_init__(self) -> None:
        if not self.catalogs:
            raise ValueError("a sandbox has at least one catalog")
        if not self.token or not self.client_id or not self.client_secret:
            raise ValueError("a sandbox lets nobody in without a token")

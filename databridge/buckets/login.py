"""A login is what a stack gives to get into a bucket, with its secrets filled in; it shows none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from databridge.model.secret import Secrets
from databridge.model.storage import StorageCredentials


@dataclass(frozen=True, slots=True)
class BucketLogin:
    """Credentials; None where the stack gives none."""

    _given: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, credentials: StorageCredentials, secrets: Secrets) -> BucketLogin:
        """Fill in the secrets.

        Raises:
            DatabridgeError: one is missing.
        """
        templates: dict[str, str] = credentials.model_dump(exclude_defaults=True)
        return cls({name: secrets.fill(template).reveal() for name, template in templates.items()})

    @property
    def access_key_id(self) -> str | None:
        """S3's."""
        return self._given.get("aws_access_key_id")

    @property
    def secret_access_key(self) -> str | None:
        """S3's."""
        return self._given.get("aws_secret_access_key")

    @property
    def session_token(self) -> str | None:
        """S3's, of a temporary key."""
        return self._given.get("aws_session_token")

    @property
    def account_key(self) -> str | None:
        """Azure's."""
        return self._given.get("azure_storage_account_key")

    @property
    def sas_token(self) -> str | None:
        """Azure's, without the `?` that its portal puts before it."""
        token = self._given.get("azure_storage_sas_token")
        return token.removeprefix("?") if token else None

    @property
    def service_account_key(self) -> str | None:
        """Google's, as JSON."""
        return self._given.get("google_service_account_key")


FROM_ENVIRONMENT = BucketLogin()
"""Whatever the environment or the machine gives."""

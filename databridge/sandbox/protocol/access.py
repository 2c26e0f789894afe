"""Nobody gets in without a token: the one of the settings, or one that was given to the service principal.

Source for the token endpoint: RFC 6749, section 4.4.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable

from databridge.sandbox.protocol.message import Request, Response, json_error, json_response
from databridge.sandbox.settings import SandboxSettings


class Access:
    """Who may talk to a sandbox."""

    def __init__(self, settings: SandboxSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._issued: dict[str, float] = {}
        self._signing_key = secrets.token_bytes(32)

    def refusal(self, request: Request) -> Response | None:
        """What to answer to one who may not get in; None where all is well."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            return json_error(
                401, "UNAUTHENTICATED", "Credential was not sent or was of an unsupported type."
            )
        if hmac.compare_digest(token.encode(), self._settings.token.encode()):
            return None
        with self._lock:
            expiry = self._issued.get(token)
        if expiry is not None and self._clock() < expiry:
            return None
        return json_error(403, "PERMISSION_DENIED", "Invalid access token.")

    def issue(self, request: Request) -> Response:
        """The token endpoint: client credentials in, a bearer token out."""
        form = request.form
        if form.get("grant_type") != "client_credentials":
            return json_response({"error": "unsupported_grant_type"}, 400)
        given = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
        wanted = (self._settings.client_id, self._settings.client_secret)
        if not hmac.compare_digest("\0".join(given).encode(), "\0".join(wanted).encode()):
            told = {"error": "invalid_client", "error_description": "Client authentication failed"}
            return json_response(told, 401)
        token = secrets.token_urlsafe(32)
        lifetime = self._settings.token_lifetime
        with self._lock:
            self._issued[token] = self._clock() + lifetime
        return json_response(
            {"access_token": token, "token_type": "Bearer", "expires_in": lifetime, "scope": "all-apis"}
        )

    def signature(self, method: str, place: str) -> str:
        """What lets the bearer of a URL do one thing with one file of a volume."""
        return hmac.new(self._signing_key, f"{method} {place}".encode(), hashlib.sha256).hexdigest()

    def signed(self, request: Request, place: str) -> bool:
        """Whether a request carries the signature for what it asks."""
        given = request.query.get("signature", "")
        return hmac.compare_digest(given.encode(), self.signature(request.method, place).encode())


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, secret

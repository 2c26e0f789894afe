"""Who logs in proves that he knows the password, and is shown that the server knows it too; it is never sent in clear.

Source: O5LOGON with the 11g verifier, as in python-oracledb's `impl/thin/messages/auth.pyx` and `crypto.pyx`.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.servers.oracle.failure import wrong_password
from tests.servers.oracle.wire.answer import parameters, status
from tests.servers.oracle.wire.reader import Reader

_VERIFIER_11G = 0x1B25
_BLOCK = 16
_PROOF = b"SERVER_TO_CLIENT"
VERSION = 19 << 24 | 3 << 16
"""19.3, as it is sent."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One of the two messages of a login."""

    user: str
    values: dict[str, str]


def attempt(reader: Reader) -> Attempt:
    reader.skip("bnnb")
    pairs = reader.number()
    reader.skip("bb")
    user = (reader.sized() or b"").decode()
    values = {}
    for _ in range(pairs):
        key = reader.text().rstrip("\0")
        values[key] = reader.text().rstrip("\0")
        reader.number()
    return Attempt(user, values)


@dataclass(slots=True)
class Login:
    """A login between its first and its second message.

    Args:
        password: None for a user that does not exist, who learns no more than that it was wrong.
    """

    password: str | None
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(10))
    _server_half: bytes = field(default_factory=lambda: secrets.token_bytes(48))

    def challenge(self) -> bytes:
        half = _encrypted(self._hash, self._server_half).hex().upper()
        verifier = ("AUTH_VFR_DATA", self._salt.hex().upper(), _VERIFIER_11G)
        return parameters([("AUTH_SESSKEY", half, 0), verifier]) + status()

    def verdict(self, answer: Attempt, service: str) -> bytes:
        """The proof that the server knows the password as well.

        Raises:
            OracleError: the client does not.
        """
        client_half = _decrypted(self._hash, bytes.fromhex(answer.values["AUTH_SESSKEY"]))
        mixed = bytes(
            one ^ other for one, other in zip(self._server_half[16:40], client_half[16:40], strict=True)
        )
        key = (hashlib.md5(mixed[:16]).digest() + hashlib.md5(mixed[16:]).digest())[:24]
        salted = _decrypted(key, bytes.fromhex(answer.values["AUTH_PASSWORD"]))
        if self.password is None or salted[_BLOCK : -salted[-1]] != self.password.encode():
            raise wrong_password()
        proof = _encrypted(key, secrets.token_bytes(_BLOCK) + _PROOF).hex().upper()
        told = {
            "AUTH_VERSION_NO": str(VERSION),
            "AUTH_SESSION_ID": "1",
            "AUTH_SERIAL_NUM": "1",
            "AUTH_SC_DB_DOMAIN": "",
            "AUTH_SC_DBUNIQUE_NAME": service,
            "AUTH_SC_SERVICE_NAME": service,
            "AUTH_INSTANCENAME": service,
            "AUTH_MAX_OPEN_CURSORS": "300",
            "AUTH_MAX_IDEN_LENGTH": "128",
            "AUTH_SVR_RESPONSE": proof,
        }
        return parameters([(key_, value, 0) for key_, value in told.items()]) + status()

    @property
    def _hash(self) -> bytes:
        password = self.password if self.password is not None else self._server_half.hex()
        return hashlib.sha1(password.encode() + self._salt).digest() + bytes(4)


def _encrypted(key: bytes, data: bytes) -> bytes:
    padding = -len(data) % _BLOCK
    work = Cipher(algorithms.AES(key), modes.CBC(bytes(_BLOCK))).encryptor()
    return bytes(work.update(data + bytes((padding,)) * padding) + work.finalize())


def _decrypted(key: bytes, data: bytes) -> bytes:
    work = Cipher(algorithms.AES(key), modes.CBC(bytes(_BLOCK))).decryptor()
    return bytes(work.update(data) + work.finalize())

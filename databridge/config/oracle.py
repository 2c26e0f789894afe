"""An Oracle is found in one way, by its host or by a connect string; where it is holds no secret."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.config.check import Told
from databridge.config.document import Steps
from databridge.model.secret import referenced_secrets
from databridge.model.source import OracleSource


def unusable_oracle(source: OracleSource) -> Iterator[tuple[Steps, Told]]:
    """The fields of a source that can't be used together, or not so, each with what to say."""
    for field in ("host", "service_name", "sid", "dsn", "wallet"):
        if referenced_secrets(str(getattr(source, field))):
            hint = "Use `${var.NAME}` or `${env.NAME}` there; user and passwords may be secrets."
            yield (field,), Told("DB031", "Where a source is can't be a secret", hint)
    if bool(source.host) == bool(source.dsn):
        hint = "Give `host` with `service_name` or `sid`, or `dsn` alone."
        yield ("type",), Told("DB102", "`oracle` needs either `host` or `dsn`", hint)
    elif source.dsn and (source.service_name or source.sid):
        hint = "Leave `service_name` and `sid` out: a `dsn` says all of it."
        yield ("dsn",), Told("DB103", "`dsn` stands alone", hint)
    elif source.host and bool(source.service_name) == bool(source.sid):
        hint = "Give `service_name`, or `sid` where the server has no service for the database."
        yield ("host",), Told("DB102", "`host` needs either `service_name` or `sid`", hint)
    if "@" in source.dsn:
        hint = "Write them as `username` and `password: ${secret.NAME}`."
        yield ("dsn",), Told("DB032", "A `dsn` can't hold user and password", hint)
    if bool(source.username) != bool(source.password):
        field = "username" if source.username else "password"
        other = "password" if source.username else "username"
        yield (field,), Told("DB102", f"`{field}` needs `{other}`", f"Add `{other}`.")
    if source.wallet_password and not source.wallet:
        yield (
            ("wallet_password",),
            Told("DB102", "`wallet_password` needs `wallet`", "Add the wallet's folder."),
        )

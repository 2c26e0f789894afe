"""A schema of the session's Oracle as a stack names it."""

from __future__ import annotations

from databridge.model.source import OracleSource
from tests.servers.oracle.place import OracleSchema


def oracle_source(oracle: OracleSchema, **fields: object) -> OracleSource:
    """The source.

    Args:
        oracle: a user of its own.
        fields: in place of those that lead there.
    """
    url = oracle.at.url
    where = {"host": url.host, "port": url.port, "service_name": oracle.at.service}
    who = {"username": oracle.user, "password": oracle.password}
    return OracleSource.model_validate({"type": "oracle", **where, **who, **fields})

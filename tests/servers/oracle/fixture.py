"""Fixtures of tests that need an Oracle: one server for the session, a schema for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.servers.oracle.place import VARIABLE, Oracle, OracleSchema, oracle_at


@pytest.fixture(scope="session")
def oracle_server() -> Iterator[Oracle]:
    with oracle_at(os.environ.get(VARIABLE)) as server:
        yield server


@pytest.fixture
def oracle(oracle_server: Oracle) -> Iterator[OracleSchema]:
    with oracle_server.schema() as schema:
        yield schema

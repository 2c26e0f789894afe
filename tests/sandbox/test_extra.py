"""Why tests of the sandbox did not run, where they did not."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import INSTALLED, PLACES


@pytest.mark.skipif(
    not INSTALLED,
    reason="the extras `sandbox` and `databricks` are not installed: no test of the sandbox runs",
)
def test_the_extra_is_installed() -> None:
    import databridge.sandbox.server

    assert databridge.sandbox.server.__doc__


@pytest.mark.skipif(
    "databricks" not in PLACES,
    reason="DATABRIDGE_TEST_DATABRICKS_HOST names no real warehouse to compare with",
)
def test_a_real_warehouse_is_named(place: object) -> None:
    assert place

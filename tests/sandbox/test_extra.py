"""Why tests of the sandbox did not run, where they did not."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import INSTALLED


@pytest.mark.skipif(
    not INSTALLED,
    reason="the extras `sandbox` and `databricks` are not installed: no test of the sandbox runs",
)
def test_the_extra_is_installed() -> None:
    import databridge.sandbox.server

    assert databridge.sandbox.server.__doc__

"""The long tests run first and trust nobody; what tests count is told at the end: a sweep that ran over nothing would pass, too."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LONG = ("crash", "e2e", "databases", "servers", "dlt_behaviour", "docs", "conformance")
"""The folders of long tests, the longest first: what is left to the end should be short, or one worker is waited for."""
NOBODY = TESTS / "support" / "nobody.pem"
"""An authority whose key is lost."""

COUNTED = "counted: "
"""Begins the name of a property that is a number, to be summed up over all tests."""


def pytest_configure() -> None:
    # To read those of the machine takes longer than most requests, and clients of Databricks read them for each connection.
    os.environ["SSL_CERT_FILE"] = str(NOBODY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {folder: rank for rank, folder in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(item.path.relative_to(TESTS).parts[0], len(LONG)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    totals: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name.startswith(COUNTED) and report.when == "call" and isinstance(value, int):
                totals[name.removeprefix(COUNTED)] += value
    for name, number in totals.items():
        terminalreporter.write_line(f"{name}: {number:,}")

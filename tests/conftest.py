"""What tests count is told at the end: a sweep that ran over nothing would pass, too."""

from __future__ import annotations

from collections import Counter

import pytest

COUNTED = "counted: "
"""Begins the name of a property that is a number, to be summed up over all tests."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    totals: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name.startswith(COUNTED) and report.when == "call" and isinstance(value, int):
                totals[name.removeprefix(COUNTED)] += value
    for name, number in totals.items():
        terminalreporter.write_line(f"{name}: {number:,}")

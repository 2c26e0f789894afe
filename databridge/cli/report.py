"""Diagnostics as JSON, for editors and checks."""

from __future__ import annotations

import json
from collections.abc import Sequence

from databridge.model.diagnostic import Diagnostic, Severity

FORMAT_VERSION = 1
"""Within one version, JSON only gains fields."""


def report_json(diagnostics: Sequence[Diagnostic]) -> str:
    """`{format_version, valid, diagnostics: [...]}`."""
    errors = sum(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
    document = {
        "format_version": FORMAT_VERSION,
        "valid": not errors,
        "diagnostics": [diagnostic.model_dump(mode="json") for diagnostic in diagnostics],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)

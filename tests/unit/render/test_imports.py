from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from databridge.render import outcome, planjson, planmarkdown, plantext, progress, runs, states
print(*{name.partition('.')[0] for name in sys.modules})
"""


def test_what_is_read_is_rendered_without_dlt_and_without_rich() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "databridge" in loaded
    assert not loaded & {"dlt", "rich", "deepdiff", "pyarrow", "sqlalchemy"}

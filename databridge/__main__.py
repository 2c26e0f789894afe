"""`python -m databridge` is the same as `databridge`."""

from __future__ import annotations

import gc
import sys

_LOADING = (["apply"], ["run"], ["reset"], ["backfill"], ["destroy"])


def main() -> None:
    """Run the command line and leave with its exit code."""
    # What is imported, read and planned lives to the end: to look for garbage among it would take a third of the time.
    gc.disable()
    loads = sys.argv[1:2] in _LOADING or (sys.argv[1:2] == ["import"] and "--apply" in sys.argv)
    if loads and "--help" not in sys.argv:
        from databridge.engine import server

        server.start()  # before all else: dlt is loaded while we import and plan
    from databridge.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

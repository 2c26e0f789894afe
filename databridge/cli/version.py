"""`databridge version`: ours, and those of what does the work."""

from __future__ import annotations


def version() -> None:
    """Show the version of databridge and of its engine."""
    import platform
    from importlib.metadata import version as version_of

    from databridge import __version__
    from databridge.cli.output import answer

    parts = [
        f"databridge {__version__}",
        *(f"{name} {version_of(name)}" for name in ("dlt", "duckdb", "pyarrow")),
    ]
    answer("\n".join([*parts, f"python {platform.python_version()}"]))

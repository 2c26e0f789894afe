"""Drivers are found by name through an odbcinst.ini of the tests' own, so that nothing of the machine is changed."""

from __future__ import annotations

import importlib.resources
import os
from pathlib import Path

MICROSOFT = "ODBC Driver 18 for SQL Server"
FREETDS = "FreeTDS"
_VARIABLE = "ODBCSYSINI"


def drivers(folder: Path) -> None:
    """Names the drivers for this process and those that it starts; before the first connection, for the manager reads once.

    Args:
        folder: gets the file.
    """
    wheel = importlib.resources.files("mssql_python_odbc") / "libs/linux/debian_ubuntu"
    (microsoft,) = Path(str(wheel)).glob("*/lib/libmsodbcsql-18*")
    text = f"[{MICROSOFT}]\nDriver={microsoft}\n\n[{FREETDS}]\nDriver=libtdsodbc.so\n"
    (folder / "odbcinst.ini").write_text(text)
    os.environ[_VARIABLE] = str(folder)

"""The data comes from one sdist, fetched by pip, and is never read unless its hash is the pinned one."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


class DataError(Exception):
    """The data cannot be had or is not what it should be. The text ends with what to do about it."""


def fetch(folder: Path) -> Path:
    """The path of the sdist in `folder`, downloaded unless it is there. Raises DataError."""
    name, version, digest = _pinned()
    sdist = folder / f"{name}-{version}.tar.gz"
    if sdist.exists() and file_digest(sdist) == digest:
        return sdist
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=folder) as scratch:
        _download(name, Path(scratch))
        downloaded = Path(scratch) / sdist.name
        if not downloaded.exists() or file_digest(downloaded) != digest:
            raise DataError(f"pip did not deliver {sdist.name} with the hash in {REQUIREMENTS.name}.")
        downloaded.replace(sdist)
    return sdist


def read_table(sdist: Path, table: str) -> bytes:
    """The CSV file of one table: UTF-8, header line, LF line ends, no quotes, `NA` for null."""
    with tarfile.open(sdist) as archive:
        for member in archive:
            path = Path(member.name)
            if path.parent.name == "data" and path.name.partition(".")[0] == table:
                stream = archive.extractfile(member)
                assert stream is not None, "a data file is a regular file"
                content = stream.read()
                return _unzip(content, f"{table}.csv") if path.suffix == ".zip" else content
    raise DataError(f"{sdist.name} holds no table {table!r}. Delete the file and prepare again.")


def file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _unzip(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def _pinned() -> tuple[str, str, str]:
    found = re.search(r"^(\S+)==(\S+) --hash=sha256:(\w+)$", REQUIREMENTS.read_text(), re.MULTILINE)
    if found is None:
        raise DataError(f"{REQUIREMENTS} does not pin one package by its sha256 hash. Restore the file.")
    return found[1], found[2], found[3]


def _download(name: str, destination: Path) -> None:
    # pip builds an sdist's metadata before it keeps the file. With build isolation (its default) that works
    # whether or not this environment has setuptools; `--no-binary :all:` would build setuptools as well.
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", name, "--require-hashes"]
    command = [_python_with_pip(destination), "-m", "pip", "download", *options]
    command += ["--requirement", str(REQUIREMENTS), "--dest", str(destination)]
    done = subprocess.run(command, check=False)  # noqa: S603 - nothing in it comes from outside
    if done.returncode:
        raise DataError(
            f"pip could not download {name} (see above). Where pip has no network, put the sdist into the "
            "folder `download` of the data folder by hand; its hash is checked all the same."
        )


def _python_with_pip(scratch: Path) -> str:
    """A Python that has pip: this one, or for environments made without pip a passing one in `scratch`."""
    if importlib.util.find_spec("pip"):
        return sys.executable
    folder = scratch / "pip"
    venv.create(folder, with_pip=True)
    return str(folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python")

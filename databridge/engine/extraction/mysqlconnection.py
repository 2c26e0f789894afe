"""How to get to a MySQL: whoever asks for encryption gets it or no connection, and a certificate is checked as far as was asked.

PyMySQL checks no host name where it is given no authority, so it is given a whole context and makes none of its own.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from databridge.model.diagnostic import DatabridgeError
from databridge.model.paths import resolve_path
from databridge.model.source import MYSQL_FILES, MySqlSource


def mysql_arguments(source: MySqlSource, root: Path) -> dict[str, object]:
    """What the driver is told beside the URL.

    Args:
        source: the database.
        root: the project's folder.

    Raises:
        DatabridgeError: a certificate or key can't be read.
    """
    match source.sslmode:
        case None:
            return {}  # encrypted where the server can, and nothing is checked
        case "disable":
            return {"ssl_disabled": True}
        case mode:
            return {"ssl": _context(source, mode, root)}


def _context(source: MySqlSource, mode: str, root: Path) -> ssl.SSLContext:
    files = {
        name: resolve_path(str(root), source.options[name]) for name in MYSQL_FILES if name in source.options
    }
    try:
        context = ssl.create_default_context(cafile=files.get("ssl_ca"))
        # The certificates that MySQL makes for itself lack what Python 3.13 asks of one.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if mode != "verify-full":
            context.check_hostname = False
        if mode == "require":
            context.verify_mode = ssl.CERT_NONE
        if "ssl_cert" in files:
            context.load_cert_chain(files["ssl_cert"], files.get("ssl_key"))
    except OSError as error:
        given = ", ".join(f"`{source.options[name]}`" for name in files)
        raise DatabridgeError.of(
            "DB512",
            f"the source's certificates can't be read: {given}: {error.strerror or error}",
            hint="Correct `ssl_ca`, `ssl_cert` and `ssl_key` in its `options`; relative paths start at the project's folder.",
        ) from None
    return context

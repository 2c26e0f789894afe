"""`python -m tests.servers.sqlserver PORT FOLDER`: serves until it is killed; FOLDER gets the authority that clients trust."""

from __future__ import annotations

import datetime as dt
import logging
import os
import sys
from pathlib import Path

from databridge.sandbox.certificate import make_certificate
from tests.servers.sqlserver.server import SqlServer

PASSWORD = "SQLSERVER_SA_PASSWORD"
"""The variable that holds the password of `sa`."""

if __name__ == "__main__":
    logging.getLogger("sqlglot").setLevel(
        logging.ERROR
    )  # it warns of what the tests of this server are about
    certificate = make_certificate(Path(sys.argv[2]), dt.datetime.now(dt.UTC))
    SqlServer(certificate.context, os.environ[PASSWORD], int(sys.argv[1])).serve()

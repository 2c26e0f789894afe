"""Whoever looks at a database without loading from it opens it here; nothing stays open, and what goes wrong is told plainly."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from databridge.engine.extraction.connection import engine_of
from databridge.model.diagnostic import DatabridgeError
from databridge.model.source import TableSource
from databridge.secrets.chain import SecretsChain
from databridge.secrets.redaction import Redaction
from databridge.warehouse.sql import told


@contextmanager
def looking_at(source: TableSource, *, root: Path, secrets: SecretsChain) -> Iterator[sa.Engine]:
    """The engine of a source, disposed of in the end.

    Args:
        source: the database.
        root: the project's folder.
        secrets: for its credentials; none of them is in what is raised.

    Raises:
        DatabridgeError: it can't be opened, or does not answer.
    """
    plainly = Redaction(secrets.known_values)
    with warnings.catch_warnings():
        # A type that SQLAlchemy does not know is shown as it knows none; it is no reason to stop.
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        engine = engine_of(source, root, secrets)
        try:
            yield engine
        except sa.exc.SQLAlchemyError as error:
            raise DatabridgeError.of(
                "DB550",
                f"the source can't be looked at: {plainly(str(told(error)))}",
                hint="See what is wrong with it: databridge doctor",
            ) from None
        finally:
            engine.dispose()

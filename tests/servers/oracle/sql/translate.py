"""One statement of Oracle becomes one of DuckDB, with all that is needed to run it and to describe what it gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import sqlglot
from sqlglot import exp
from sqlglot.transforms import eliminate_join_marks

from tests.servers.oracle.failure import OracleError, not_understood
from tests.servers.oracle.sql import changes
from tests.servers.oracle.sql.binds import PREFIX, numbered
from tests.servers.oracle.sql.lowering import Lowering
from tests.servers.oracle.sql.names import Names, Output, folded, labelled
from tests.servers.oracle.sql.pseudo import replace_pseudo
from tests.servers.oracle.storage.catalog import Catalog
from tests.servers.oracle.types.oratype import Kind, OraType

_MARK = re.compile(rf"\$({PREFIX}\d+)\b")
_FLOATS = {Kind.BINARY_DOUBLE, Kind.BINARY_FLOAT}


@dataclass(frozen=True, slots=True)
class Translation:
    """What DuckDB runs.

    Args:
        outputs: of a query; None for a change.
        binds: how many values it takes.
        packs: which of them are bound as which packed type.
        dictionary: views that must be there when it runs.
        binary_floats: whether doubles in it are BINARY_DOUBLE rather than of NUMBERs.
    """

    sql: str
    outputs: list[Output] | None
    binds: int
    packs: dict[int, OraType]
    dictionary: frozenset[str]
    binary_floats: bool
    inserts: bool

    @property
    def bulk(self) -> str:
        """An INSERT of one row of values, for a table `binds` of many."""
        head, _, values = self.sql.partition(" VALUES (")
        columns = _MARK.sub(r"binds.\1", values.removesuffix(")"))
        return f"{head} SELECT {columns} FROM binds"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose statement it is, and what his session says of names and zones.

    Args:
        offset: of its time zone, in minutes.
    """

    user: str
    schema: str
    offset: int
    service: str = ""

    @property
    def context(self) -> dict[str, str]:
        """What SYS_CONTEXT('USERENV', …) tells."""
        return {
            "CURRENT_SCHEMA": self.schema,
            "SESSION_USER": self.user,
            "CURRENT_USER": self.user,
            "SERVICE_NAME": self.service,
            "DB_NAME": self.service,
        }


def translated(sql: str, catalog: Catalog, speaker: Speaker, now: datetime) -> Translation:
    """Translate a query or a change.

    Raises:
        OracleError: Oracle would refuse it, or this server does not understand it.
        SqlglotError: it can't be read.
    """
    text, count = numbered(sql.strip().rstrip(";"))
    tree = sqlglot.parse_one(text, read="oracle")
    if any(column.args.get("join_mark") for column in tree.find_all(exp.Column)):
        tree = eliminate_join_marks(tree)
    labelled(tree)
    replace_pseudo(tree, speaker.user, speaker.context)
    folded(tree)
    lowering = Lowering(speaker.offset, now)
    lowering.constants(tree)
    names = Names(catalog, speaker.user, speaker.schema)
    outputs = None
    match tree:
        case exp.Query():
            outputs = names.query(tree)
            lowering.lower(tree)
        case exp.Insert():
            changes.insert(tree, names, lowering)
        case exp.Update():
            changes.update(tree, names, lowering)
        case exp.Delete():
            changes.delete(tree, names, lowering)
        case _:
            raise not_understood(tree.key.upper())
    return Translation(
        sql=tree.sql("duckdb", unsupported_level=sqlglot.ErrorLevel.IGNORE),
        outputs=outputs,
        binds=count,
        packs=lowering.packs,
        dictionary=frozenset(names.dictionary),
        binary_floats=_floats(tree),
        inserts=isinstance(tree, exp.Insert) and isinstance(tree.expression, exp.Values),
    )


def _floats(tree: exp.Expr) -> bool:
    kinds = (node.meta.get("oracle") for node in tree.walk())
    return any(isinstance(kind, OraType) and kind.kind in _FLOATS for kind in kinds)


def is_query(sql: str) -> bool:
    return bool(
        re.match(r"\s*(?:(?:--[^\n]*\n|/\*.*?\*/|\()\s*)*(?:SELECT|WITH)\b", sql, re.IGNORECASE | re.DOTALL)
    )


def is_change(sql: str) -> bool:
    return bool(re.match(r"\s*(?:INSERT|UPDATE|DELETE|MERGE)\b", sql, re.IGNORECASE))


def refuse_empty(sql: str) -> None:
    if not sql.strip():
        raise OracleError(900, "invalid SQL statement")

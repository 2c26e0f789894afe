"""T-SQL as sqlglot reads it, with the types that it takes for one told apart: NUMERIC and DECIMAL, FLOAT and REAL."""

from __future__ import annotations

from typing import ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.tsql import TSQL
from sqlglot.tokenizer_core import TokenType

from tests.servers.sqlserver.failure import syntax


class Transact(TSQL):
    """What this server's clients write."""

    class Tokenizer(TSQL.Tokenizer):
        KEYWORDS: ClassVar = {
            **TSQL.Tokenizer.KEYWORDS,
            "NUMERIC": TokenType.BIGDECIMAL,
            "FLOAT": TokenType.DOUBLE,
            "REAL": TokenType.FLOAT,
        }


def parse(batch: str) -> list[exp.Expr]:
    """The statements of a batch.

    Raises:
        SqlError: it is no T-SQL, as far as sqlglot knows.
    """
    try:
        found = Dialect.get_or_raise(Transact).parse(batch)
    except sqlglot.errors.SqlglotError as error:
        where = getattr(error, "errors", None) or [{}]
        raise syntax(str(where[0].get("highlight") or batch[:40])) from None
    return [statement for statement in found if statement is not None]

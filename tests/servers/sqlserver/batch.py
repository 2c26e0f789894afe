"""A batch is cut into statements, and what sqlglot does not read is told by how it begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

import sqlglot
from sqlglot.tokenizer_core import TokenType

from tests.servers.sqlserver.dialect import Transact
from tests.servers.sqlserver.failure import syntax
from tests.servers.sqlserver.principals import PRINCIPAL


class Word(Enum):
    """What a statement is, where its first words tell."""

    IMPLICIT = auto()
    SETTING = auto()
    BEGIN = auto()
    COMMIT = auto()
    ROLLBACK = auto()
    USE = auto()
    WAIT = auto()
    DATABASE = auto()
    PRINCIPAL = auto()
    RENAME = auto()
    CUT = auto()
    OTHER = auto()


_IF_OPEN = r"(?:IF\s+@@TRANCOUNT\s*>\s*0\s+)?"
_WORDS = (
    (Word.IMPLICIT, re.compile(r"\s*SET\s+IMPLICIT_TRANSACTIONS\s+(ON|OFF)", re.IGNORECASE)),
    (Word.SETTING, re.compile(r"\s*SET\s+(?!@)", re.IGNORECASE)),
    (Word.BEGIN, re.compile(r"\s*BEGIN\s+TRAN", re.IGNORECASE)),
    (Word.COMMIT, re.compile(rf"\s*{_IF_OPEN}COMMIT\b", re.IGNORECASE)),
    (Word.ROLLBACK, re.compile(rf"\s*{_IF_OPEN}ROLLBACK\b", re.IGNORECASE)),
    (Word.USE, re.compile(r"\s*USE\s+\[?([^\]\s]+)\]?", re.IGNORECASE)),
    (Word.WAIT, re.compile(r"\s*WAITFOR\s+DELAY\s+'(\d+):(\d+):(\d+(?:\.\d+)?)'", re.IGNORECASE)),
    (
        Word.DATABASE,
        re.compile(r"\s*(CREATE|DROP)\s+DATABASE\s+(IF\s+EXISTS\s+)?\[?([^\]\s]+)\]?", re.IGNORECASE),
    ),
    (Word.PRINCIPAL, PRINCIPAL),
    (
        Word.RENAME,
        re.compile(
            r"\s*EXEC(?:UTE)?\s+(?:sys\.)?sp_rename\s+N?'([^']*)'\s*,\s*N?'([^']*)'(?:\s*,\s*N?'([^']*)')?",
            re.IGNORECASE,
        ),
    ),
    (Word.CUT, re.compile(r"\s*EXEC\s+emulated_cut\s+(\d+)\s*,\s*N?'([^']*)'", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Statement:
    """One of a batch.

    Args:
        text: as written.
        word: what it is.
        parts: what the pattern of the word found in it.
    """

    text: str
    word: Word
    parts: tuple[str, ...] = ()


def split(batch: str) -> list[Statement]:
    """The statements between semicolons.

    Raises:
        SqlError: a string or a name does not end.
    """
    try:
        tokens = sqlglot.tokenize(batch, read=Transact)
    except sqlglot.errors.TokenError:
        raise syntax(batch[-20:]) from None
    ends = [token.start for token in tokens if token.token_type is TokenType.SEMICOLON]
    starts = [0, *(end + 1 for end in ends)]
    texts = [batch[start:end].strip() for start, end in zip(starts, [*ends, len(batch)], strict=True)]
    return [_statement(text) for text in texts if text]


def _statement(text: str) -> Statement:
    for word, pattern in _WORDS:
        if found := pattern.match(text):
            return Statement(text, word, tuple(part or "" for part in found.groups()))
    return Statement(text, Word.OTHER)

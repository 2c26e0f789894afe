"""The name of a type, with its sizes, is read as Oracle reads it: its synonyms and its defaults too.

Source: Oracle Database SQL Language Reference, Data Types.
"""

from __future__ import annotations

from tests.servers.oracle.failure import OracleError
from tests.servers.oracle.sql.words import Words
from tests.servers.oracle.types.oratype import Kind, OraType

_INTEGER = OraType(Kind.NUMBER, scale=0)
_SIMPLE = {
    "INTEGER": _INTEGER,
    "INT": _INTEGER,
    "SMALLINT": _INTEGER,
    "REAL": OraType(Kind.FLOAT, precision=63),
    "BINARY_FLOAT": OraType(Kind.BINARY_FLOAT),
    "BINARY_DOUBLE": OraType(Kind.BINARY_DOUBLE),
    "DATE": OraType(Kind.DATE),
    "CLOB": OraType(Kind.CLOB),
    "NCLOB": OraType(Kind.NCLOB),
    "BLOB": OraType(Kind.BLOB),
    "LONG": OraType(Kind.LONG),
    "ROWID": OraType(Kind.ROWID),
}
_TEXTS = {
    "VARCHAR2": Kind.VARCHAR2,
    "VARCHAR": Kind.VARCHAR2,
    "NVARCHAR2": Kind.NVARCHAR2,
    "CHAR": Kind.CHAR,
    "CHARACTER": Kind.CHAR,
    "NCHAR": Kind.NCHAR,
}
_LARGEST = {Kind.VARCHAR2: 4000, Kind.NVARCHAR2: 2000, Kind.CHAR: 2000, Kind.NCHAR: 1000, Kind.RAW: 2000}
_DIGITS = 38


def type_name(words: Words) -> OraType:
    """The type that the next words name.

    Raises:
        OracleError: there is none of that name, or not so large.
    """
    word = words.name()
    if word in _SIMPLE:
        return _SIMPLE[word]
    if word == "DOUBLE":
        words.expect("PRECISION")
        return OraType(Kind.FLOAT, precision=126)
    if word == "FLOAT":
        return OraType(Kind.FLOAT, precision=_size(words) or 126)
    if word in {"NUMBER", "NUMERIC", "DECIMAL", "DEC"}:
        return _number(words, bare=word == "NUMBER")
    if word in _TEXTS:
        return _text(words, _TEXTS[word])
    if word == "RAW":
        size = _size(words)
        if size is None:
            raise OracleError(906, "missing left parenthesis")
        return OraType(Kind.RAW, size=_checked(Kind.RAW, size))
    if word == "TIMESTAMP":
        return _timestamp(words)
    if word == "INTERVAL":
        return _interval(words)
    raise OracleError(902, "invalid datatype")


def _size(words: Words) -> int | None:
    if not words.accept("("):
        return None
    size = words.whole()
    words.expect(")")
    return size


def _number(words: Words, *, bare: bool) -> OraType:
    if not words.accept("("):
        return OraType(Kind.NUMBER) if bare else _INTEGER
    precision = None if words.accept("*") else words.whole()
    scale = words.whole() if words.accept(",") else 0
    words.expect(")")
    if precision is not None and not 1 <= precision <= _DIGITS:
        raise OracleError(1727, "numeric precision specifier is out of range (1 to 38)")
    return OraType(Kind.NUMBER, precision, scale)


def _text(words: Words, kind: Kind) -> OraType:
    size, in_chars = 1, False
    if words.accept("("):
        size = words.whole()
        in_chars = words.accept("CHAR")
        if not in_chars:
            words.accept("BYTE")
        words.expect(")")
    elif kind in {Kind.VARCHAR2, Kind.NVARCHAR2}:
        raise OracleError(906, "missing left parenthesis")
    return OraType(kind, size=_checked(kind, size), in_chars=in_chars or kind.form == 2)


def _checked(kind: Kind, size: int) -> int:
    if size > _LARGEST[kind]:
        raise OracleError(910, "specified length too long for its datatype")
    if size < 1:
        raise OracleError(1723, "zero-length columns are not allowed")
    return size


def _timestamp(words: Words) -> OraType:
    size = _size(words)
    scale = 6 if size is None else size
    if not 0 <= scale <= 9:
        raise OracleError(30088, "datetime/interval precision is out of range")
    if words.accept("WITH", "TIME", "ZONE"):
        return OraType(Kind.TIMESTAMP_TZ, scale=scale)
    if words.accept("WITH", "LOCAL", "TIME", "ZONE"):
        return OraType(Kind.TIMESTAMP_LTZ, scale=scale)
    return OraType(Kind.TIMESTAMP, scale=scale)


def _interval(words: Words) -> OraType:
    if words.accept("YEAR"):
        precision = _size(words)
        words.expect("TO", "MONTH")
        return OraType(Kind.INTERVAL_YM, 2 if precision is None else precision, 0)
    words.expect("DAY")
    precision = _size(words)
    words.expect("TO", "SECOND")
    scale = _size(words)
    return OraType(Kind.INTERVAL_DS, 2 if precision is None else precision, 6 if scale is None else scale)

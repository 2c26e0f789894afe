"""A literal is what it says, to its last digit; what DuckDB would round is given to it as bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from sqlglot import exp

from tests.servers.oracle.failure import OracleError
from tests.servers.oracle.sql.kinds import set_kind
from tests.servers.oracle.types.bound import packed_moment, packed_text
from tests.servers.oracle.types.decimals import plain
from tests.servers.oracle.types.moment import Moment
from tests.servers.oracle.types.oratype import Kind, OraType

_ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f")
_MICROS = 6
_DATE = OraType(Kind.DATE)
_TIMESTAMP = OraType(Kind.TIMESTAMP, scale=6)
_ZONED = OraType(Kind.TIMESTAMP_TZ, scale=6)
_SECONDS = OraType(Kind.INTERVAL_DS, 9, 9)
_MONTHS = OraType(Kind.INTERVAL_YM, 9, 0)
_NANOS = 1000


def blob(data: bytes, kind: OraType) -> exp.Expr:
    """Bytes in DuckDB's SQL, of a type that keeps its values so."""
    tree = exp.Anonymous(this="FROM_HEX", expressions=[exp.Literal.string(data.hex())])
    set_kind(tree, kind)
    return tree


def constant(tree: exp.Expr, now: datetime) -> exp.Expr | None:
    """What a literal of a moment or an interval, or the time now, is in DuckDB; None if it is neither."""
    match tree:
        case exp.DateStrToDate(this=exp.Literal(is_string=True) as literal):
            return moment(_read(literal), _DATE)
        case exp.Cast(this=exp.Literal(is_string=True) as literal, to=exp.DataType() as to) if to.is_type(
            "date"
        ):
            return moment(_read(literal), _DATE)
        case exp.StrToTime(this=exp.Literal(is_string=True) as literal) if tree.text("format") in _ISO:
            return _timestamp(literal)
        case exp.StrToDate(this=exp.Literal(is_string=True) as literal) if tree.text("format") in _ISO:
            return moment(_read(literal), _DATE)
        case exp.CurrentTimestamp() if tree.args.get("sysdate"):
            return moment(Moment.of_micros(_micros(now.replace(microsecond=0))), _DATE)
        case exp.CurrentDate():
            return moment(Moment.of_micros(_micros(now.replace(microsecond=0))), _DATE)
        case exp.CurrentTimestamp() | exp.Systimestamp():
            return moment(Moment.of_micros(_micros(now), 0), _ZONED)
        case exp.Interval(this=exp.Literal(is_string=True) as literal):
            return _interval(tree, literal.name)
        case _:
            return None


def moment(value: Moment, kind: OraType) -> exp.Expr:
    if kind.packed:
        return blob(packed_moment(value, kind, 0), kind)
    tree = exp.Anonymous(this="MAKE_TIMESTAMP", expressions=[_whole(value.micros)])
    set_kind(tree, kind)
    return tree


def packed_constant(tree: exp.Expr, kind: OraType, offset: int) -> exp.Expr | None:
    """A literal as values of a packed type are kept; None if it is no literal."""
    if isinstance(tree, exp.Null):
        return tree
    text = _text(tree)
    if text is None:
        return None
    packed = packed_text(text, kind, offset)
    return _whole(packed) if isinstance(packed, int) else blob(packed, kind)


def _text(tree: exp.Expr) -> str | None:
    """What a literal, a negative number or a constant moment says."""
    match tree:
        case exp.Paren():
            return _text(tree.this)
        case exp.Neg(this=exp.Literal() as literal):
            return "-" + literal.name
        case exp.Literal(is_string=False):
            return plain(Decimal(tree.name))
        case exp.Literal():
            return tree.name
        case exp.Anonymous(this="MAKE_TIMESTAMP") if (micros := _text(tree.expressions[0])) is not None:
            return str(Moment.of_micros(int(micros)))
        case _:
            return None


def _timestamp(literal: exp.Literal) -> exp.Expr:
    value = _read(literal)
    if value.offset is not None:
        return moment(value, OraType(Kind.TIMESTAMP_TZ, scale=9))
    digits = 9 if value.nanos % _NANOS else _MICROS
    return moment(value, OraType(Kind.TIMESTAMP, scale=digits))


def _interval(tree: exp.Interval, text: str) -> exp.Expr:
    unit = tree.args.get("unit")
    if isinstance(unit, exp.IntervalSpan):
        months = unit.this.name.upper() == "YEAR"
        kind = _MONTHS if months else _SECONDS
        return blob(_bytes(packed_text(text, kind)), kind)
    word = (unit.name if unit is not None else "").upper().rstrip("S")
    if word in {"YEAR", "MONTH"}:
        return blob(_bytes(packed_text(f"{text}-0" if word == "YEAR" else f"0-{text}", _MONTHS)), _MONTHS)
    clock = {"DAY": text, "HOUR": f"{text}:00:00", "MINUTE": f"00:{text}:00", "SECOND": f"00:00:{text}"}
    if word not in clock:
        raise OracleError(30089, "missing or invalid <datetime field>")
    return blob(_bytes(packed_text(clock[word], _SECONDS)), _SECONDS)


def _bytes(packed: bytes | int) -> bytes:
    if isinstance(packed, int):
        raise TypeError(packed)
    return packed


def _read(literal: exp.Literal) -> Moment:
    try:
        return Moment.read(literal.name)
    except ValueError as error:
        raise OracleError(1861, "literal does not match format string") from error


def _micros(now: datetime) -> int:
    aware = now if now.tzinfo else now.replace(tzinfo=UTC)
    difference = aware - datetime(1970, 1, 1, tzinfo=UTC)
    return (difference.days * 86_400 + difference.seconds) * 10**6 + difference.microseconds


def _whole(value: int) -> exp.Expr:
    literal = exp.Literal.number(str(abs(value)))
    return exp.Neg(this=literal) if value < 0 else literal

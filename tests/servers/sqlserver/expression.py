"""An expression is rewritten from its leaves up: each node learns its type, and what DuckDB would do otherwise is put right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from sqlglot import exp

from tests.servers.sqlserver.casting import VALUE, Casting, constant
from tests.servers.sqlserver.comparison import compared, extreme, ordered
from tests.servers.sqlserver.constants import Facts
from tests.servers.sqlserver.failure import SqlError, not_emulated
from tests.servers.sqlserver.names import KIND, Known, kind_of, marked
from tests.servers.sqlserver.parameter import Parameter
from tests.servers.sqlserver.sqltype import BIGINT, INT, Family, SqlType, declared

_SAME = (exp.Paren, exp.Alias, exp.Neg, exp.Upper, exp.Lower, exp.Window, exp.Distinct)
"""Has the type of what is in it."""
_TEXT_FUNCTIONS = (exp.Concat, exp.Substring, exp.Trim, exp.Replace, exp.Left, exp.Right)
_BINARY_UTF8 = "latin1_general_100_bin2_utf8"
"""The one collation that an expression can be given; a comparison in it goes by bytes that are cast to VARBINARY."""
_NOW = {
    "getdate": ("datetime", 3),
    "getutcdate": ("datetime", 3),
    "sysdatetime": ("datetime2", 7),
    "sysutcdatetime": ("datetime2", 7),
    "sysdatetimeoffset": ("datetimeoffset", 7),
}
_BLIND = (
    *_SAME, *_TEXT_FUNCTIONS, exp.Min, exp.Max, exp.Coalesce, exp.Case, exp.If, exp.Cast, exp.Convert, exp.Count, exp.Anonymous, exp.Exists,
    exp.RowNumber, exp.And, exp.Or, exp.Xor, exp.Nullif, exp.First, exp.Last, exp.Lag, exp.Lead, exp.GenerateSeries,
)  # fmt: skip
"""Functions that treat a counted time as they should, or refuse it themselves."""


class Expression:
    """The rules for the nodes of one scope.

    Args:
        meaning: of a column's name.
        casting: conversions.
        facts: what the session says of itself.
        parameters: of the call, by name without @.
        first_kind: the type of a subquery's first column.
    """

    def __init__(
        self,
        meaning: Callable[[exp.Column], Known],
        casting: Casting,
        facts: Facts,
        parameters: Mapping[str, Parameter],
        first_kind: Callable[[exp.Expr], SqlType | None],
    ) -> None:
        self._meaning = meaning
        self._casting = casting
        self._facts = facts
        self._parameters = parameters
        self._first_kind = first_kind

    def rewrite(self, node: exp.Expr) -> None:
        """One node, whose children are rewritten."""
        new = self._new(node)
        if new is not node:
            node.replace(new)

    def _new(self, node: exp.Expr) -> exp.Expr:
        match node:
            case exp.Column() if not isinstance(node.this, exp.Star):
                return self._column(node)
            case exp.Literal() | exp.National() | exp.HexString():
                return _literal(node)
            case (
                exp.Parameter()
                | exp.CurrentTimestamp()
                | exp.CurrentTimestampLTZ()
                | exp.CurrentSchema()
                | exp.CurrentUser()
            ):
                return self._session(node)
            case exp.Cast():
                return self._cast(node, node.this, node.to)
            case exp.Convert():
                if node.args.get("style") is not None:
                    raise not_emulated("CONVERT with a style")
                return self._cast(node, node.expression, node.this)
            case exp.Collate():
                return self._collated(node)
            case exp.Anonymous():
                return self._function(node)
            case (
                exp.EQ() | exp.NEQ() | exp.GT() | exp.GTE() | exp.LT() | exp.LTE() | exp.Between() | exp.In()
            ):
                compared(node, self._casting)
            case exp.Like():
                return exp.ILike(this=node.this, expression=node.expression)
            case exp.Ordered():
                ordered(node)
            case exp.Add():
                return _added(node)
            case exp.Div():
                return _divided(node)
            case exp.Min() | exp.Max():
                return extreme(node)
            case exp.Subquery() if kind_of(node) is None:
                return marked(node, self._first_kind(node))
            case _:
                return self._typed(node)
        return node

    def _column(self, node: exp.Column) -> exp.Expr:
        if node.name.lower() == "0x":  # sqlglot's reading of no bytes
            return constant(b"", SqlType("varbinary", 1))
        known = self._meaning(node)
        node.set("db", None)
        node.set("catalog", None)
        if known is not None:
            marked(node, known.kind)
            node.meta["not null"] = not known.nullable
        return node

    def _session(self, node: exp.Expr) -> exp.Expr:
        match node:
            case exp.CurrentTimestamp():
                return self._now("getdate")
            case exp.CurrentTimestampLTZ():
                return self._now("sysdatetimeoffset")
            case exp.CurrentSchema():
                return self._fact("schema_name", "")
            case exp.CurrentUser():
                return self._fact("current_user", "")
            case exp.Parameter(this=exp.Parameter()):
                found = self._facts.variable(node.this.name)
                if found is None:
                    raise not_emulated(f"@@{node.this.name}")
                return constant(*found)
        if node.find_ancestor(exp.Parameter):
            return node
        parameter = self._parameters.get(node.name.lower())
        if parameter is None:
            raise SqlError(137, f'Must declare the scalar variable "@{node.name}".', severity=15)
        return constant(parameter.value, parameter.kind)

    def _now(self, name: str) -> exp.Expr:
        kind, scale = _NOW[name]
        now = marked(exp.Anonymous(this="now_ticks"), SqlType("datetime2", scale=7))
        return self._casting.to(now, SqlType(kind, scale=scale))

    def _fact(self, name: str, argument: str) -> exp.Expr:
        found = self._facts.function(name, argument)
        assert found
        return constant(*found)

    def _cast(self, node: exp.Expr, value: exp.Expr, to: exp.DataType) -> exp.Expr:
        if to.this is exp.DataType.Type.TEXT:
            return value  # sqlglot's own, around what LEN counts
        if isinstance(node, exp.TryCast):
            raise not_emulated("TRY_CAST")
        target = declared(to, size=30)
        source = kind_of(value)
        if source is not None and source.utf8 and target.name == "varchar":
            target = replace(target, utf8=True)  # a text keeps its collation
        return self._casting.to(value, target)

    def _collated(self, node: exp.Collate) -> exp.Expr:
        kind = kind_of(node.this)
        if node.expression.name.lower() != _BINARY_UTF8 or kind is None or kind.family is not Family.TEXT:
            raise not_emulated(node.sql("tsql"))
        return marked(node.this, replace(kind, utf8=True))  # kept as characters, whatever the code page

    def _function(self, node: exp.Anonymous) -> exp.Expr:
        name = node.name.lower()
        first = node.expressions[0] if node.expressions else None
        if name in _NOW:
            return self._now(name)
        found = self._facts.function(name, str(first.meta.get(VALUE, "")) if first is not None else "")
        if found is not None:
            return constant(*found)
        match name:
            case "datalength" if first is not None and (kind := kind_of(first)) is not None:
                size = exp.Anonymous(
                    this="data_length", expressions=[first.copy(), exp.Boolean(this=kind.wide)]
                )
                return marked(size, INT) if kind.family is Family.TEXT else marked(_octets(first), INT)
            case "now_ticks" | "data_length" | "octet_length" | "text_key" | "guid_key" | "offset_key":
                return node
            case _ if name.startswith("convert_") or name in {
                "left",
                "trunc",
                "unhex",
                "within_money",
                "within_smallmoney",
            }:
                return node
            case _:
                raise SqlError(195, f"'{node.name}' is not a recognized built-in function name.", severity=15)

    def _typed(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Func) and not isinstance(node, _BLIND):
            counted = [
                child for child in node.iter_expressions() if (kind := kind_of(child)) and kind.temporal
            ]
            if counted:
                raise not_emulated(f"{type(node).__name__} of a {kind_of(counted[0])}")
        match node:
            case exp.Coalesce() | exp.Nullif():
                return marked(node, kind_of(node.this))
            case exp.Case():
                results = [branch.args["true"] for branch in node.args["ifs"]] + [node.args.get("default")]
                return marked(node, next((kind for result in results if (kind := kind_of(result))), None))
            case exp.If():
                return marked(node, kind_of(node.args.get("true")))
            case exp.Count():
                return marked(node, BIGINT if node.args.get("big_int") else INT)
            case exp.Length():
                return marked(
                    exp.Length(this=exp.Anonymous(this="rtrim", expressions=[node.this.copy()])), INT
                )
            case exp.Sum():
                return marked(node, _sum(kind_of(node.this)))
            case exp.Avg() if (kind := kind_of(node.this)) and kind.family is not Family.FLOAT:
                raise not_emulated(f"AVG of a {kind}")
            case exp.Uuid():
                return marked(node, SqlType("uniqueidentifier"))
            case exp.Table(this=exp.GenerateSeries()):
                _series(node)
            case exp.Table():
                _placed(node)
            case _ if isinstance(node, _SAME) and isinstance(node.this, exp.Expr):
                marked(node, kind_of(node.this))
            case _ if isinstance(node, _TEXT_FUNCTIONS):
                marked(node, SqlType("nvarchar", 4000))
        return node


def _literal(node: exp.Expr) -> exp.Expr:
    if VALUE in node.meta or isinstance(node.parent, (exp.DataTypeParam, exp.Interval)):
        return node
    text = node.name
    match node:
        case exp.National():
            return constant(text, SqlType("nvarchar", max(len(text), 1) if len(text) <= 4000 else None))
        case exp.HexString():
            digits = text if len(text) % 2 == 0 else f"0{text}"
            return constant(bytes.fromhex(digits), SqlType("varbinary", max(len(digits) // 2, 1)))
        case exp.Literal(is_string=True):
            return constant(text, SqlType("varchar", max(len(text), 1) if len(text) <= 8000 else None))
    if "e" in text.lower():
        kind = SqlType("float")
    elif "." in text:
        number = Decimal(text).as_tuple()
        assert isinstance(number.exponent, int)
        kind = SqlType(
            "numeric", precision=max(len(number.digits), -number.exponent, 1), scale=-number.exponent
        )
    else:
        kind = INT if int(text) < 2**31 else SqlType("numeric", precision=len(text))
    if kind.precision > 38:
        raise SqlError(
            1007, f"The number '{text}' is out of the range for numeric representation.", severity=15
        )
    if kind != INT:
        node = exp.cast(exp.Literal.string(text), kind.storage, dialect="duckdb")
    node.meta[KIND] = kind
    node.meta[VALUE] = float(text) if kind.name == "float" else int(text) if kind == INT else Decimal(text)
    return node


def _added(node: exp.Add) -> exp.Expr:
    kinds = [kind for side in (node.this, node.expression) if (kind := kind_of(side))]
    if any(kind.family is Family.TEXT for kind in kinds):
        return marked(exp.DPipe(this=node.this, expression=node.expression), SqlType("nvarchar", 4000))
    if any(kind.temporal for kind in kinds):
        raise not_emulated("arithmetic with times")
    return node


def _divided(node: exp.Div) -> exp.Expr:
    """Integers give an integer, cut; what decimals give has rules of its own that are not here."""
    kinds = [kind for side in (node.this, node.expression) if (kind := kind_of(side))]
    divisor = exp.Anonymous(this="nonzero", expressions=[node.expression.copy()])
    if len(kinds) == 2 and all(kind.family is Family.INTEGER for kind in kinds):
        return marked(
            exp.IntDiv(this=node.this.copy(), expression=divisor), max(kinds, key=lambda kind: kind == BIGINT)
        )
    if any(kind.family is Family.FLOAT for kind in kinds):
        return marked(exp.Div(this=node.this.copy(), expression=divisor), SqlType("float"))
    raise not_emulated("a division of decimals")


def _sum(kind: SqlType | None) -> SqlType | None:
    if kind is None:
        return None
    match kind.family:
        case Family.INTEGER:
            return BIGINT if kind.name == "bigint" else INT
        case Family.DECIMAL:
            return SqlType(kind.name, precision=38, scale=kind.scale)
        case Family.MONEY:
            return SqlType("money")
        case Family.FLOAT:
            return SqlType("float")
        case _:
            raise SqlError(8117, f"Operand data type {kind.name} is invalid for sum operator.")


def _octets(value: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="octet_length", expressions=[value.copy()])


def _placed(table: exp.Table) -> None:
    """In this database, whose INFORMATION_SCHEMA has another name."""
    table.set("catalog", None)
    table.set("hints", None)
    if isinstance(table.this, exp.Identifier) and table.db.lower() == "information_schema":
        table.set("db", exp.to_identifier("ischema"))


def _series(table: exp.Table) -> None:
    """GENERATE_SERIES has one column, `value`."""
    alias = exp.to_identifier(table.alias or "generate_series")
    table.set("alias", exp.TableAlias(this=alias, columns=[exp.to_identifier("value")]))

"""A type as the engine declares it: what a column is called in sys.columns, on the wire and in DuckDB follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from sqlglot import exp

from tests.servers.sqlserver.failure import SqlError, not_emulated

LONGEST = {"char": 8000, "varchar": 8000, "nchar": 4000, "nvarchar": 4000, "binary": 8000, "varbinary": 8000}
"""In characters, or bytes: what is longer must be declared MAX."""


class Family(Enum):
    """Types that are compared without a conversion, in ascending order of precedence."""

    BINARY = auto()
    TEXT = auto()
    GUID = auto()
    BIT = auto()
    INTEGER = auto()
    MONEY = auto()
    DECIMAL = auto()
    FLOAT = auto()
    TIME = auto()
    DATE = auto()
    INSTANT = auto()
    OFFSET = auto()
    XML = auto()


_FAMILIES = {
    Family.BIT: "bit",
    Family.INTEGER: "tinyint smallint int bigint",
    Family.MONEY: "money smallmoney",
    Family.DECIMAL: "decimal numeric",
    Family.FLOAT: "real float",
    Family.DATE: "date",
    Family.TIME: "time",
    Family.INSTANT: "datetime smalldatetime datetime2",
    Family.OFFSET: "datetimeoffset",
    Family.TEXT: "char varchar nchar nvarchar",
    Family.BINARY: "binary varbinary timestamp",
    Family.GUID: "uniqueidentifier",
    Family.XML: "xml",
}
FAMILY = {name: family for family, names in _FAMILIES.items() for name in names.split()}

_STORAGE = {
    "bit": "BOOLEAN",
    "tinyint": "UTINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "money": "DECIMAL(19, 4)",
    "smallmoney": "DECIMAL(10, 4)",
    "real": "FLOAT",
    "float": "DOUBLE",
    "date": "DATE",
    "uniqueidentifier": "UUID",
    "xml": "VARCHAR",
}


@dataclass(frozen=True)
class SqlType:
    """One type with its parameters.

    Args:
        name: as in sys.types; ROWVERSION is `timestamp` there.
        size: characters or bytes; None is MAX, or a type without.
        precision: decimal digits of a number.
        scale: digits after the point, of a number or of a second.
        utf8: text whose collation has UTF-8 for its code page.
    """

    name: str
    size: int | None = None
    precision: int = 0
    scale: int = 0
    utf8: bool = False

    @property
    def family(self) -> Family:
        return FAMILY[self.name]

    @property
    def temporal(self) -> bool:
        return Family.TIME.value <= self.family.value <= Family.OFFSET.value

    @property
    def wide(self) -> bool:
        """Text of UTF-16, not of a code page."""
        return self.name.startswith("n") and self.family is Family.TEXT

    @property
    def fixed(self) -> bool:
        """Padded to its size."""
        return self.name in {"char", "nchar", "binary"}

    @property
    def storage(self) -> str:
        """The DuckDB type that keeps every value: times are counted in 100 ns, an offset below the instant."""
        match self.family:
            case Family.TIME | Family.INSTANT:
                return "BIGINT"
            case Family.OFFSET:
                return "HUGEINT"
            case Family.DECIMAL:
                return f"DECIMAL({self.precision}, {self.scale})"
            case Family.TEXT:
                return "VARCHAR"
            case Family.BINARY:
                return "BLOB"
            case _:
                return _STORAGE[self.name]

    def __str__(self) -> str:
        match self.family:
            case Family.DECIMAL:
                return f"{self.name}({self.precision},{self.scale})"
            case Family.TEXT | Family.BINARY if self.name != "timestamp":
                return f"{self.name}({'max' if self.size is None else self.size})"
            case Family.TIME | Family.OFFSET:
                return f"{self.name}({self.scale})"
            case Family.INSTANT if self.name == "datetime2":
                return f"{self.name}({self.scale})"
            case _:
                return self.name


INT = SqlType("int")
BIGINT = SqlType("bigint")
FLOAT = SqlType("float")
DATETIME = SqlType("datetime", scale=3)
SYSNAME = SqlType("nvarchar", 128)
NVARCHAR_MAX = SqlType("nvarchar")

_NAMES = {
    exp.DataType.Type.BIT: "bit",
    exp.DataType.Type.UTINYINT: "tinyint",
    exp.DataType.Type.TINYINT: "tinyint",
    exp.DataType.Type.SMALLINT: "smallint",
    exp.DataType.Type.INT: "int",
    exp.DataType.Type.BIGINT: "bigint",
    exp.DataType.Type.DECIMAL: "decimal",
    exp.DataType.Type.BIGDECIMAL: "numeric",
    exp.DataType.Type.MONEY: "money",
    exp.DataType.Type.SMALLMONEY: "smallmoney",
    exp.DataType.Type.FLOAT: "real",
    exp.DataType.Type.DOUBLE: "float",
    exp.DataType.Type.DATE: "date",
    exp.DataType.Type.TIME: "time",
    exp.DataType.Type.DATETIME: "datetime",
    exp.DataType.Type.SMALLDATETIME: "smalldatetime",
    exp.DataType.Type.DATETIME2: "datetime2",
    exp.DataType.Type.TIMESTAMPTZ: "datetimeoffset",
    exp.DataType.Type.CHAR: "char",
    exp.DataType.Type.VARCHAR: "varchar",
    exp.DataType.Type.NCHAR: "nchar",
    exp.DataType.Type.NVARCHAR: "nvarchar",
    exp.DataType.Type.BINARY: "binary",
    exp.DataType.Type.VARBINARY: "varbinary",
    exp.DataType.Type.UUID: "uniqueidentifier",
    exp.DataType.Type.ROWVERSION: "timestamp",
    exp.DataType.Type.XML: "xml",
}


def declared(kind: exp.DataType, size: int = 1) -> SqlType:
    """The type that a statement names.

    Args:
        kind: as the dialect of this server parses it: NUMERIC and DECIMAL, REAL and FLOAT are told apart.
        size: of a text or binary type without one: 1 in a definition, 30 in a CAST.

    Raises:
        SqlError: there is no such type, or not with these parameters.
    """
    if kind.this is exp.DataType.Type.USERDEFINED:
        name = str(kind.args.get("kind") or "").strip("[]\"'")
        if name.lower().endswith("sysname"):
            return SYSNAME
        raise SqlError(2715, f"Column, parameter, or variable #1: Cannot find data type {name}.")
    name = _NAMES.get(kind.this, "")
    if not name:
        raise not_emulated(f"the type {kind.sql('tsql')}")
    given = [str(parameter.name or parameter.sql()).upper() for parameter in kind.expressions]
    numbers = [int(word) for word in given if word.isdigit()]
    match FAMILY[name]:
        case Family.DECIMAL:
            precision, scale = (numbers + [18, 0][len(numbers) :])[:2]
            if precision > 38 or scale > precision:
                raise SqlError(
                    2750,
                    f"Column or parameter #1: Specified column precision {precision} is greater than the maximum"
                    " precision of 38."
                    if precision > 38
                    else f"The scale ({scale}) must be less than or equal to the precision ({precision}).",
                )
            return SqlType(name, precision=precision, scale=scale)
        case Family.FLOAT if numbers and numbers[0] <= 24:
            return SqlType("real")
        case Family.TIME | Family.OFFSET | Family.INSTANT:
            if name == "smalldatetime":
                return SqlType(name)
            scale = 3 if name == "datetime" else numbers[0] if numbers else 7
            if scale > 7:
                raise SqlError(1002, f"Specified scale {scale} is invalid.", severity=15)
            return SqlType(name, scale=scale)
        case Family.TEXT | Family.BINARY if name != "timestamp":
            if given == ["MAX"]:
                if name in {"char", "nchar", "binary"}:
                    raise SqlError(2717, f"The size (max) given to the type '{name}' is not allowed.")
                return SqlType(name)
            length = numbers[0] if numbers else size
            if not 0 < length <= LONGEST[name]:
                raise SqlError(
                    131,
                    f"The size ({length}) given to the type '{name}' exceeds the maximum allowed for any data type"
                    f" ({LONGEST[name]}).",
                    severity=15,
                )
            return SqlType(name, length)
        case Family.BINARY:
            return SqlType(name, 8)
        case _:
            return SqlType(name)

"""A column's type is told in Databricks' words, whatever DuckDB calls it."""

from __future__ import annotations

from functools import cache

from sqlglot import exp, parse_one

_SIMPLE = {
    "VARCHAR": "string",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "TIMESTAMP": "timestamp_ntz",
    "BLOB": "binary",
    "INTEGER": "int",
    "HUGEINT": "bigint",
    "JSON": "variant",
}
_WORDS = {
    exp.DType.TIMESTAMPTZ: "timestamp",
    exp.DType.TIMESTAMP: "timestamp_ntz",
    exp.DType.TIMESTAMPNTZ: "timestamp_ntz",
    exp.DType.VARBINARY: "binary",
    exp.DType.BLOB: "binary",
    exp.DType.TEXT: "string",
    exp.DType.VARCHAR: "string",
    exp.DType.INT: "int",
    exp.DType.JSON: "variant",
}


@cache
def full_data_type(kind: str) -> str:
    """A type of DuckDB as information_schema's `full_data_type` tells it: `decimal(10,2)`, `array<int>`."""
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if "(" not in kind and "[" not in kind:
        return kind.lower()
    return _told(parse_one(kind, into=exp.DataType, dialect="duckdb"))


def _told(kind: exp.Expr) -> str:
    if not isinstance(kind, exp.DataType):
        return kind.sql("databricks").lower()
    inner = kind.expressions
    if kind.this is exp.DType.DECIMAL:
        return f"decimal({','.join(part.name for part in inner)})" if inner else "decimal(18,3)"
    if kind.this is exp.DType.STRUCT:
        fields = ((part.name, part.args["kind"]) for part in inner)
        return f"struct<{','.join(f'{name}:{_told(field)}' for name, field in fields)}>"
    if kind.this in {exp.DType.ARRAY, exp.DType.LIST, exp.DType.MAP}:
        word = "map" if kind.this is exp.DType.MAP else "array"
        return f"{word}<{','.join(_told(part) for part in inner)}>"
    return _WORDS.get(kind.this, kind.sql("databricks").lower())

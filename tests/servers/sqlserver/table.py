"""A table as a statement defines it: columns with their types, and keys with their names."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from tests.servers.sqlserver.failure import SqlError, not_emulated
from tests.servers.sqlserver.sqltype import SqlType, declared

LONGEST_NAME = 128


@dataclass(frozen=True)
class TableColumn:
    """A column of a table.

    Args:
        default: the expression, and the name of its constraint.
        identity: first value and step.
        computed: the expression, and whether it is kept.
    """

    name: str
    kind: SqlType
    nullable: bool = True
    default: exp.Expr | None = None
    default_name: str = ""
    identity: tuple[int, int] | None = None
    computed: exp.Expr | None = None
    persisted: bool = False
    collation: str = ""

    @property
    def writable(self) -> bool:
        """Whether an INSERT that names no columns has a value for it."""
        return self.identity is None and self.computed is None and self.kind.name != "timestamp"


@dataclass(frozen=True)
class Key:
    """A primary key, a unique constraint, or a foreign key."""

    kind: str
    columns: tuple[str, ...]
    name: str = ""
    table: exp.Table | None = None
    referenced: tuple[str, ...] = ()
    on_delete: str = "NO_ACTION"
    on_update: str = "NO_ACTION"
    clustered: bool = True


@dataclass
class Table:
    """What CREATE TABLE says."""

    columns: list[TableColumn] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)


def checked(name: str) -> str:
    """A name that is not too long.

    Raises:
        SqlError: 103.
    """
    if len(name) > LONGEST_NAME:
        raise SqlError(
            103,
            f"The identifier that starts with '{name[:LONGEST_NAME]}' is too long. Maximum length is {LONGEST_NAME}.",
            severity=15,
        )
    return name


def read_table(schema: exp.Schema) -> Table:
    table = Table()
    for item in schema.expressions:
        if isinstance(item, exp.ColumnDef):
            read_column(item, table)
        else:
            read_constraint(item, table)
    primary = {name.lower() for key in table.keys if key.kind == "PK" for name in key.columns}
    table.columns = [
        TableColumn(**{**vars(column), "nullable": False}) if column.name.lower() in primary else column
        for column in table.columns
    ]
    names = [column.name.lower() for column in table.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise SqlError(
            2705,
            f"Column names in each table must be unique. Column name '{twice}' is specified more than once.",
        )
    return table


def read_column(item: exp.ColumnDef, table: Table) -> None:
    name = checked(item.name)
    found: dict[str, object] = {}
    for constraint in item.constraints:
        label = constraint.name
        match constraint.kind:
            case exp.NotNullColumnConstraint():
                found["nullable"] = bool(constraint.kind.args.get("allow_null"))
            case exp.DefaultColumnConstraint():
                found["default"], found["default_name"] = constraint.kind.this, label
            case exp.GeneratedAsIdentityColumnConstraint():
                start, step = constraint.kind.args.get("start"), constraint.kind.args.get("increment")
                found["identity"] = (int(start.name) if start else 1, int(step.name) if step else 1)
                found.setdefault("nullable", False)
            case exp.AutoIncrementColumnConstraint():
                found["identity"] = (1, 1)
                found.setdefault("nullable", False)
            case exp.ComputedColumnConstraint():
                found["computed"] = constraint.kind.this
                found["persisted"] = bool(constraint.kind.args.get("persisted"))
            case exp.PrimaryKeyColumnConstraint():
                table.keys.append(Key("PK", (name,), label))
            case exp.UniqueColumnConstraint():
                table.keys.append(Key("UQ", (name,), label, clustered=False))
            case exp.Reference():
                table.keys.append(_foreign((name,), constraint.kind, label))
            case exp.CollateColumnConstraint():
                found["collation"] = constraint.kind.this.name
            case _:
                _other(constraint.kind)
    kind = item.args.get("kind")
    if kind is None and "computed" not in found:
        raise SqlError(102, f"Incorrect syntax near '{name}'.", severity=15)
    column_type = declared(kind) if kind is not None else SqlType("int")
    if column_type.name == "timestamp":
        found["nullable"] = False
    table.columns.append(TableColumn(name, column_type, **found))  # type: ignore[arg-type]  # by their names


def read_constraint(item: exp.Expr, table: Table) -> None:
    label, inner = (item.name, item.expressions) if isinstance(item, exp.Constraint) else ("", [item])
    checked(label)
    kind, clustered, columns = "", True, []
    for part in inner:
        match part:
            case exp.ForeignKey():
                names = tuple(column.name for column in part.expressions)
                table.keys.append(_foreign(names, part.args["reference"], label))
            case exp.PrimaryKey():
                kind, columns = "PK", [_named(column) for column in part.expressions]
            case exp.PrimaryKeyColumnConstraint():
                kind = "PK"
            case exp.UniqueColumnConstraint():
                kind, clustered = "UQ", False
                if part.this is not None:
                    columns = [_named(column) for column in part.this.expressions]
            case exp.ClusteredColumnConstraint() | exp.NonClusteredColumnConstraint():
                clustered = isinstance(part, exp.ClusteredColumnConstraint)
                columns = [_named(column) for column in part.this]
            case _:
                _other(part)
    if kind:
        table.keys.append(Key(kind, tuple(columns), label, clustered=clustered))


def _other(constraint: exp.Expr) -> None:
    if not isinstance(constraint, exp.CheckColumnConstraint):
        raise not_emulated(constraint.sql("tsql"))


def _named(column: exp.Expr) -> str:
    return column.this.name if isinstance(column, exp.Ordered) else column.name


def _foreign(columns: tuple[str, ...], reference: exp.Expr, label: str) -> Key:
    target = reference.this
    table, names = (target.this, target.expressions) if isinstance(target, exp.Schema) else (target, [])
    rules = {"DELETE": "NO_ACTION", "UPDATE": "NO_ACTION"}
    for option in reference.args.get("options") or ():
        words = str(option).upper().split()
        if len(words) > 2 and words[0] == "ON":
            rules[words[1]] = "_".join(words[2:])
    return Key(
        "FK", columns, label, table, tuple(name.name for name in names), rules["DELETE"], rules["UPDATE"]
    )

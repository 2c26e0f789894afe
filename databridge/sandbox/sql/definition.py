"""What a table definition says beyond what DuckDB keeps: comments, properties, clustering, constraints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from databridge.sandbox.failure import unsupported
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.translate import rendered
from databridge.sandbox.storage.names import TableName, quoted
from databridge.sandbox.storage.notes import ColumnNote, Constraint, TableNote

_IGNORED = (exp.TemporaryProperty, exp.LocationProperty)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a definition."""

    name: str
    kind: str  # of DuckDB
    nullable: bool
    default: str | None
    comment: str | None

    @property
    def clause(self) -> str:
        """As DuckDB defines it."""
        default = f" DEFAULT {self.default}" if self.default else ""
        return f"{quoted(self.name)} {self.kind}{default}{'' if self.nullable else ' NOT NULL'}"

    @property
    def note(self) -> ColumnNote:
        return ColumnNote(comment=self.comment)


def columns_of(expressions: Iterable[exp.Expr]) -> list[Column]:
    """The columns among the parts of a definition."""
    return [_column(one) for one in expressions if isinstance(one, exp.ColumnDef)]


def note_of(tree: exp.Create) -> TableNote:
    """What the clauses behind the columns say."""
    comment: str | None = None
    values: dict[str, str] = {}
    clustering: tuple[str, ...] = ()
    partitioning: tuple[str, ...] = ()
    for one in tree.args["properties"].expressions if tree.args.get("properties") else ():
        if isinstance(one, exp.SchemaCommentProperty):
            comment = one.this.name
        elif isinstance(one, exp.FileFormatProperty):
            if (kind := one.this.name.upper()) not in {"DELTA", "ICEBERG"}:
                raise unsupported(f"USING {kind}")
        elif isinstance(one, exp.ClusterProperty) and one.this:
            clustering = ("AUTO",)
        elif isinstance(one, (exp.Cluster, exp.ClusteredByProperty, exp.ClusterProperty)):
            clustering = tuple(column.name for column in one.expressions)
        elif isinstance(one, exp.PartitionedByProperty):
            partitioning = tuple(column.name for column in one.this.expressions)
        elif type(one) is exp.Property:
            value = one.args["value"]
            values[one.this.name] = value.name or value.sql("databricks").lower()
        elif not isinstance(one, _IGNORED):
            raise unsupported(one.sql("databricks"))
    made = TableNote.new(comment)
    return TableNote(
        id=made.id, comment=comment, properties=values, clustering=clustering, partitioning=partitioning
    )


def constraints_of(
    session: Session, name: TableName, expressions: Iterable[exp.Expr]
) -> tuple[Constraint, ...]:
    """The constraints among the parts of a definition."""
    found = []
    for one in expressions:
        if isinstance(one, exp.ColumnDef):
            if any(isinstance(rule.kind, exp.PrimaryKeyColumnConstraint) for rule in one.constraints):
                found.append(Constraint(f"{name.name}_pk", "PRIMARY KEY", (one.name,)))
        elif isinstance(one, exp.Constraint):
            found.append(_constraint(session, name, one.expressions[0], one.name))
        else:
            found.append(_constraint(session, name, one, ""))
    return tuple(found)


def _constraint(session: Session, name: TableName, tree: exp.Expr, called: str) -> Constraint:
    if isinstance(tree, exp.PrimaryKey):
        columns = tuple(column.name for column in tree.expressions)
        return Constraint(called or f"{name.name}_pk", "PRIMARY KEY", columns)
    if isinstance(tree, exp.ForeignKey):
        columns = tuple(column.name for column in tree.expressions)
        target = tree.args["reference"].this
        parent = session.table(tuple(part.name for part in target.find(exp.Table).parts))
        referenced = tuple(column.name for column in target.expressions)
        return foreign_key(called, name, columns, parent, referenced)
    if isinstance(tree, exp.CheckColumnConstraint):
        return Constraint(called or f"{name.name}_check", "CHECK", condition=tree.this.sql("databricks"))
    raise unsupported(tree.sql("databricks"))


def foreign_key(
    called: str, name: TableName, columns: tuple[str, ...], parent: TableName, referenced: tuple[str, ...]
) -> Constraint:
    """A foreign key; one without a name gets one that says what it is."""
    return Constraint(
        called or f"{name.name}_{parent.name}_fk",
        "FOREIGN KEY",
        columns,
        (parent.catalog, parent.schema, parent.name),
        referenced,
    )


def _column(tree: exp.ColumnDef) -> Column:
    nullable, default, comment = True, None, None
    for constraint in tree.constraints:
        match constraint.kind:
            case exp.NotNullColumnConstraint() as rule:
                nullable = bool(rule.args.get("allow_null"))
            case exp.DefaultColumnConstraint() as rule:
                default = rendered(rule.this)
            case exp.CommentColumnConstraint() as rule:
                comment = rule.this.name
            case exp.PrimaryKeyColumnConstraint():
                nullable = False
            case other:
                raise unsupported(other.sql("databricks"))
    kind = tree.args.get("kind")
    if kind is None:
        raise unsupported(f"the column {tree.name} without a type")
    return Column(tree.name, rendered(kind), nullable, default, comment)

"""What the design knows and this version does not have yet is refused by name, with what to do instead."""

from __future__ import annotations

from databridge.config.check import Told

_SQL = "Use `type: sql` with `url: {url}`."
_OTHERS = "Use `type: databricks`, `duckdb`, `filesystem`, or `sql` (PostgreSQL, SQLite and others by URL)."
_LIST = "List each resource by itself; a name alone suffices."
_REST = "REST sources are not read yet: land their answers as JSON lines and use a `filesystem` source."

_KEYS: dict[str, dict[str, str]] = {
    "stack": {
        "for_each": "Write one file per stack, with shared sources in `stacks/_shared/`.",
        "policies": "Protect resources with `lifecycle`.",
    },
    "pipeline": {
        "for_each": "List each pipeline by itself.",
        "naming": "Leave it out: names follow dlt's `snake_case`.",
    },
    "resource": {
        "for_each": _LIST,
        "lag": "Leave it out, or load with `mode: merge`, which takes rows twice without doubling them.",
        "track_by": "Leave it out: a file is known by its path, and `on_change` says what a changed one does.",
        "merge_key": "Use `primary_key`.",
        "path": _REST,
        "params": _REST,
        "data_selector": _REST,
        "pagination": _REST,
        "where": "Load a view of the database that holds the condition.",
        "query": "Load a view of the database that holds the query.",
    },
    "source": {"timezone": "Leave it out: times without a zone stay without one."},
    "destination": {},
    "project": {
        "policies": "Protect resources with `lifecycle`.",
        "secrets": "Leave it out, and refer to secrets as `${secret.NAME}`.",
    },
}

_SOURCES = {
    "mariadb": "Use `type: mysql`, which reads both.",
    "rest_api": "Land its answers as JSON lines and use `type: filesystem`.",
    "databricks": _SQL.format(url="databricks+connector://token:${secret.NAME}@host?http_path=PATH"),
}

_DESTINATIONS = {
    "mssql": _SQL.format(
        url="mssql+pyodbc://user:${secret.NAME}@host/database?driver=ODBC+Driver+18+for+SQL+Server"
    ),
    "mysql": _SQL.format(url="mysql+pymysql://user:${secret.NAME}@host/database"),
    "postgres": _SQL.format(url="postgresql+psycopg://user:${secret.NAME}@host/database"),
    "mariadb": _SQL.format(url="mariadb+pymysql://user:${secret.NAME}@host/database"),
    "sqlite": _SQL.format(url="sqlite:///PATH"),
    **dict.fromkeys(("oracle", "snowflake", "bigquery", "redshift"), _OTHERS),
}


def unavailable_key(kind: str, key: str) -> Told | None:
    """What to say of a key of a `stack`, `pipeline`, `resource`, `source`, `destination` or `project`."""
    hint = _KEYS[kind].get(key)
    return Told("DB105", f"`{key}` is not available yet", hint) if hint else None


def unavailable_type(kind: str, name: object) -> Told | None:
    """What to say of a type of a `source` or `destination`."""
    hint = (_DESTINATIONS if kind == "destination" else _SOURCES).get(str(name), "")
    return (
        Told("DB105", f"{kind.capitalize()}s of type `{name}` are not available yet", hint) if hint else None
    )


def unavailable_value(key: str, value: object) -> Told | None:
    """What to say of a value of a resource."""
    if key == "on_change" and value == "replace":
        return Told(
            "DB105",
            "`on_change: replace` is not available yet",
            "Use `fail`, or `append` and clear old rows by hand.",
        )
    return None

"""The files of a new project; nothing that exists is overwritten."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from databridge.config.naming import require_project_name
from databridge.model.diagnostic import DatabridgeError

_PROJECT = """\
# yaml-language-server: $schema=.databridge/project.schema.json
project: {name}
"""
_STACK = """\
# yaml-language-server: $schema=../.databridge/stack.schema.json
stack: example
description: An example; replace it by your own

sources:
  landing: {type: filesystem, bucket_url: file://data/landing}
destinations:
  warehouse: {type: duckdb, path: data/warehouse.duckdb}

pipelines:
  orders:
    source: landing
    destination: warehouse
    dataset: raw_example
    resources:
      - name: orders
        glob: orders/*.csv        # each new file is loaded once
"""
_ORDERS = """\
id,customer,amount,ordered_at
1,Ada,12.50,2026-01-02 10:15:00
2,Grace,99.00,2026-01-02 11:30:00
3,Edsger,7.25,2026-01-03 09:00:00
"""
_IGNORE = """\
/data/
/state/
/.databridge/
/.dlt/secrets.toml
"""


def scaffold(folder: Path, name: str | None) -> Iterator[str]:
    """Write the files of a new project.

    Args:
        folder: where; created if missing.
        name: the project's name; None for one made from the folder's.

    Yields:
        The path of each file, relative to the folder, once it is written.

    Raises:
        DatabridgeError: the folder holds a project already or can't be written, or the name is not accepted.
    """
    if (folder / "databridge.yaml").exists():
        raise DatabridgeError.of(
            "DB611", f"`{folder}` holds a project already", hint="See: databridge validate"
        )
    if name is None:
        name = _name_from(folder)
    require_project_name(name)
    for path, text in _files(name).items():
        file = folder / path
        if file.exists():
            continue
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        except OSError as error:
            raise DatabridgeError.of("DB612", f"can't write `{file}`: {error.strerror}") from None
        yield path


def _files(name: str) -> dict[str, str]:
    from databridge.config.schema import project_schema, stack_schema

    return {
        "databridge.yaml": _PROJECT.format(name=_text(name)),
        "stacks/example.yaml": _STACK,
        "data/landing/orders/2026-01.csv": _ORDERS,
        ".gitignore": _IGNORE,
        ".databridge/stack.schema.json": json.dumps(stack_schema(), indent=2),
        ".databridge/project.schema.json": json.dumps(project_schema(), indent=2),
    }


def _text(name: str) -> str:
    """As YAML: in quotes where it would pass for a number or a yes."""
    return name if name[0].isalpha() and yaml.safe_load(name) == name else f'"{name}"'


def _name_from(folder: Path) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_")
    return name if name[:1].isalpha() else f"project_{name}".rstrip("_")

"""`databridge schema`: JSON Schemas for editors and machines."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Document(StrEnum):
    """What a schema describes."""

    STACK = "stack"
    PROJECT = "project"
    PLAN = "plan"


def schema(
    document: Annotated[Document, typer.Argument(help="Which document.")] = Document.STACK,
    write: Annotated[
        bool, typer.Option("--write", help="Write `.databridge/DOCUMENT.schema.json` for the editor.")
    ] = False,
) -> None:
    """Print a JSON Schema: of stacks, of the project file, of plans.

    \b
    Examples:
      databridge schema
      databridge schema stack --write
    """
    import json

    from databridge.cli.output import answer, tell
    from databridge.config.schema import project_schema, stack_schema
    from databridge.render.planjson import plan_json_schema

    makers = {Document.STACK: stack_schema, Document.PROJECT: project_schema, Document.PLAN: plan_json_schema}
    text = json.dumps(makers[document](), indent=2, ensure_ascii=False)
    if not write:
        answer(text)
        return
    from databridge.config.project import find_project

    file = find_project(Path.cwd()) / ".databridge" / f"{document}.schema.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{text}\n", "utf-8")
    tell(f"Wrote {file}.")

"""What a discovery found, as people and machines read it; the stack itself tells the reasons."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import JsonValue

from databridge.model.address import Address
from databridge.model.foundtable import COUNTED, FoundTable
from databridge.model.quantity import counted
from databridge.model.spec import resource_spec
from databridge.plan.discovery import Discovered, Discovery
from databridge.plan.plan import Plan
from databridge.render.planjson import plan_json
from databridge.render.printable import printable

FORMAT_VERSION = 1
"""Within one version, JSON only gains fields."""


def summary(discoveries: Sequence[Discovery]) -> str:
    """One line: how many tables are new, loaded already, left out."""
    tables = [table for each in discoveries for table in each.tables]
    loaded = sum(table.loaded_by is not None for table in tables)
    out = sum(bool(t.left_out) for t in tables) + sum(len(each.schema.left_out) for each in discoveries)
    new = sum(table.is_new for table in tables)
    parts = [f"{counted(new, 'table')} proposed" if new else "Nothing new"]
    parts += [f"{loaded:,} loaded already"] if loaded else []
    parts += [f"{out:,} left out"] if out else []
    return f"{', '.join(parts)}."


def lacking_text(file: str, pipeline: Address, resources: str) -> str:
    """What a pipeline lacks, as YAML that goes below its `resources:`."""
    head = f"# {printable(file)} lacks below `pipelines: {pipeline.pipeline}: resources:`"
    return f"{head}\n" + "".join(f"    {line}" for line in resources.splitlines(keepends=True))


def discovery_json(
    source: str, discoveries: Sequence[Discovery], *, file: str | None, text: str | None, plan: Plan | None
) -> str:
    """The same as indented JSON, ending in a newline.

    Args:
        source: what the source is called.
        discoveries: schema by schema.
        file: the stack that was written.
        text: the stack of all that is new.
        plan: of that stack.
    """
    document = {
        "format_version": FORMAT_VERSION,
        "source": source,
        "schemas": [
            {
                "schema": each.schema.name or each.schema.own,
                "tables": [_table(table) for table in each.tables],
                "left_out": [{"name": name, "reason": why} for name, why in each.schema.left_out],
            }
            for each in discoveries
        ],
        "file": file,
        "stack": text,
        "plan": json.loads(plan_json(plan)) if plan else None,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _table(found: Discovered) -> dict[str, JsonValue]:
    table = found.table
    return {
        "name": table.name,
        "kind": "view" if table.view else "table",
        "rows": _rows(table),
        "loaded_by": str(found.loaded_by) if found.loaded_by else None,
        "left_out": found.left_out or None,
        "proposed": _proposed(found) if found.is_new else None,
        "reasons": dict(found.proposal.reasons) if found.is_new else {},
        "columns": [
            {"name": c.name, "type": c.source_type, "nullable": c.nullable, "indexed": c.indexed}
            for c in table.columns
        ],
    }


def _proposed(found: Discovered) -> dict[str, JsonValue]:
    resource = found.proposal.resource
    return {"mode": resource.mode.value, **resource_spec(resource)}


def _rows(table: FoundTable) -> dict[str, JsonValue] | None:
    if table.rows is None:
        return None
    return {"count": min(table.rows, COUNTED), "exact": table.rows <= COUNTED}

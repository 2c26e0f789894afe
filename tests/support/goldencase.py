"""A golden case of `tests/plans` can be enacted: its stacks are the same, under names of their own, so that many share a project.

A case about resources alone shares a pipeline with others like it, and its resources are called `CASE_NAME`. Any other has
stacks of its own: `sales` is called as the case is, another one `CASE_STACK`, and datasets `CASE_DATASET`. Nothing else is
changed: what is planned is what the golden says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from databridge.model.naming import normalize_table
from databridge.plan.plan import Plan
from databridge.render.planjson import read_plan_json
from tests.support.situation import Wishes

PLANS = Path(__file__).parents[1] / "plans"
Stack = dict[str, Any]
Deed = tuple[str, str, tuple[str, ...], str]
"""What a plan does at an address, by what tells it apart: its kind, its address, its reasons, its risk."""
Told = tuple[str, str, bool]
"""What it finds at an address: the code, the address, and whether that blocks."""
SHARED, RAW = "shared", "raw"
"""The stack of cases about resources alone, and its dataset."""
_MAIN, _DUCKDB = "sales", "warehouse.duckdb"


@dataclass(frozen=True)
class GoldenCase:
    """One folder of `tests/plans`."""

    name: str
    stand_merges: bool = True
    """Whether it is enacted where rows can be merged; elsewhere what it merges is left out."""

    @cached_property
    def golden(self) -> Plan:
        """The plan that follows."""
        return read_plan_json((self._folder / "plan.json").read_text("utf-8"))

    @cached_property
    def wishes(self) -> Wishes:
        """What the caller asks for."""
        return Wishes.model_validate(self._read("options.yaml") or {})

    @cached_property
    def recorded(self) -> Mapping[str, Any]:
        """What is recorded, in the words of `tests/support/recording.py`."""
        found = self._read("recorded.yaml") or {}
        assert isinstance(found, dict)
        return found

    @property
    def kinds(self) -> frozenset[str]:
        """The types of destination that it names."""
        return frozenset(d["type"] for s in self._all for d in s["destinations"].values())

    @property
    def is_whole(self) -> bool:
        """Whether something is left of it without what it merges, and that is what it is about."""
        left = [p["resources"] for s in self._all for p in s["pipelines"].values()]
        kept = {r["name"] for resources in left for r in resources if isinstance(r, dict)}
        about = self.deeds or self.told or not (self.golden.actions or self.golden.findings)
        asked = {text.split(".")[2] for text in self._asked if text.count(".") == 2}
        return all(left) and bool(left) and not kept & self.merged and bool(about) and not asked & self.merged

    @cached_property
    def merged(self) -> frozenset[str]:
        """The resources that are left out, because they are merged."""
        if self.stand_merges:
            return frozenset()
        every = (s for pattern in ("stack*.yaml", "before*.yaml") for s in self._read_all(pattern))
        found = (r for s in every for p in s["pipelines"].values() for r in p["resources"])
        return frozenset(r["name"] for r in found if "merge" in str(r))

    @cached_property
    def is_shared(self) -> bool:
        """Whether it is about resources alone: one pipeline that is otherwise the same before and after."""
        around = [
            {**stack, "pipelines": {n: {**p, "resources": []} for n, p in stack["pipelines"].items()}}
            for stack in self._all
        ]
        return (
            len(around) > 0
            and all(each == around[0] for each in around)
            and [*around[0]["pipelines"]] == ["main"]
            and around[0]["pipelines"]["main"]["dataset"] == RAW
            and set(self.recorded) <= {"applied", "loaded", "filled"}
            and all(text.count(".") == 2 for text in self._asked)
            and bool(self._given and self._when)
        )

    def given(self, definition: Stack) -> list[Stack]:
        """The stacks as they were applied, under names of their own.

        Args:
            definition: of the destination that they load into.
        """
        return [self._own(each, definition) for each in self._given]

    def when(self, definition: Stack) -> list[Stack]:
        """The stacks as they are now."""
        return [self._own(each, definition) for each in self._when]

    @cached_property
    def selection(self) -> list[str]:
        """Addresses that say all that is its."""
        if not self.is_shared:
            return sorted({self._stack(each["stack"]) for each in self._all})
        names = (r["name"] for s in self._all for r in s["pipelines"]["main"]["resources"])
        return sorted({self.address(f"{_MAIN}.main.{name}") for name in names})

    def owns(self, address: str) -> bool:
        """Whether an address is its."""
        return any(address == each or address.startswith(f"{each}.") for each in self.selection)

    def address(self, text: str) -> str:
        """An address of its, under the new name."""
        stack, dot, rest = text.partition(".")
        if stack == "*":
            return self.name + dot + rest
        if not self.is_shared:
            return self._stack(stack) + dot + rest
        return f"{SHARED}.{self._pipeline}.{self._resource(text.split('.')[2])}"

    def table(self, dataset: str, table: str) -> str | None:
        """What a table is called in the case; None if it is not its."""
        prefix = f"{self.name}_"
        if self.is_shared:
            own = dataset == f"{SHARED}_{RAW}" and table.startswith(prefix)
            return f"{RAW}.{table.removeprefix(prefix)}" if own else None
        return f"{dataset.removeprefix(prefix)}.{table}" if dataset.startswith(prefix) else None

    def table_of(self, address: str) -> str:
        """What the table of a resource is called in the case."""
        stack, pipeline, resource = address.split(".")
        table = normalize_table(resource)
        if self.is_shared:
            return f"{RAW}.{table.removeprefix(f'{self.name}_')}"
        for each in self._all:
            if self._stack(each["stack"]) == stack and pipeline in each["pipelines"]:
                return f"{each['pipelines'][pipeline]['dataset']}.{table}"
        return address

    def sources(self, definition: Stack) -> Iterator[tuple[str, str, str]]:
        """The type of each source that it reads, the path below the project's folder, and the table or the glob."""
        for stack in (*self.given(definition), *self.when(definition)):
            for pipeline in stack["pipelines"].values():
                source = stack["sources"][pipeline["source"]]
                path = str(source.get("path") or source.get("bucket_url")).removeprefix("file://")
                for each in pipeline["resources"]:
                    resource = each if isinstance(each, dict) else {"name": each}
                    yield source["type"], path, resource.get("glob") or resource["name"]

    @property
    def deeds(self) -> set[Deed]:
        """What its plan does."""
        found = (d for d in deeds(self.golden) if self._is_told(d[1]))
        return {(kind, self.address(a), reasons, risk) for kind, a, reasons, risk in found}

    @property
    def told(self) -> set[Told]:
        """What its plan finds."""
        return {(c, self.address(a), blocks) for c, a, blocks in told(self.golden) if self._is_told(a)}

    @cached_property
    def _when(self) -> list[Stack]:
        return self._stacks("stack*.yaml")

    @cached_property
    def _given(self) -> list[Stack]:
        match self.recorded.get("applied", "nothing"):
            case "nothing":
                return []
            case "same":
                return self._when
            case _:
                return self._stacks("before*.yaml")

    @property
    def _all(self) -> list[Stack]:
        return [*self._given, *self._when]

    @property
    def _folder(self) -> Path:
        return PLANS / self.name

    def _read(self, name: str) -> object:
        file = self._folder / name
        return yaml.safe_load(file.read_text("utf-8")) if file.exists() else None

    def _stacks(self, pattern: str) -> list[Stack]:
        stacks = self._read_all(pattern)
        for stack in stacks:
            for pipeline in stack["pipelines"].values():
                listed = pipeline["resources"]
                pipeline["resources"] = [r for r in listed if not ("merge" in str(r) and self.merged)]
        return stacks

    @property
    def _asked(self) -> list[str]:
        """The addresses that its caller names."""
        w = self.wishes
        return [*w.select, *w.accept, *w.reset, *w.destroy, *w.backfill]

    def _is_told(self, address: str) -> bool:
        return address.rpartition(".")[2] not in self.merged

    def _read_all(self, pattern: str) -> list[Stack]:
        return [yaml.safe_load(file.read_text("utf-8")) for file in sorted(self._folder.glob(pattern))]

    def _stack(self, name: str) -> str:
        return self.name if name == _MAIN else f"{self.name}_{name}"

    @cached_property
    def _pipeline(self) -> str:
        """The pipeline that it shares with others of the same schedule and kind of source."""
        (stack, *_) = self._all
        main = stack["pipelines"]["main"]
        schedule = "".join(c if c.isalnum() else "_" for c in str(main.get("schedule", "always")))
        return f"{stack['sources'][main['source']]['type']}_{schedule.strip('_').replace('__', '_')}"

    def _resource(self, name: str) -> str:
        called = f"{self.name}_{name}"
        return called.upper() if name.isupper() else called

    def _own(self, stack: Stack, definition: Stack) -> Stack:
        stack = yaml.safe_load(yaml.safe_dump(stack))
        folder = SHARED if self.is_shared else self.name
        for source in stack["sources"].values():
            if source["type"] == "filesystem":
                source["bucket_url"] = source["bucket_url"].replace("file://", f"file://{folder}/")
            elif source["type"] == "sqlite":
                source["path"] = f"{folder}/{source['path']}"
        for name, destination in stack["destinations"].items():
            if destination.get("path") == _DUCKDB or destination["type"] == definition["type"] != "duckdb":
                stack["destinations"][name] = dict(definition)
        if self.is_shared:
            return self._among_others(stack)
        if "renamed_from" in stack:
            stack["renamed_from"] = self._stack(stack["renamed_from"])
        for pipeline in stack["pipelines"].values():
            self._own_pipeline(pipeline)
        return {**stack, "stack": self._stack(stack["stack"])}

    def _among_others(self, stack: Stack) -> Stack:
        main = stack["pipelines"]["main"]
        kind = self._pipeline.partition("_")[0]  # its source is that of others of the kind
        for resource in main["resources"]:
            for field in {"name", "renamed_from"} & resource.keys():
                resource[field] = self._resource(resource[field])
            if "glob" in resource:
                resource["glob"] = f"{self.name}/{resource['glob']}"
        return {
            "stack": SHARED,
            "sources": {kind: stack["sources"][main["source"]]},
            "destinations": {"out": stack["destinations"][main["destination"]]},
            "pipelines": {
                self._pipeline: {
                    **main,
                    "source": kind,
                    "destination": "out",
                    "dataset": f"{SHARED}_{RAW}",
                }
            },
        }

    def _own_pipeline(self, pipeline: Stack) -> None:
        pipeline["dataset"] = f"{self.name}_{pipeline['dataset']}"
        moved, renamed = pipeline.get("moved_from"), pipeline.get("renamed_from")
        if isinstance(moved, dict) and "dataset" in moved:
            moved["dataset"] = f"{self.name}_{moved['dataset']}"
        if isinstance(renamed, str) and "." in renamed:
            pipeline["renamed_from"] = self.address(renamed)


def deeds(plan: Plan) -> Iterator[Deed]:
    """What a plan does."""
    for a in plan.actions:
        yield str(a.kind), str(a.address), tuple(map(str, a.reasons)), str(a.consequence.risk)


def told(plan: Plan) -> Iterator[Told]:
    """What a plan finds."""
    for finding in plan.findings:
        yield finding.code, str(finding.address), finding.blocks


def joined(stacks: Iterable[Stack]) -> list[Stack]:
    """Stacks of one name made one, and so their pipelines."""
    found: dict[str, Stack] = {}
    for stack in stacks:
        whole = found.setdefault(stack["stack"], stack)
        if whole is stack:
            continue
        whole["sources"] |= stack["sources"]
        for name, pipeline in stack["pipelines"].items():
            if name in whole["pipelines"]:
                whole["pipelines"][name]["resources"] += pipeline["resources"]
            else:
                whole["pipelines"][name] = pipeline
    return [*found.values()]

"""An enactment carries out golden cases in one real project: what was applied is applied, the edits are made, the plan is made
and applied by the command line, and everything is seen that is there before, then, and after the next loads.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from databridge.model.schedule import duration
from databridge.plan.plan import Plan
from databridge.render.planjson import read_plan_json
from tests.support import story
from tests.support.behaviour import Behaviour, Scene, Seen, golden_case
from tests.support.goldencase import RAW, Deed, GoldenCase, Stack, Told, deeds, joined, told
from tests.support.project import Project
from tests.support.scenario import ONE_BY_ONE
from tests.support.stand import Loaded, Stand
from tests.support.yard import Ended, Yard

_RISKS = ("duplicate", "skip", "rewrite", "delete-rows", "drop")
ALLOWED = (*ONE_BY_ONE, *(word for risk in _RISKS for word in ("--allow", risk)))
_AGE = "2h"
"""How long ago what is given was loaded, where a case does not say."""
_COPIES = "_undo_"
"""Stands in the name of a dataset that holds what a run took, for an undo to put back."""
Tables = dict[str, list[Loaded]]


class Enactment:
    """Cases on their way through one project."""

    def __init__(self, behaviours: Iterable[Behaviour], stand: Stand, yard: Yard, root: Path) -> None:
        """Carry them out.

        Args:
            behaviours: which.
            stand: where they load to.
            yard: where commands run.
            root: an empty folder for the project.
        """
        self._stand, self._yard, self._project = stand, yard, Project(root)
        self._parts = {each.case: each for each in behaviours}
        self._cases = {name: golden_case(name, stand.name) for name in self._parts}
        self.seen = {name: Seen() for name in self._parts}
        self._project.write("databridge.yaml", "project: demo\n")
        self._given()
        self._when()
        for names, command in self._commands():
            self._done(names, command)
        self._afterwards()

    def _given(self) -> None:
        self._story(after=False)
        if self._write(GoldenCase.given):
            self._run("apply", *ONE_BY_ONE)
        for case in self._cases.values():
            self._age(case)

    def _when(self) -> None:
        self._story(after=True)
        self._write(GoldenCase.when)
        for name, part in self._parts.items():
            self._lose(self._cases[name])
            part.meanwhile(Scene(self._project, self._stand, self._cases[name]))
        for name, tables in self._tables().items():
            self.seen[name].at_first = _labels(tables)

    def _lose(self, case: GoldenCase) -> None:
        """Lose what its recording says is lost."""
        recorded, root = case.recorded, self._project.root
        state = root / "state" / "demo" / "dev"
        if recorded.get("ledger") == "lost":
            shutil.rmtree(state / case.name)
        if recorded.get("local") == "missing":
            for folder in (state / "_pipelines").glob(f"{case.name}_*"):
                shutil.rmtree(folder)
        if recorded.get("destination") == "missing":
            for dataset in (f"{case.name}_{RAW}", f"{case.name}_{RAW}_staging"):
                self._stand.drop(root, dataset)
        for tables in recorded.get("missing", {}).values():
            for table in tables:
                self._stand.drop(root, f"{case.name}_{RAW}", table)

    def _commands(self) -> Iterator[tuple[list[str], tuple[str, ...]]]:
        """Cases that are carried out by one command, each with its words."""
        groups: dict[tuple[object, ...], list[str]] = defaultdict(list)
        for name, case in self._cases.items():
            w = case.wishes
            alone = name if w.backfill or w.select or w.accept else ""
            groups[verb(case), w.keep_data, bool(case.golden.blocking), alone].append(name)
        for (word, keep_data, *_), names in groups.items():
            yield names, (str(word), *(["--keep-data"] if keep_data else []), *self._words(str(word), names))

    def _words(self, word: str, names: list[str]) -> Iterator[str]:
        cases = [self._cases[name] for name in names]
        match word:
            case "apply":
                yield from (*ALLOWED, *self._selecting(names))
            case "reset" | "destroy":
                yield from ALLOWED
                yield from (c.address(a) for c in cases for a in (*c.wishes.reset, *c.wishes.destroy))
            case "backfill":
                ((address, (start, end)),) = cases[0].wishes.backfill.items()
                yield cases[0].address(address)
                yield from (w for option, v in (("--from", start), ("--to", end)) if v for w in (option, v))
                yield from (w for w in ALLOWED if w not in ONE_BY_ONE[1:])
            case "repair":
                yield from (*ALLOWED, *(address for c in cases for address in c.selection))
            case _:
                yield from (*ONE_BY_ONE[1:], *(address for name in names for address in self._loadable(name)))

    def _done(self, names: list[str], command: tuple[str, ...]) -> None:
        planned = None
        if command[0] == "apply":
            words = self._run("plan", "--format", "json", *self._selecting(names)).out
            planned = read_plan_json(words)
        ended = self._yard.run(self._project, *command)
        assert ended.code in {0, 3}, ended.text
        found = self._tables()
        for name in names:
            seen = self.seen[name]
            if planned:
                seen.deeds, seen.told = self._of(name, planned)
            seen.codes = set(re.findall(r"DB\d\d\d", ended.text))
            seen.ended, seen.then = ended, _labels(found[name])
            rows = (row for each in found[name].values() for row in each)
            seen.amounts = {type(row["amount"]).__name__ for row in rows}

    def _afterwards(self) -> None:
        listed = json.loads(self._run("state", "list", "--format", "json").out)["resources"]
        planned = read_plan_json(self._run("plan", "--format", "json").out)
        for name, seen in self.seen.items():
            seen.left = self._of(name, planned)[0]
            for resource in listed:
                if self._cases[name].owns(resource["address"]) and resource["cursors"]:
                    (cursor,) = resource["cursors"]
                    table = self._cases[name].table_of(resource["address"])
                    seen.cursors[table] = cursor["path"], _moment(cursor["value"])
        again = [name for name, part in self._parts.items() if part.later is not None]
        if again:
            addresses = [address for name in again for address in self._loadable(name)]
            ended = self._yard.run(self._project, "run", *ONE_BY_ONE[1:], *addresses)
            found = self._tables()
            for name in again:
                self.seen[name].later = _labels(found[name]) if ended.code == 0 else {"failed": ended.text}

    def _loadable(self, name: str) -> Iterator[str]:
        """What `run` takes: what is in the stacks now."""
        for stack in self._cases[name].when(self._definition):
            for pipeline, written in stack["pipelines"].items():
                for resource in written["resources"]:
                    called = resource["name"] if isinstance(resource, dict) else resource
                    yield f"{stack['stack']}.{pipeline}.{called}"

    def _of(self, name: str, plan: Plan) -> tuple[set[Deed], set[Told]]:
        owns = self._cases[name].owns
        return {deed for deed in deeds(plan) if owns(deed[1])}, {each for each in told(plan) if owns(each[1])}

    def _selecting(self, names: Iterable[str]) -> list[str]:
        """What a plan and an apply of them take; what is accepted, too."""
        words = []
        for case in map(self._cases.__getitem__, names):
            asked = [case.address(text) for text in case.wishes.select]
            words += [word for each in asked or case.selection for word in ("--select", each)]
            words += [word for text in case.wishes.accept for word in ("--accept", case.address(text))]
        return words

    @property
    def _definition(self) -> Stack:
        return self._stand.definition(self._project.root)

    def _story(self, *, after: bool) -> None:
        for name, part in self._parts.items():
            listed = list(dict.fromkeys(self._cases[name].sources(self._definition)))
            # SQLite takes names that differ in case alone for one table: the last that is written is the one that is read.
            for kind, path, what in listed if after else reversed(listed):
                where = self._project.root / path
                if kind == "sqlite":
                    story.write_table(where, what, story.AFTER if after else part.source)
                elif kind == "filesystem":
                    suffix = "jsonl" if what.endswith("jsonl") else "csv"
                    story.write_files((where / what).parent, suffix, after=after)

    def _write(self, stacks: Callable[[GoldenCase, Stack], list[Stack]]) -> bool:
        """Write the stacks of all cases; whether there are any."""
        shutil.rmtree(self._project.root / "stacks", ignore_errors=True)
        written = joined(each for case in self._cases.values() for each in stacks(case, self._definition))
        for each in written:
            self._project.write(f"stacks/{each['stack']}.yaml", yaml.safe_dump(each, sort_keys=False))
        return bool(written)

    def _age(self, case: GoldenCase) -> None:
        """Let what was loaded be loaded as long ago as the case has it."""
        age = str(case.recorded.get("loaded", _AGE))
        back = timedelta() if age == "never" else duration(age)
        assert back is not None
        for stack in {address.partition(".")[0] for address in case.selection}:
            file = self._project.root / "state" / "demo" / "dev" / stack / "ledger.json"
            if not file.exists():
                continue
            ledger = json.loads(file.read_text())
            for pipeline, record in ledger["pipelines"].items():
                for name, resource in record["resources"].items():
                    if case.owns(f"{stack}.{pipeline}.{name}") and (mark := resource["last_load"]):
                        mark["at"] = (datetime.now(UTC) - back).isoformat()
                        resource["last_load"] = None if age == "never" else mark
            file.write_text(json.dumps(ledger))

    def _run(self, *command: str) -> Ended:
        ended = self._yard.run(self._project, *command)
        assert ended.code in ({0, 3} if command[0] == "plan" else {0}), ended.text
        return ended

    def _tables(self) -> dict[str, Tables]:
        """All rows by case, and by `dataset.table` as the case has it."""
        found: dict[str, Tables] = defaultdict(dict)
        for place, rows in self._stand.tables(self._project.root).items():
            dataset, _, table = place.partition(".")
            if dataset.endswith("_staging") or _COPIES in dataset:
                continue
            called = {name: own for name, case in self._cases.items() if (own := case.table(dataset, table))}
            if called:
                name = max(called, key=len)
                found[name][called[name]] = rows
        return found


def verb(case: GoldenCase) -> str:
    """The command that carries a case out."""
    w = case.wishes
    asked = {
        "reset": w.reset,
        "backfill": w.backfill,
        "destroy": w.destroy,
        "repair": w.repair,
        "run": w.run_now,
    }
    return next((word for word, wish in asked.items() if wish), "apply")


def _labels(tables: Tables) -> dict[str, str]:
    return {table: story.told(rows) for table, rows in tables.items()}


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value).replace(tzinfo=None) if value else None

"""A scenario is one thing that people do to a project, to be killed after every step: one entry of a table says how.

To add one: its name, how the project looks before (`opened`), what is edited (`edit`), and the command that is killed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

import duckdb

from tests.support import forkparent, handmade
from tests.support.goal import DATASET, DuckDbGoal, Goal, LakeGoal, SandboxGoal
from tests.support.project import Project
from tests.support.shop import reach
from tests.support.yard import Yard

ONE_BY_ONE = ("--auto-approve", "--parallelism", "1")
"""One process does everything, one pipeline after the other."""
APPLY, RUN = ("apply", *ONE_BY_ONE), ("run", "--parallelism", "1")
NEWEST_POINT = "NEWEST_POINT"
"""Stands in a command for the newest restore point, whose id is that of the run that wrote it."""
STACK = "stacks/shop.yaml"

_HEAD = """\
stack: shop
sources:
  db: {{type: sqlite, path: shop.db}}
  landing: {{type: filesystem, bucket_url: "file://landing"}}
destinations:
  out: {definition}
pipelines:
"""
_OLD = '\n  old: {type: filesystem, bucket_url: "file://old lake"}'
"""One more destination, for what begins elsewhere."""
_TABLES = """\
  tables:
    source: db
    destination: out
    dataset: raw
    resources:
      - name: orders
        mode: incremental
        cursor_field: placed_at
      - {name: countries, mode: snapshot, write_disposition: replace}
      - {name: rates, mode: snapshot}
"""
_COUNTRIES = """\
      - {name: countries, mode: snapshot, write_disposition: replace}
"""
_CUSTOMERS = """\
      - {name: customers, mode: merge, primary_key: [id], cursor_field: changed_at}
"""
_FILES = """\
  files:
    source: landing
    destination: out
    dataset: raw
    resources:
      - {name: visits, glob: "visits/*.csv"}
      - name: events
        glob: events/*.jsonl
        lifecycle: {when_removed: drop}
"""
_SCRIPT = """
source = sql_database("sqlite:///shop.db", table_names=["orders", "countries"])
source.orders.apply_hints(incremental=dlt.sources.incremental("placed_at"))
source.countries.apply_hints(write_disposition="replace")
dlt.pipeline("nightly", destination=destination, dataset_name="raw", pipelines_dir="dlt").run(
    source, loader_file_format=file_format
)
"""


class Loss(StrEnum):
    """What else the crash takes."""

    NOTHING = "nothing"
    FOLDERS = "working folders"
    STATE = "all state"


_MANUAL = "    schedule: manual\n"
"""Ends a pipeline of which nothing is due by itself: what is killed is the change alone."""

Open = Callable[[Project, Goal, Yard], None]
Edit = Callable[[Project], None]


def shop(*pipelines: str, loaded: bool = True) -> Open:
    """A shop with these pipelines, whose data came in two stages.

    Args:
        pipelines: as stacks have them.
        loaded: whether the first one is loaded.
    """

    def opened(project: Project, goal: Goal, yard: Yard) -> None:
        project.write("databridge.yaml", "project: shop\n")
        merged = f"{_COUNTRIES}{_CUSTOMERS}" if goal.merges else _COUNTRIES
        written = "".join(pipelines).replace(_COUNTRIES, merged)
        definition = goal.definition(project.root) + (_OLD if "destination: old" in written else "")
        project.write(STACK, _HEAD.format(definition=definition) + written)
        reach(project, 1)
        if loaded:
            done(yard, project, *APPLY)
        reach(project, 2)

    return opened


def done(yard: Yard, project: Project, *command: str) -> None:
    """Run a command in calm."""
    ended = yard.run(project, *command)
    assert ended.code == 0, ended.text


def _loaded_by_hand(project: Project, goal: Goal, yard: Yard) -> None:
    """A dlt pipeline of somebody's, for which a stack was written by `import`."""
    project.write("databridge.yaml", "project: shop\n")
    project.write(
        "stacks/_shared/places.yaml",
        f"sources:\n  db: {{type: sqlite, path: shop.db}}\ndestinations:\n  out: {goal.definition(project.root)}\n",
    )
    reach(project, 1)
    lines, environ = goal.script(project.root)
    handmade.run_script(project.root, lines, _SCRIPT, environ)
    done(yard, project, "import", "--destination", "out", "--source", "db", "--pipeline", "nightly")
    reach(project, 2)


def _cursor_was_set(project: Project, goal: Goal, yard: Yard) -> None:
    shop(_TABLES)(project, goal, yard)
    done(yard, project, *_SET)


def _loaded_twice(project: Project, goal: Goal, yard: Yard) -> None:
    shop(_FILES)(project, goal, yard)
    done(yard, project, *APPLY)


def _reset_without_an_order(project: Project, goal: Goal, yard: Yard) -> None:
    shop(_TABLES)(project, goal, yard)
    _rewritten(gone=1007)(project)
    done(yard, project, *_RESET)


def _replaced_with_a_copy(project: Project, goal: Goal, yard: Yard) -> None:
    replaced = "disposition: replace}"
    copied = replaced.replace("}", ", lifecycle: {copy_before_load: true}}")
    shop(_TABLES.replace(replaced, copied))(project, goal, yard)
    done(yard, project, *APPLY)


def _a_table_was_dropped(project: Project, goal: Goal, yard: Yard) -> None:
    shop(_TABLES)(project, goal, yard)
    with closing(duckdb.connect(str(project.root / "warehouse.duckdb"))) as connection:
        connection.execute(f"DROP TABLE {DATASET}.orders")


def _rewritten(*pairs: tuple[str, str], gone: int | None = None) -> Edit:
    """Texts of the stack replaced; and an order that its source has no more."""

    def edit(project: Project) -> None:
        for old, new in pairs:
            project.edit(STACK, old, new)
        if gone is not None:
            with closing(sqlite3.connect(project.root / "shop.db")) as connection, connection:
                connection.execute("DELETE FROM orders WHERE id = ?", [gone])

    return edit


def _nothing(project: Project) -> None:
    pass


@dataclass(frozen=True)
class Scenario:
    """What is killed."""

    name: str
    opened: Open
    """Makes the project what it is before."""
    edit: Edit = _nothing
    """What is written anew before the command."""
    command: tuple[str, ...] = APPLY
    """What is killed after each of its steps; an `apply` is also what mends it."""
    may_be_undone: bool = False
    """Whether a plain apply after the crash may find it not done; then the destination is as if nobody had asked for it."""
    asked_again: bool = False
    """Whether the command comes once more before that apply, whatever it answers then."""
    losses: tuple[Loss, ...] = (Loss.NOTHING, Loss.FOLDERS)
    merges: bool = False
    """Whether it takes a destination that can merge."""
    at: tuple[type[Goal], ...] = ()
    """The goals that it can be tried at; all of them when empty."""

    def fits(self, goal: type[Goal]) -> bool:
        """Whether it can be tried there."""
        return (goal.merges or not self.merges) and (not self.at or issubclass(goal, self.at))

    @property
    def plain(self) -> tuple[str, ...]:
        """An apply that asks for nothing more."""
        return (forkparent.DLT, "") if self.command[0] == forkparent.DLT else APPLY

    @property
    def mending(self) -> tuple[str, ...]:
        """The apply that comes after the crash."""
        return self.command if self.command[0] == APPLY[0] else self.plain


_ALLOW = ("--auto-approve", "--allow", "duplicate", "--allow", "skip")
_SET = ("state", "set", "shop.tables.orders", "--cursor", "2024-01-28T11:00", *_ALLOW)
_RESET = ("reset", "shop.tables.orders", *ONE_BY_ONE, "--allow", "delete-rows")
_UNDO = ("undo", NEWEST_POINT, "--auto-approve", "--allow", "delete-rows", "--allow", "rewrite")
_MERGED = ("mode: incremental\n", "mode: merge\n        primary_key: [id]\n")
_EVENTS = "      - name: events\n        glob: events/*.jsonl\n        lifecycle: {when_removed: drop}\n"
_SEEN = "cursor_field: seen_at\n        cursor_initial_value: 2024-01-28 13:20:00"
_ELSEWHERE = ("dataset: raw\n", "dataset: bronze\n    moved_from: {dataset: raw}\n")
_OVER = ("destination: old\n", "destination: out\n    moved_from: {destination: old}\n")
_CURSOR = "cursor_field: placed_at\n"
_TYPES = "columns: {id: {data_type: text}, amount: {data_type: decimal, precision: 20, scale: 4}}\n"
_RETYPED = (_CURSOR, f"{_CURSOR}        {_TYPES}")
_SIGNALS = ("name: events\n", "name: signals\n        renamed_from: events\n")

SCENARIOS = (
    # All state lost in the middle of a first load: nobody knows any more whose the rows are, and applies refuse (DB224).
    Scenario("first load of tables", shop(_TABLES, loaded=False)),
    Scenario("first load of files", shop(_FILES, loaded=False)),
    Scenario("next load of tables", shop(_TABLES), losses=(*Loss,)),
    Scenario("next load of files", shop(_FILES), losses=(*Loss,)),
    Scenario(
        "reset",
        shop(_TABLES),
        _rewritten(("cursor_field: placed_at", "cursor_field: seen_at"), gone=1007),
        (*APPLY, "--allow", "delete-rows"),
    ),
    Scenario(
        "reset by command",
        shop(_TABLES),
        _rewritten(gone=1007),
        _RESET,
        may_be_undone=True,
    ),
    Scenario("rename a resource", shop(_FILES, _MANUAL), _rewritten(_SIGNALS)),
    Scenario(
        "rename a pipeline",
        shop(_TABLES, _MANUAL),
        _rewritten(("  tables:\n", "  ledger:\n    renamed_from: tables\n")),
    ),
    Scenario(
        "rename a stack",
        shop(_FILES, _MANUAL),
        _rewritten(("stack: shop\n", "stack: store\nrenamed_from: shop\n")),
    ),
    Scenario("drop", shop(_FILES, _MANUAL), _rewritten((_EVENTS, "")), (*APPLY, "--allow", "drop")),
    Scenario(
        "drop by command",
        shop(_FILES),
        command=("destroy", "shop.files.events", *ONE_BY_ONE, "--allow", "drop"),
        may_be_undone=True,
    ),
    Scenario(
        "drop by command, asked again",
        shop(_FILES, _MANUAL),
        command=("destroy", "shop.files.events", *ONE_BY_ONE, "--allow", "drop"),
        asked_again=True,
    ),
    Scenario(
        "merge from now on",
        shop(_TABLES),
        _rewritten(_MERGED),
        (*APPLY, "--allow", "delete-rows"),
        merges=True,
    ),
    Scenario(
        "replace from now on",
        shop(_TABLES),
        _rewritten(
            ("cursor_field: placed_at", "write_disposition: replace"),
            ("mode: incremental", "mode: snapshot"),
            gone=1007,
        ),
        (*APPLY, "--allow", "delete-rows"),
    ),
    Scenario("adopt", _loaded_by_hand),
    Scenario("set a cursor", shop(_TABLES), command=_SET, may_be_undone=True),
    Scenario(
        "forget a resource",
        shop(_TABLES),
        command=("state", "rm", "shop.tables.countries", "--auto-approve"),
        may_be_undone=True,
    ),
    Scenario(
        "move a pipeline by hand",
        shop(_TABLES),
        _rewritten(("  tables:\n", "  ledger:\n")),
        ("state", "mv", "shop.tables", "shop.ledger", "--auto-approve"),
        asked_again=True,
    ),
    Scenario(
        "put back",
        _cursor_was_set,
        command=("state", "restore", NEWEST_POINT, *_ALLOW),
        may_be_undone=True,
    ),
    Scenario(
        "move to another dataset",
        shop(_FILES, _MANUAL),
        _rewritten(_ELSEWHERE),
        (*APPLY, "--allow", "rewrite"),
        at=(DuckDbGoal, LakeGoal),
    ),
    Scenario(
        "move to another kind of destination",
        shop(_FILES.replace("destination: out", "destination: old"), _MANUAL),
        _rewritten(_OVER),
        (*APPLY, "--allow", "rewrite"),
        at=(DuckDbGoal, LakeGoal, SandboxGoal),
    ),
    Scenario(
        "other types",
        shop(_TABLES, _MANUAL),
        _rewritten(_RETYPED),
        (*APPLY, "--allow", "rewrite"),
        at=(DuckDbGoal, LakeGoal, SandboxGoal),
    ),
    Scenario("repair", _a_table_was_dropped, at=(DuckDbGoal,)),
    Scenario("undo a load", _loaded_twice, command=_UNDO, may_be_undone=True),
    Scenario("undo a reset", _reset_without_an_order, command=_UNDO, may_be_undone=True),
    Scenario("undo a load that replaced rows", _replaced_with_a_copy, command=_UNDO, may_be_undone=True),
    Scenario(
        "backfill",
        shop(_TABLES.replace("cursor_field: placed_at", _SEEN)),
        _rewritten(("13:20:00", "13:05:00")),
    ),
)
"""Everything that may be interrupted."""

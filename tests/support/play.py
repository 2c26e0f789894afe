"""A play is edits, rows that come and go, losses, crashes and applies at random; a model knows which rows there must be then.

What a crash may have loaded before its row left the source may be there; all else is there exactly once, or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from databridge.apply.world import Row
from tests.support.examples import examples
from tests.support.stage import Stage, Tables, Wish

STEPS = int(os.environ.get("STEPS", "500"))
"""How many are wanted."""
_LENGTH, _AT_LEAST = 50, 25
"""How many a play has at most, and at least on average."""
Versions = set[tuple[int, int]]
NAMES = ("orders", "customers", "rates")
OTHER = {"orders": "bills", "bills": "orders"}
CURSORS = {"at": "id", "id": "at"}


def _versions(rows: Iterable[Row]) -> dict[int, tuple[int, int]]:
    return {int(str(row["id"])): (int(str(row["at"])), int(str(row["v"]))) for row in rows}


class Play(RuleBasedStateMachine):
    """One project, from its first apply on."""

    steps = 0
    """How many there were in all plays, checks included."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage, self.wish, self.applied = stage, Wish(), Wish(customers=False)
        self.source: dict[str, list[Row]] = {name: [] for name in NAMES}
        self.source["rates"] = [{"id": 0, "at": 0, "v": 0}]
        self.ids, self.moment = 1, 0
        self.must: dict[str, dict[int, tuple[int, int]]] = {name: {} for name in NAMES}
        self.may: dict[str, dict[int, Versions]] = {name: {} for name in NAMES}
        self.settled, self.begun = True, False
        """Whether nothing has crashed since the last good apply; whether anything was ever applied."""

    @rule(table=st.sampled_from(NAMES), later=st.booleans(), many=st.integers(1, 3))
    def rows_come(self, table: str, *, later: bool, many: int) -> None:
        self.moment += later
        for _ in range(many):
            self.source[table].append({"id": self.ids, "at": self.moment, "v": 0})
            self.ids += 1
        Play.steps += 1

    @rule(which=st.integers(0, 99))
    def a_customer_changes(self, which: int) -> None:
        if rows := self.source["customers"]:
            self.moment += 1
            which %= len(rows)
            rows[which] = {**rows[which], "at": self.moment, "v": int(str(rows[which]["v"])) + 1}
        Play.steps += 1

    @rule(table=st.sampled_from(NAMES), which=st.integers(0, 99))
    def a_row_leaves(self, table: str, which: int) -> None:
        rows = self.source[table]
        if len(rows) > 1:
            del rows[which % len(rows)]
        Play.steps += 1

    @precondition(lambda self: not self.wish.renamed_from)  # both at once is refused
    @rule()
    def the_cursor_is_edited(self) -> None:
        self.wish = replace(self.wish, cursor=CURSORS[self.wish.cursor])
        Play.steps += 1

    @precondition(
        lambda self: self.settled and self.begun and not self._is_reset() and not self.wish.renamed_from
    )
    @rule()
    def orders_are_renamed(self) -> None:
        self.wish = replace(self.wish, orders=OTHER[self.applied.orders], renamed_from=self.applied.orders)
        Play.steps += 1

    @precondition(lambda self: self.settled and self.begun)
    @rule()
    def customers_come_or_go(self) -> None:
        self.wish = replace(self.wish, customers=not self.wish.customers)
        Play.steps += 1

    @rule()
    def working_folders_are_lost(self) -> None:
        self.stage.lose_folders()
        Play.steps += 1

    # Of a first load, or of a change, that crashed, nobody would know any more.
    @precondition(lambda self: self.settled and self.wish == self.applied)
    @rule()
    def all_state_is_lost(self) -> None:
        self.stage.lose_state()
        Play.steps += 1

    @rule(at=st.integers(0, 24))
    def an_apply_crashes(self, at: int) -> None:
        self.begun = True
        if self._apply(at):
            self._apply_the_rest()
            self._check()
        else:
            self._may_have_loaded()
            self.settled = False
        Play.steps += 1

    @rule()
    def an_apply_ends(self) -> None:
        self.begun = True
        self._apply(None)
        self._apply_the_rest()
        self._check()
        Play.steps += 1

    def _apply_the_rest(self) -> None:
        """What a crashed apply had loaded, or an edit was about, is not loaded once more by the apply that settles or makes it."""
        if not self.settled or self.wish != self.applied:
            self._apply(None)

    def _apply(self, die_at: int | None) -> bool:
        source: Tables = {name: [dict(row) for row in rows] for name, rows in self.source.items()}
        source["bills"] = source["orders"]
        return self.stage.apply(self.wish, source, die_at=die_at)

    def _is_reset(self) -> bool:
        return self.wish.cursor != self.applied.cursor

    def _may_have_loaded(self) -> None:
        """Any row of the source may be there now; and any other may be gone, if that is asked for."""
        for name in NAMES:
            if (name == "orders" and self._is_reset()) or (name == "customers" and not self.wish.customers):
                for row, version in self.must[name].items():
                    self.may[name].setdefault(row, set()).add(version)
                self.must[name] = {}
            for row, version in _versions(self.source[name]).items():
                self.may[name].setdefault(row, set()).add(version)

    def _check(self) -> None:
        rows = self.stage.rows()
        gone = {OTHER[self.wish.orders]} | (set() if self.wish.customers else {"customers"})
        assert not gone & rows.keys(), f"{gone & rows.keys()} should be gone"
        if self._is_reset():
            self.must["orders"] = {}
            if self.settled:
                self.may["orders"] = {}
        for name in NAMES:
            if name == "customers" and not self.wish.customers:
                self.must[name], self.may[name] = {}, {}
                continue
            self._check_table(name, rows.get(self.wish.orders if name == "orders" else name, []))
        self.wish = replace(self.wish, renamed_from=None)
        self.applied, self.settled = self.wish, True

    def _check_table(self, name: str, rows: list[Row]) -> None:
        found, now = _versions(rows), _versions(self.source[name])
        assert len(found) == len(rows), f"{name} has rows twice: {rows}"
        must, may = self.must[name] | now, self.may[name]
        if name == "rates":  # replaced: as the source is
            must, may = now, {}
        assert must.keys() <= found.keys(), f"{name} lacks {must.keys() - found.keys()}"
        for row, version in found.items():
            known = (
                {must[row]} if row in now else may.get(row, set()) | ({must[row]} if row in must else set())
            )
            assert version in known, f"{name} has {row} as {version}, not as one of {known}"
        self.must[name], self.may[name] = found, {}


def play(open_stage: Callable[[], Stage], *, steps: int, shrink: bool) -> int:
    """Give plays, each on a stage of its own.

    Args:
        open_stage: makes one.
        steps: how many there are to be, at least, over all of them.
        shrink: whether a play that goes wrong is made shorter, which takes as long again, many times.

    Returns:
        How many there were.
    """
    begin = Play.steps
    phases = [Phase.explicit, Phase.generate, *([Phase.shrink] if shrink else [])]
    run_state_machine_as_test(
        lambda: Play(open_stage()),  # type: ignore[arg-type]  # whatever makes one is welcome
        settings=settings(
            examples(-(-steps // _AT_LEAST)), stateful_step_count=_LENGTH, phases=phases, print_blob=True
        ),
    )
    return Play.steps - begin

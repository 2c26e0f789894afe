"""A kill sweep kills one scenario after each of its steps in turn, and applies: what is there then is what a calm one makes.

Compared are the destination's rows, then what the next plan would do from which cursor, then the rows once more data came.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.contents import Contents
from tests.support.forkparent import DLT
from tests.support.goal import Goal
from tests.support.project import Project
from tests.support.scenario import NEWEST_POINT, RUN, Loss, Scenario
from tests.support.shop import reach
from tests.support.yard import Ended, Yard


@dataclass(frozen=True)
class End:
    """What a scenario comes to."""

    holds: Contents
    due: object
    """What the next plan would do, and from where."""
    later: Contents | None
    """What is there once more data came and was loaded, if anybody asks for that."""


class Unmended(AssertionError):
    """After this crash the destination is not what it would be."""


class KillSweep:
    """One scenario on its way to one goal."""

    def __init__(
        self, scenario: Scenario, goal: Goal, yard: Yard, folder: Path, *, thorough: bool = False
    ) -> None:
        """Make the project, and see what calm runs make of it.

        Args:
            scenario: what is killed.
            goal: where it loads to.
            yard: where its commands run.
            folder: for its projects; not there yet.
            thorough: let more data come after each crash was mended, and load it.
        """
        self._scenario, self._goal, self._yard, self._folder = scenario, goal, yard, folder
        self._thorough = thorough
        self._number = 0
        self._before = Project(folder / "before")
        self._before.root.mkdir(parents=True)
        scenario.opened(self._before, goal, yard)
        scenario.edit(self._before)
        goal.keep()
        calm = self._copy()
        ended = self._run(calm, *scenario.command)
        assert ended.code == 0, ended.text
        self.points = ended.points
        """Its steps."""
        at_once = not (scenario.may_be_undone or scenario.asked_again)
        self._ends = self._ends_of(calm, at_once=at_once)
        if scenario.may_be_undone:
            self._ends += self._ends_of(self._copy(), at_once=False)

    def cases(self, *, all_losses: bool) -> Iterator[tuple[int, Loss]]:
        """The steps to be killed after, each with what else is lost.

        Args:
            all_losses: each with every loss, instead of each with one of them in turn.
        """
        losses = self._scenario.losses
        for number in range(len(self.points)):
            chosen = losses if all_losses else (losses[number // 2 % len(losses)],)
            yield from ((number, loss) for loss in chosen)

    def kill(self, number: int, loss: Loss) -> None:
        """Kill it after one step, apply, and compare.

        Args:
            number: of the step.
            loss: what is lost then.

        Raises:
            Unmended: something is not as it should be.
        """
        project = self._copy()
        died = self._run(project, *self._scenario.command, die_at=number)
        assert died.code < 0, f"it came by {len(died.points)} steps only: {died.text}"
        when = f"killed at step {number} of {len(self.points)}, {died.points[-1]}, with {loss} lost"
        for lost in project.root.glob(
            {Loss.FOLDERS: "state/*/*/_pipelines", Loss.STATE: "state"}.get(loss, "\0")
        ):
            shutil.rmtree(lost)
        if self._scenario.asked_again:
            self._run(project, *self._scenario.command)
        ended = self._run(project, *self._scenario.mending)
        if ended.code:
            raise Unmended(f"{when}: {ended.text}")
        holds = self._holds(project, when)
        differences = [_differ(end.holds, holds) for end in self._ends]
        if all(differences):
            raise Unmended(f"{when}: {' or '.join(differences)}")
        likely = [end for end, difference in zip(self._ends, differences, strict=True) if not difference]
        due = self._due(project)
        if all(due != end.due for end in likely):
            raise Unmended(f"{when}: next is {due}, not {likely[0].due}")
        later = self._later(project, when)
        if all(_differ(end.later, later) for end in likely):
            raise Unmended(f"{when}, later: {_differ(likely[0].later, later)}")
        shutil.rmtree(project.root)

    def _copy(self) -> Project:
        self._goal.put_back()
        self._number += 1
        return self._before.copy(self._folder / f"{self._number}")

    def _run(self, project: Project, *command: str, die_at: int | None = None) -> Ended:
        told = [_newest_point(project) if word == NEWEST_POINT else word for word in command]
        return self._yard.run(project, *told, die_at=die_at)

    def _ends_of(self, project: Project, *, at_once: bool) -> list[End]:
        """What one apply makes of it, and one more: what is due at every apply may be loaded by the one that mends, too.

        Args:
            project: calm.
            at_once: whether the first of them was made already.
        """
        ends = []
        for number in range(2):
            if number or not at_once:
                ended = self._run(project, *self._scenario.plain)
                assert ended.code == 0, ended.text
            ends.append((self._holds(project, "in calm"), self._due(project)))
        later = self._later(project, "in calm")
        return [End(holds, due, later) for holds, due in ends]

    def _holds(self, project: Project, when: str) -> Contents:
        try:
            return self._goal.contents(project.root)
        except AssertionError as error:
            raise Unmended(f"{when}: {error}") from None

    def _due(self, project: Project) -> object:
        if self._scenario.mending[0] == DLT:  # which has no plans
            return None
        planned = self._run(project, "plan", "--format", "json")
        assert planned.code == 0, planned.text
        plan = json.loads(planned.out)
        actions = [
            [a[k] for k in ("kind", "address", "cursor", "new_files") if k in a] for a in plan["actions"]
        ]
        return actions, [[f["code"], f["address"]] for f in plan["findings"]]

    def _later(self, project: Project, when: str) -> Contents | None:
        if not self._thorough:
            return None
        reach(project, 3)
        ended = self._run(project, *RUN)
        if ended.code:
            raise Unmended(f"{when}, later: {ended.text}")
        return self._holds(project, f"{when}, later")


def _newest_point(project: Project) -> str:
    return max(file.stem for file in project.root.glob("state/*/*/_restore/*.json"))


def _differ(wanted: Contents | None, found: Contents | None) -> str:
    return wanted.difference(found, any_number_of_snapshots=True) if wanted and found else ""

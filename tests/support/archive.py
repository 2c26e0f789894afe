"""An archive holds a project as it was at several moments, place by place: each was reached by real applies, calm or killed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.branch import Branch
from tests.support.depot import Depot
from tests.support.market import OTHER, Market
from tests.support.project import Project

OpenDepot = Callable[[Path, Path], Depot]
"""A depot in a project's folder, with the folder where it keeps what was."""
CALM = ("1", "2", "3")
TIED = "tied"
"""As many loads as at 3, and other ones: dlt counts the same version."""
KILLED = ("normalized", "job-1", "before-complete", "after-complete")
"""Killed at that failpoint while it loaded 3 into its tables; the files still stood at 2."""
KILLED_FILES = "files-before-complete"
"""The same with the files; the tables still stood at 2."""
MOMENTS = (*CALM, TIED, *KILLED, KILLED_FILES)


@dataclass(frozen=True)
class Archive:
    """What there was."""

    folder: Path
    open_depot: OpenDepot

    def branch(self, root: Path) -> Branch:
        """A project with nothing loaded, and nothing at its source."""
        root.mkdir()
        branch = Branch(root, self.open_depot(root, self.folder))
        branch.write()
        return branch

    def fill(self, root: Path, *, killed: Sequence[str] = (*KILLED, KILLED_FILES)) -> None:
        """Live through everything.

        Args:
            root: a folder that is not there yet.
            killed: the moments at which an apply is killed; each costs some seconds.
        """
        branch = self.branch(root)
        market = Market(root)
        for moment in CALM:
            market.reach(int(moment))
            _, run = branch.apply()
            assert run is not None
            assert run.exit_code == 0, run
            self._keep(branch, moment)
        self._return(branch, "2")
        market.reach(OTHER)
        branch.apply()
        self._keep(branch, TIED)
        market.reach(3)
        for moment in killed:
            self._return(branch, "2")
            pipeline, failpoint = "tables", moment
            if moment == KILLED_FILES:
                pipeline, failpoint = "files", moment.removeprefix("files-")
            Project(root).killed_apply("--select", f"market.{pipeline}", failpoint=failpoint)
            self._keep(branch, moment)

    def put_back(self, branch: Branch, *, local: str | None, store: str | None) -> None:
        """Make a project's working folders and its ledger and journal what they were; None: they are gone."""
        for place, kind, moment in (
            (branch.working_folders, "local", local),
            (branch.store, "store", store),
        ):
            shutil.rmtree(place, ignore_errors=True)
            if moment is not None:
                shutil.copytree(self.folder / f"{moment}.{kind}", place)

    def _keep(self, branch: Branch, moment: str) -> None:
        branch.depot.keep(moment)
        shutil.copytree(branch.working_folders, self.folder / f"{moment}.local")
        shutil.copytree(branch.store, self.folder / f"{moment}.store")

    def _return(self, branch: Branch, moment: str) -> None:
        branch.depot.put_back(moment)
        self.put_back(branch, local=moment, store=moment)

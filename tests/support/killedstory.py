"""A project that is loaded, killed, taken to another machine and killed again ends with every row once, wherever it loads to."""

from __future__ import annotations

import re
import shutil
from typing import Protocol

from tests.support.project import Project


class Telling(Protocol):
    """A project whose sources grow day by day: two orders and a visit each."""

    @property
    def project(self) -> Project:
        """The project."""

    def arrive(self, day: int) -> None:
        """Let a day come in."""

    def assert_holds(self, *days: int) -> None:
        """See that the destination holds these days, each once."""


def is_loaded_killed_and_gone_on_with(site: Telling, *, stack: str, resources: int) -> None:
    """Tell the story.

    Args:
        site: with nothing loaded.
        stack: its name; it has the pipelines `tables` and `files`.
        resources: how many there are.
    """
    project = site.project
    site.arrive(1)
    project.killed_apply("--parallelism", "1", failpoint="job-1")
    assert f"{resources} created" in project.apply().out
    site.assert_holds(1)
    assert not project.has_changes()
    # Another machine: nothing of ours is on its disk.
    shutil.rmtree(project.root / "state")
    assert not project.has_changes()
    site.arrive(2)
    done = project.apply()
    assert re.search(r"^ +orders +2 rows$", done.out, re.MULTILINE)
    assert re.search(r"^ +visits +1 row$", done.out, re.MULTILINE)
    site.assert_holds(1, 2)
    site.arrive(3)
    for failpoint in ("job-1", "before-complete"):
        project.killed_apply("--select", f"{stack}.tables", failpoint=failpoint)
    project.killed_apply("--select", f"{stack}.files", failpoint="after-complete")
    project.apply()
    site.assert_holds(1, 2, 3)
    assert not project.has_changes()

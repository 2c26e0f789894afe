"""A workplace is the project that a command works in, opened once: stacks, store, clocks and identity."""

from __future__ import annotations

import getpass
import os
import platform
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from databridge.apply.engine import Engine
from databridge.apply.events import Event
from databridge.apply.observe import look_at_sources, observe
from databridge.apply.places import ProjectPlaces
from databridge.apply.session import Surroundings
from databridge.config.document import Document
from databridge.config.project import Project, find_project, load_project
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import Recorded, SourceLook
from databridge.plan.options import PlanOptions, ResetWish
from databridge.plan.selection import EVERYTHING, Selection
from databridge.secrets.chain import SecretsChain, secret_chain
from databridge.state.opening import is_local, open_store, pipelines_dir
from databridge.state.store import StateStore


@dataclass(frozen=True, slots=True)
class Workplace:
    """An open project."""

    project: Project
    store: StateStore

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.root

    @property
    def places(self) -> ProjectPlaces:
        """Where states and files lie."""
        return ProjectPlaces(self.root, self.pipelines_dir, self.secrets)

    @property
    def secrets(self) -> SecretsChain:
        """Where the values of secrets come from."""
        return secret_chain(self.root, os.environ)

    @property
    def pipelines_dir(self) -> Path:
        """Where dlt's working folders lie: always on this machine."""
        return pipelines_dir(
            self.project.store, root=self.root, project=self.project.name, target=self.project.target
        )

    @property
    def named_target(self) -> str | None:
        """The target as commands have to name it; None where there is but one."""
        return self.project.target if len(self.project.targets) > 1 else None

    def observe(self, *, refresh: bool, closely: Callable[[Address], bool] = lambda _: False) -> Recorded:
        """All that is recorded of the target."""
        return observe(self.project.desired, self.store, self.places, refresh=refresh, closely=closely)

    def look(self, recorded: Recorded) -> dict[Address, SourceLook]:
        """What a short look at the sources tells."""
        return dict(look_at_sources(self.project.desired, recorded, self.places))

    def surroundings(self, engine: Engine, emit: Callable[[Event], None]) -> Surroundings:
        """Everything that an apply needs."""
        return Surroundings(
            desired=self.project.desired,
            places=self.places,
            store=self.store,
            engine=engine,
            now=now,
            seconds=time.monotonic,
            new_token=new_token,
            emit=emit,
            who=who(),
            run_id=new_run_id(),
            local_store=is_local(self.project.store),
            retention=self.project.retention,
        )

    def options(self, wished: PlanOptions, recorded: Recorded) -> PlanOptions:
        """What is asked of a plan, with what this place adds to it."""
        return replace(
            wished,
            looks=self.look(recorded),
            local_store=is_local(self.project.store),
            copies=self.project.retention.copied_for,
        )


def open_workplace(
    target: str | None, variables: Iterable[str] | None, *, draft: Document | None = None
) -> Workplace:
    """Find and read the project that the current folder lies in.

    Args:
        target: the target to resolve for; None chooses the default one.
        variables: `NAME=VALUE`.
        draft: a stack that is read as if it were written.

    Raises:
        DatabridgeError: there is none, or it has problems; all of them at once.
    """
    root = find_project(Path.cwd())
    project = load_project(
        root, target=target, variables=_pairs(variables or ()), environ=os.environ, draft=draft
    )
    store = open_store(
        project.store,
        project=project.name,
        target=project.target,
        root=root,
        secrets=secret_chain(root, os.environ),
    )
    return Workplace(project, store)


def _pairs(variables: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for text in variables:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise DatabridgeError.of(
                "DB602",
                f"`--var {text}` is not of the form NAME=VALUE",
                hint=f"Write it as: --var {name or 'NAME'}={value or 'VALUE'}",
            )
        pairs[name] = value
    return pairs


def plan_options(
    select: Iterable[str] | None,
    accept: Iterable[str] | None,
    *,
    run_now: bool = False,
    reset: bool = False,
    keep_data: bool = False,
    destroy: bool = False,
    repair: bool = False,
) -> PlanOptions:
    """What the command line asks of a plan, and the dlt that would carry it out."""
    from importlib.metadata import version

    selection = Selection(tuple(select)) if select else EVERYTHING
    return PlanOptions(
        select=selection,
        accept=Selection(tuple(accept)) if accept else None,
        run_now=run_now,
        reset=ResetWish(selection, keep_data=keep_data) if reset else None,
        destroy=selection if destroy else None,
        repair=repair,
        dlt_version=version("dlt"),
    )


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def new_token() -> str:
    """A text that never comes twice."""
    return secrets.token_hex(8)


def new_run_id() -> str:
    """Sortable by time: `20261123T085421Z-3f9a`; the last four digits tell which part of the second it was, to 15 µs."""
    at = now()
    return f"{at:%Y%m%dT%H%M%SZ}-{at.microsecond * 0x10000 // 1_000_000:04x}"


def who() -> str:
    """`user@host`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{platform.node()}"

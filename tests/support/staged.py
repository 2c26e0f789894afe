"""The flights example on the sandbox, staged in a bucket: the stack is the example's own, only its destination is another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from tests.support.project import Project


@contextmanager
def sandbox_for(project: Project, **settings: object) -> Iterator[Sandbox]:
    """A sandbox that the project's commands find in their environment."""
    with Sandbox(SandboxSettings(root=project.root / "sandbox", **settings)) as sandbox:  # type: ignore[arg-type]
        project.environ.update(sandbox.connection.env)
        yield sandbox

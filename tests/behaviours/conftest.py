"""One yard for all, and each enactment once; each has a destination of its own, where nothing is left of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from tests.support.behaviour import Behaviour, Seen
from tests.support.enactment import Enactment
from tests.support.stand import DuckDbStand, LakeStand, SandboxStand, Stand
from tests.support.yard import Yard, open_yard

Enact = Callable[[tuple[Behaviour, ...], str, Behaviour], Seen]


@pytest.fixture(scope="session")
def yard() -> Iterator[Yard]:
    with open_yard("databricks") as yard:
        yield yard


@pytest.fixture(scope="session")
def enact(
    request: pytest.FixtureRequest, yard: Yard, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Enact]:
    """Carry out all of a group that are asked for, the first time that one is, and tell what became of that one."""
    folder = tmp_path_factory.mktemp("enacted")
    enacted: dict[tuple[str, str], Seen] = {}
    asked = {item.callspec.id for item in request.session.items if hasattr(item, "callspec")}

    def seen(group: tuple[Behaviour, ...], stand: str, behaviour: Behaviour) -> Seen:
        if (stand, behaviour.case) not in enacted:
            wanted = [each for each in group if f"{stand}-{each.case}" in asked]
            root = folder / f"{stand}-{len(enacted)}"
            root.mkdir()
            try:
                played = Enactment(wanted, _stand(stand, root, sandboxes), yard, root).seen
            except Exception as error:  # noqa: BLE001  # told for each, and not tried again for each
                played = {each.case: Seen(error=f"{error}"[-1500:]) for each in wanted}
            enacted.update({(stand, case): each for case, each in played.items()})
        return enacted[stand, behaviour.case]

    with ExitStack() as sandboxes:
        yield seen


def _stand(name: str, root: Path, sandboxes: ExitStack) -> Stand:
    match name:
        case "duckdb":
            return DuckDbStand()
        case "filesystem":
            return LakeStand()
        case _:
            settings = SandboxSettings(root=root.with_name(f"{root.name}-sandbox"))
            return SandboxStand(sandboxes.enter_context(Sandbox(settings)))

"""A plan file holds one saved plan as JSON, with what it is bound to; it holds no secret."""

from __future__ import annotations

import json
from pathlib import Path

from databridge import __version__
from databridge.apply.approval import refuse_blocked
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import LocationStatus, Recorded, RecordedStack
from databridge.model.stack import Desired
from databridge.plan.binding import SavedPlan, bind
from databridge.plan.plan import FORMAT_VERSION, Plan
from databridge.state.durable import replace_file

_COMMAND = "databridge plan --out FILE"
_MAKE_ONE = f"Make one: {_COMMAND}"


def refuse_unsavable(plan: Plan) -> None:
    """Stop before saving a plan that could not be applied.

    Raises:
        DatabridgeError: a finding blocks it.
    """
    refuse_blocked(plan)


def write_plan(file: Path, plan: Plan, desired: Desired, recorded: Recorded) -> None:
    """Save a plan with what it depends on.

    Raises:
        DatabridgeError: the file can't be written, or the plan was made without reading the destinations.
    """
    unread = [
        address
        for address in {action.address.parent for action in plan.actions}
        if _unread(recorded.stacks.get(address.stack, RecordedStack()), address.pipeline_path)
    ]
    if unread:
        raise DatabridgeError.of(
            "DB605",
            "a plan that was made without reading the destinations can't be saved",
            hint="Plan again without --no-refresh.",
        )
    saved = SavedPlan(plan=plan, binding=bind(plan, desired, recorded), databridge_version=__version__)
    try:
        replace_file(file, saved.model_dump_json(indent=2).encode(), torn="plan-torn")
    except OSError as error:
        raise DatabridgeError.of("DB606", f"can't write the plan to `{file}`: {error.strerror}") from None


def _unread(found: RecordedStack, path: str) -> bool:
    place = found.pipelines.get(path)
    return place is not None and place.destination.status is LocationStatus.SKIPPED


def read_plan(file: Path) -> SavedPlan:
    """Read a saved plan.

    Raises:
        DatabridgeError: the file is missing, is no plan, or is one of another databridge's format.
    """
    try:
        text = file.read_bytes()
    except OSError as error:
        raise DatabridgeError.of(
            "DB606", f"can't read the plan `{file}`: {error.strerror}", hint=_MAKE_ONE
        ) from None
    try:
        saved = SavedPlan.model_validate_json(text)
    except ValueError:
        raise _unreadable(file, text) from None
    if saved.plan.format_version != FORMAT_VERSION:
        raise _unreadable(file, text)
    return saved


def _unreadable(file: Path, content: bytes) -> DatabridgeError:
    try:
        version = json.loads(content)["databridge_version"]
    except (ValueError, LookupError, TypeError):
        version = None
    if not isinstance(version, str) or version == __version__:
        return DatabridgeError.of("DB607", f"`{file}` is no saved plan", hint=_MAKE_ONE)
    return DatabridgeError.of(
        "DB607",
        f"`{file}` can't be read by this databridge",
        detail=f"databridge {version} saved it, this is {__version__}.",
        hint=f"Use that version, or make a new plan: {_COMMAND}",
    )

"""To set a cursor is to say from which value on the next load reads; at the value itself, it takes what the table lacks."""

from __future__ import annotations

from dataclasses import replace

from databridge.model.address import Address
from databridge.model.amendment import PlaceCursor
from databridge.model.cursorvalue import EXAMPLES, kind_of, read_cursor
from databridge.model.diagnostic import DatabridgeError
from databridge.model.edit import SetCursor
from databridge.model.recorded import CursorState, ResourceState
from databridge.model.spec import resource_of
from databridge.plan.cursor import cursor_of, value_text
from databridge.plan.edits.effect import edited
from databridge.plan.edits.part import EditPart, Stage, in_state, states_of
from databridge.plan.edits.refusal import unknown
from databridge.plan.edits.scene import Scene


def set_cursor(stage: Stage, edit: SetCursor) -> EditPart:
    """Plan it.

    Raises:
        DatabridgeError: no ledger knows the address (DB632), it has no cursor (DB631), or the value is none of the
            recorded one's type (DB630).
    """
    address = edit.address
    scene = stage.scenes[address.parent]
    if scene.record is None or address.resource not in scene.record.resources:
        raise unknown(address)
    if refused := stage.without_state(scene):
        return EditPart(findings=refused)
    state = states_of(scene).get(address.resource, ResourceState(address.resource))
    cursor = _recorded(scene, address, state)
    try:
        value = read_cursor(edit.value, cursor.last_value)
    except ValueError as error:
        raise _not_of_its_type(address, cursor, str(error)) from None
    if value.value == cursor.last_value:
        return EditPart(findings=stage.doubts(scene))
    amendment = PlaceCursor(resource=address.resource, path=cursor.path, value=value)
    cursors = tuple(replace(c, last_value=value.value) if c is cursor else c for c in state.cursors)
    told = edited(address, scene.record.resources[address.resource], state, replace(state, cursors=cursors))
    return in_state(
        stage,
        scene,
        amendments=(amendment,),
        after=scene.record,
        resources=(told,) if told else (),
    )


def _recorded(scene: Scene, address: Address, state: ResourceState) -> CursorState:
    spec = scene.record.resources[address.resource].spec if scene.record else {}
    resource = resource_of(address.resource, spec)
    field = cursor_of(resource) if resource else None
    if field is None:
        raise DatabridgeError.of(
            "DB631",
            f"`{address}` has no cursor",
            detail="Each of its loads takes everything, or the files that are new.",
            hint=f"See what is recorded of it: databridge state show {address}",
        )
    cursor = state.cursor(field)
    if cursor is None or kind_of(cursor.last_value) is None:
        raise DatabridgeError.of(
            "DB631",
            f"no value of `{field}` is recorded for `{address}` that another could take the place of",
            hint="Let it be loaded once; where its first load starts, `cursor_initial_value` in its stack says.",
        )
    return cursor


def _not_of_its_type(address: Address, cursor: CursorState, why: str) -> DatabridgeError:
    kind = kind_of(cursor.last_value)
    example = EXAMPLES[kind] if kind else ""
    return DatabridgeError.of(
        "DB630",
        f"the cursor of `{address}` can't be set: {why}",
        detail=f"Recorded is {cursor.path} {value_text(cursor.last_value)}, a {kind}.",
        hint=f"Write it like {example.removesuffix(' (UTC)')}{', in UTC or with its zone' if '(UTC)' in example else ''}.",
    )

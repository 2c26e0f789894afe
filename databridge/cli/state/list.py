"""`databridge state list`: every managed resource, with its last load and its cursor."""

from __future__ import annotations

from databridge.cli.options import AsText, Select, Target, TextFormat, Var


def list_(
    target: Target = None, var: Var = None, select: Select = None, as_: AsText = TextFormat.TEXT
) -> None:
    """List every managed resource with its last load and its cursor.

    \b
    Examples:
      databridge state list
      databridge state list --select sales_de --format json
    """
    from databridge.apply.observe import require_matches
    from databridge.cli.output import answer, answer_traits, tell
    from databridge.cli.workplace import open_workplace, plan_options
    from databridge.render.states import ledger_remarks, state_list_json, state_list_text

    place = open_workplace(target, var)
    recorded = place.observe(refresh=False)
    selection = plan_options(select, None).select
    require_matches(selection, place.project.desired, recorded)
    keeps = selection.keeps
    if as_ is TextFormat.JSON:
        answer(state_list_json(recorded, keeps))
    else:
        traits = answer_traits()
        answer(state_list_text(recorded, keeps, width=traits.width, color=traits.color))
    for remark in ledger_remarks(recorded, selection.may_keep_of, target=place.named_target):
        tell(remark)

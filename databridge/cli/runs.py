"""`databridge runs`: what earlier applies did."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import AsText, Target, TextFormat, Var

app = typer.Typer(help="Show what earlier applies and runs did.")


@app.command("list")
def list_(
    target: Target = None,
    var: Var = None,
    newest: Annotated[int, typer.Option("--newest", "-n", min=1, help="How many, the newest first.")] = 20,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """List the newest runs.

    \b
    Examples:
      databridge runs list
      databridge runs list -n 100 --format json
    """
    from databridge.cli.output import answer, answer_traits
    from databridge.cli.workplace import open_workplace
    from databridge.render.runs import runs_json, runs_table

    runs = open_workplace(target, var).store.runs(newest=newest)
    if as_ is TextFormat.JSON:
        answer(runs_json(runs))
        return
    traits = answer_traits()
    answer(runs_table(runs, width=traits.width, color=traits.color))


@app.command("show")
def show(
    run_id: Annotated[
        str, typer.Argument(metavar="[RUN]", help="Its id, or the beginning of it; the newest by default.")
    ] = "",
    target: Target = None,
    var: Var = None,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Show one run: each pipeline with its outcome, rows and load ids.

    \b
    Examples:
      databridge runs show
      databridge runs show 20261123T0854
    """
    from databridge.cli.output import answer, answer_traits
    from databridge.cli.workplace import open_workplace
    from databridge.model.diagnostic import DatabridgeError
    from databridge.render.runs import run_json, run_text

    store = open_workplace(target, var).store
    run = store.run(run_id) if run_id else next(iter(store.runs(newest=1)), None)
    if run is None:
        what = f"no run begins with `{run_id}`" if run_id else "nothing was run yet"
        raise DatabridgeError.of("DB609", what, hint="See: databridge runs list")
    if as_ is TextFormat.JSON:
        answer(run_json(run))
        return
    traits = answer_traits()
    answer(run_text(run, width=traits.width, color=traits.color))

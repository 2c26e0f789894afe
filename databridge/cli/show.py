"""`databridge show`: a saved plan, in any format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from databridge.cli.options import AsPlan, Explain, PlanFormat


def show(
    file: Annotated[Path, typer.Argument(metavar="PLANFILE", help="A plan that `plan --out` saved.")],
    as_: AsPlan = PlanFormat.TEXT,
    explain: Explain = False,
) -> None:
    """Show a saved plan.

    \b
    Examples:
      databridge show release.plan
      databridge show release.plan --format markdown
    """
    from databridge.cli.planfile import read_plan
    from databridge.cli.printing import print_plan

    print_plan(read_plan(file).plan, as_, explain=explain)

"""`databridge sample`: a few rows of a resource, and what becomes of its columns."""

from __future__ import annotations

from typing import Annotated

import typer

from databridge.cli.options import AsText, Target, TextFormat, Var


def sample(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The resource: STACK.PIPELINE.RESOURCE.")],
    rows: Annotated[int, typer.Option("--rows", "-n", min=1, max=1000, help="How many rows.")] = 5,
    target: Target = None,
    var: Var = None,
    as_: AsText = TextFormat.TEXT,
) -> None:
    """Show a few rows of a resource, and the type of each column: at the source, as it is read, at the destination.

    They are read as a load would read them. Nothing is loaded and nothing is recorded. Of files the first one is read.

    \b
    Examples:
      databridge sample sales_de.sales.ORDERS
      databridge sample sales_de.sales.ORDERS --rows 20 --format json
    """
    from databridge.cli.addresses import resource_address
    from databridge.cli.output import answer, answer_traits
    from databridge.cli.resourceat import resource_at
    from databridge.cli.workplace import open_workplace
    from databridge.engine.settings import enforce
    from databridge.render.sample import sample_json, sample_text

    place = open_workplace(target, var)
    wanted = resource_address(address)
    pipeline, resource = resource_at(wanted, place.project.desired)

    enforce()  # before dlt is imported
    from databridge.engine.sample import sampled

    found = sampled(
        pipeline.source, resource, pipeline.destination, rows=rows, root=place.root, secrets=place.secrets
    )
    if as_ is TextFormat.JSON:
        answer(sample_json(wanted, found))
        return
    traits = answer_traits()
    answer(sample_text(wanted, found, pipeline.destination.title, width=traits.width, color=traits.color))

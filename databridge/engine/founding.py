"""A dataset that takes many writers is made by one of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dlt

from databridge.apply.engine import Place
from databridge.engine import reset
from databridge.engine.lease import exclusive_file, leased, making
from databridge.engine.pipelines import has_dataset, lacks_staging
from databridge.model.destination import SqlDestination


@contextmanager
def founding(
    pipeline: dlt.Pipeline, place: Place, root: Path, pipelines_dir: Path, on_wait: Callable[[], None]
) -> Iterator[None]:
    """Make a dataset that takes many writers before the load, one at a time; what comes next is the load.

    Two first loads would both make it, and dlt's own tables in it, and dlt takes the second one for a failure. So it
    does in a database where both make the dataset that they merge from: there the first such load is alone.
    """
    if exclusive_file(place.destination, root) is not None:
        yield
        return
    with ExitStack() as alone:
        alone.enter_context(leased(making(pipelines_dir, place.dataset), on_wait))
        if not has_dataset(pipeline):
            reset.create_tables(pipeline)
        if not (isinstance(place.destination, SqlDestination) and lacks_staging(pipeline)):
            alone.close()
        yield

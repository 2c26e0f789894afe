"""Which files dlt's own `filesystem` has loaded is told by when they were written; where that leaves a doubt, nothing is taken over.

It takes the files written after the last moment that it knows, and of those written right at it the ones whose hash it
does not know (dlt 1.31). So all that were written before are loaded, or never will be.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from dlt.common.typing import DictStrAny

from databridge.locations.landing import file_key, landing_files
from databridge.model.amendment import FILES_MODIFIED, CountFiles
from databridge.model.diagnostic import DatabridgeError
from databridge.model.paths import local_folder
from databridge.model.recorded import FileMark

_ANEW = "Load it anew from a pipeline with another name and another dataset."


def marks_of_loaded(amendment: CountFiles, resources: DictStrAny, root: Path) -> dict[str, list[object]]:
    """The files that are there and were loaded, as our own loads remember them.

    Args:
        amendment: which files, and which resource lists them.
        resources: what dlt's state says of resources, by name.
        root: the project's folder.

    Raises:
        DatabridgeError: the folder can't be read, or a file that is there may be loaded or not.
    """
    listing = resources.get(amendment.listing, {}).get("incremental", {}).get(FILES_MODIFIED, {})
    until = listing.get("last_value")
    if not isinstance(until, datetime):
        raise _untold(amendment, f"dlt's state no longer knows how far `{amendment.listing}` came")
    last = FileMark.of(0, until).modified
    folder, glob = local_folder(str(root), amendment.source.bucket_url), amendment.resource.glob
    try:
        found = {file_key(path): mark for path, mark in landing_files(folder, glob)}
    except OSError as error:
        raise DatabridgeError.of(
            "DB523",
            f"the landing folder of `{amendment.resource.name}` can't be read: {error.strerror}",
            hint="Create it, or correct bucket_url or glob.",
        ) from None
    at_last = sum(mark.modified == last for mark in found.values())
    newer = sum(mark.modified > last for mark in found.values())
    known = len(listing.get("unique_hashes", ()))
    # Fewer than were loaded: they were cleared away, or all were copied and look new.
    if at_last > known or (at_last < known and newer):
        raise _untold(
            amendment,
            f"{known:,} of those written at {until} were loaded, and {at_last:,} of that moment and {newer:,} newer ones are "
            "there",
        )
    return {key: [mark.size, mark.modified] for key, mark in found.items() if mark.modified <= last}


def _untold(amendment: CountFiles, why: str) -> DatabridgeError:
    return DatabridgeError.of(
        "DB529",
        f"can't tell which files of `{amendment.resource.name}` are loaded: {why}",
        detail="To go on could load files a second time, or leave some out. Nothing was taken over.",
        hint="See that `glob` and `bucket_url` are those of the script, and that nobody copied its files; or run the script "
        f"once more, so that no new file waits. {_ANEW}",
    )

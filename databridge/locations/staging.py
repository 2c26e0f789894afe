"""Whose a staging place is stands in a file of its own; reading it tells, too, whether the place can be used at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from databridge.locations.bucket import objects_at
from databridge.locations.stored import PlaceUnreadable
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import LocationStatus, StagingState
from databridge.model.secret import Secrets
from databridge.model.staging import CLAIM_FILE, Claim, StagingPlace

if TYPE_CHECKING:
    from databridge.buckets.objects import Objects


def read_staging(place: StagingPlace, secrets: Secrets, *, closely: bool = False) -> StagingState:
    """What is found where a pipeline's files wait.

    Args:
        place: where that is.
        secrets: for its credentials.
        closely: count the files.
    """
    title = str(place.own)
    try:
        objects = objects_at(place.own, place.staging.credentials, secrets)
        found = objects.get(CLAIM_FILE)
        files = _files(objects) if closely and found else {}
    except PlaceUnreadable as error:
        return StagingState(title, error.status, detail=error.detail)
    except DatabridgeError as error:
        return StagingState(title, LocationStatus.UNKNOWN, detail=str(error))
    if found is None:
        return StagingState(title, LocationStatus.MISSING)
    claim = Claim.decode(found.content)
    if claim is None:
        detail = f"{CLAIM_FILE} there is not of a format that is known"
        return StagingState(title, LocationStatus.UNKNOWN, detail=detail)
    return StagingState(title, LocationStatus.FOUND, claim, files=files)


def _files(objects: Objects) -> Mapping[str, int]:
    """How many there are by table; dlt's own states wait there too, and are left out."""
    tables = (each.path.partition("/") for each in objects.list("") if each.size)
    return Counter(table for table, slash, _ in tables if slash and not table.startswith("_dlt"))

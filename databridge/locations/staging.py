"""Whose a staging place is stands in a file of its own; reading it tells, too, whether the place can be used at all."""

from __future__ import annotations

from databridge.locations.bucket import objects_at
from databridge.locations.stored import PlaceUnreadable
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import LocationStatus, StagingState
from databridge.model.secret import Secrets
from databridge.model.staging import CLAIM_FILE, Claim, StagingPlace


def read_staging(place: StagingPlace, secrets: Secrets) -> StagingState:
    """What is found where a pipeline's files wait.

    Args:
        place: where that is.
        secrets: for its credentials.
    """
    title = str(place.own)
    try:
        found = objects_at(place.own, place.staging.credentials, secrets).get(CLAIM_FILE)
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
    return StagingState(title, LocationStatus.FOUND, claim)

"""A pipeline stages its files where it has made its claim first: of two that come at once, the bucket lets one claim.

What was staged goes once it is loaded. dlt would leave it until the table's next load, or for good.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from databridge.apply.engine import Job
from databridge.apply.events import JobEvent, JobStep, Noted, StepDone
from databridge.buckets.login import BucketLogin
from databridge.buckets.opening import NotInstalledError, objects_in
from databridge.buckets.trouble import Kept, Trouble
from databridge.locations.bucket import in_words
from databridge.model.diagnostic import DatabridgeError
from databridge.model.secret import Secrets
from databridge.model.staging import CLAIM_FILE, Claim, StagingPlace
from databridge.secrets.redaction import Redaction

if TYPE_CHECKING:
    from databridge.buckets.objects import Objects


Emit = Callable[[JobEvent], None]
"""Told of what happens."""


def change(job: Job, secrets: Secrets, plainly: Redaction, emit: Emit) -> None:
    """Claim the place that a job's files wait in, before any does; and give up the one where they waited until now.

    Args:
        job: what is loaded.
        secrets: for credentials.
        plainly: takes secrets out of what is told.
        emit: told of the step, or that what waits in the old place stays.

    Raises:
        DatabridgeError: the new place is another's (DB527), or can't be used (DB526).
    """
    if job.place.staging:
        claim(job.place.staging, secrets)
    if job.leave:
        try:
            clear(job.leave, secrets, leave=True)
            emit(StepDone(job.address, JobStep.LEFT))
        except DatabridgeError as error:
            text = f"what waits in {job.leave.own} stays there: {error.diagnostics[0].summary}"
            emit(Noted(job.address, plainly(text)))


def give_up(job: Job, secrets: Secrets, plainly: Redaction, emit: Emit) -> None:
    """Once the load is complete nobody needs what was staged; that it can't be deleted is no failure of the load.

    Nor does anybody need the place once nothing of the pipeline is managed any more; and where the pipeline got
    another address, its next load claims the place under that.

    Args:
        job: what was loaded.
        secrets: for credentials.
        plainly: takes secrets out of what is told.
        emit: told where something stays.
    """
    if staging := job.place.staging:
        left = job.marker is None or job.marker.owner != staging.claim.owner
        try:
            clear(staging, secrets, leave=left)
        except DatabridgeError as error:
            emit(Noted(job.address, plainly(f"staged files stay: {error.diagnostics[0].summary}")))


def claim(place: StagingPlace, secrets: Secrets) -> None:
    """Make the place ours, or see that it is.

    Raises:
        DatabridgeError: it is another's (DB527), or can't be used (DB526).
    """
    from databridge.buckets.stored import ConflictError

    objects = _opened(place, secrets)
    found = objects.get(CLAIM_FILE)
    if found is None:
        try:
            objects.put(CLAIM_FILE, place.claim.encode(), over=None)
        except ConflictError:
            found = objects.get(CLAIM_FILE)
        else:
            return
    theirs = Claim.decode(found.content) if found else None
    if theirs != place.claim:
        raise DatabridgeError.of(
            "DB527",
            f"its staging place {place.own} belongs to {theirs or 'somebody who can not be told'}",
            detail="Each of the two would delete the files of the other before they are loaded. Nothing was loaded.",
            hint=f"Choose another `bucket_url` for `staging`. If the other is gone for good, delete {CLAIM_FILE} there.",
        )


def clear(place: StagingPlace, secrets: Secrets, *, leave: bool = False) -> None:
    """Delete what is staged; a place that is gone, or another's, is left alone.

    Args:
        place: where it is.
        secrets: for its credentials.
        leave: delete the claim too, at last.

    Raises:
        DatabridgeError: it can't be used.
    """
    try:
        objects = _opened(place, secrets)
        found = objects.get(CLAIM_FILE)
    except _NoBucketError:
        return
    if found is not None and Claim.decode(found.content) == place.claim:
        objects.remove(each.path for each in objects.list("") if each.path != CLAIM_FILE)
        objects.remove([CLAIM_FILE] if leave else [])


class _NoBucketError(DatabridgeError):
    """There is no such bucket any more."""


def _opened(place: StagingPlace, secrets: Secrets) -> Objects:
    login = BucketLogin.of(place.staging.credentials, secrets)
    try:
        return objects_in(place.own, _refused, login)
    except NotInstalledError as missing:
        raise DatabridgeError.of(
            "DB526",
            f"{place.own} can't be used: `{missing.package}` is not installed",
            hint=f"Install it: {missing.remedy}",
        ) from None


def _refused(trouble: Trouble) -> DatabridgeError:
    kind = _NoBucketError if trouble.kept is Kept.NO_BUCKET else DatabridgeError
    return kind.of(
        "DB526",
        f"the staging place {trouble.location} can't be used: {in_words(trouble)}",
        hint="Mend that, then apply again; nothing of this load counts.",
    )

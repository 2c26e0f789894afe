"""All places are examined at once, each for a limited time; one that gives no answer is told as such and left behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread

from databridge.engine.doctor.examination import Examination, Over
from databridge.model.checkup import Check, Checkup, Outcome
from databridge.secrets.redaction import Redaction

_SLOW = "See that the network lets you there and that it is not overloaded; or allow more: --timeout SECONDS."


@dataclass(frozen=True, slots=True)
class Patient:
    """A place to be examined."""

    subject: str
    examine: Callable[[Examination], None]


def examined(patients: Sequence[Patient], *, plainly: Redaction, seconds: float) -> Checkup:
    """The checks of all places, in their order.

    Args:
        patients: the places.
        plainly: takes secrets out of what is told.
        seconds: how long all of it may take.
    """
    give_up = time.monotonic() + seconds
    begun = [(patient, Examination(patient.subject, plainly)) for patient in patients]
    # In threads that may be left behind: a driver can wait for ever, and none can be told to stop.
    threads = [
        Thread(target=_run, args=each, name=f"examine {each[0].subject}", daemon=True) for each in begun
    ]
    for thread in threads:
        thread.start()
    checks: list[Check] = []
    for thread, (_, examination) in zip(threads, begun, strict=True):
        thread.join(max(give_up - time.monotonic(), 0))
        still_at = examination.at if thread.is_alive() else None
        checks += examination.checks
        if still_at:
            text = f"no answer within {seconds:g} s"
            checks.append(Check(examination.subject, still_at, Outcome.FAILED, text, _SLOW))
    return Checkup(tuple(checks))


def _run(patient: Patient, examination: Examination) -> None:
    try:
        patient.examine(examination)
    except Over:
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told as a check and not as a traceback
        with suppress(Over):
            examination.failed(examination.at, error, "See what it says; databridge did not foresee it.")

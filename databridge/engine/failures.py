"""Whatever dlt, a driver or a file raises becomes one error with a cause and a next step, and never shows a secret."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from dlt.extract.incremental.exceptions import IncrementalCursorPathHasValueNone

from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.secrets.redaction import Redaction

_SHORT, _LONGEST = 200, 600
"""Characters of a cause that are shown in a summary, and below it."""
_DEBUG = "DATABRIDGE_DEBUG"
"""The environment variable that asks for tracebacks."""

_MEND = "Mend the cause and apply again; nothing of this load counts."
_NO_TABLE = re.compile(r"Table with name .+ does not exist|TABLE_OR_VIEW_NOT_FOUND|DELTA_TABLE_NOT_FOUND")
"""What DuckDB and Databricks say where a table is gone that dlt takes to be there."""
_LOST_TABLE = (
    "If the table was dropped by hand, databridge drift shows which, and databridge reset makes it anew, loaded from its start; "
    "nothing of this load counts."
)
_HANDED_OUT = re.compile(
    r"(?P<name>\b(?:AWS_ACCESS_KEY|AWS_SECRET_KEY|AWS_SESSION_TOKEN|AZURE_SAS_TOKEN)\s*=\s*)'[^']*'?"
    r"|(?P<query>\b(?:sig|x-amz-signature|x-amz-security-token)=)[^&\s'\"<>]+",
    re.IGNORECASE,
)
"""What dlt makes of a secret and hands to a warehouse or a bucket: nobody gave it out, so no redaction knows it."""


def _struck(redaction: Redaction, text: str) -> str:
    """A text without any secret, nor what was made of one."""
    return _HANDED_OUT.sub(lambda found: f"{found['name'] or found['query']}***", redaction(text))


@contextmanager
def told_plainly(redaction: Redaction, *, what: str = "the load", hint: str = _MEND) -> Iterator[None]:
    """Turn every exception of the engine's libraries into a `DatabridgeError`.

    Args:
        redaction: strikes out every secret that was handed out.
        what: what fails, if something does.
        hint: what to do then.

    Raises:
        DatabridgeError: what was raised inside, in plain words.
    """
    try:
        yield
    except DatabridgeError as error:
        raise DatabridgeError(
            *(_redacted(d, redaction) for d in error.diagnostics), exit_code=error.exit_code
        ) from None
    except Exception as error:  # noqa: BLE001 - the engine's libraries raise whatever they like
        if os.environ.get(_DEBUG):
            sys.stderr.write(_struck(redaction, "".join(traceback.format_exception(error))))
        raise _plain(error, redaction, what, hint) from None


def _plain(error: BaseException, redaction: Redaction, what: str, hint: str) -> DatabridgeError:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, DatabridgeError):
            return DatabridgeError(*(_redacted(d, redaction) for d in cause.diagnostics))
        if isinstance(cause, IncrementalCursorPathHasValueNone):
            return _no_cursor_value(cause)
    # A bare StopIteration at the end of the chain says nothing; the one before it may.
    root = next((cause for cause in reversed(causes) if str(cause).strip()), causes[-1])
    # Struck out before anything is joined: a secret with two blanks in a row would no longer be known with one.
    text = " ".join(_struck(redaction, str(root)).split())
    return DatabridgeError.of(
        "DB503",
        f"{_where(error, what)}: {text[:_SHORT] or type(root).__name__}",
        detail=f"{type(root).__name__}: {text[:_LONGEST]}" if len(text) > _SHORT else "",
        hint=_LOST_TABLE if _step(error) == "load" and _NO_TABLE.search(text) else hint,
    )


def _no_cursor_value(error: IncrementalCursorPathHasValueNone) -> DatabridgeError:
    return DatabridgeError.of(
        "DB516",
        f"{error.pipe_name}: rows have no value in the cursor's column `{error.json_path}`",
        detail="No later load would come by them. Nothing was loaded.",
        hint="Give them one; or choose as cursor_field a column that every row has a value in.",
    )


def _where(error: BaseException, what: str) -> str:
    step = _step(error)
    return f"the {step} step failed" if step else f"{what} failed"


def _step(error: BaseException) -> str:
    """Of dlt's three; empty where it failed in none of them."""
    step = getattr(error, "step", None)
    return step if isinstance(step, str) else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, the outermost first; not what it was raised in place of (`from None`)."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        inner = getattr(current, "exception", None)
        context = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or (inner if isinstance(inner, BaseException) else context)


def _redacted(diagnostic: Diagnostic, redaction: Redaction) -> Diagnostic:
    return diagnostic.model_copy(
        update={
            "summary": _struck(redaction, diagnostic.summary),
            "detail": _struck(redaction, diagnostic.detail),
        }
    )

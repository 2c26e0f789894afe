"""Whatever dlt, a driver or a file raises becomes one error with a cause and a next step, and never shows a secret."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.secrets.redaction import Redaction

_LONGEST = 600
"""Characters of a cause that are shown."""


@contextmanager
def told_plainly(redaction: Redaction) -> Iterator[None]:
    """Turn every exception of the engine's libraries into a `DatabridgeError`.

    Args:
        redaction: strikes out every secret that was handed out.

    Raises:
        DatabridgeError: what was raised inside, in plain words.
    """
    try:
        yield
    except DatabridgeError as error:
        raise DatabridgeError(*(_redacted(d, redaction) for d in error.diagnostics), exit_code=error.exit_code) from None
    except Exception as error:  # noqa: BLE001 - the engine's libraries raise whatever they like
        raise _plain(error, redaction) from None


def _plain(error: BaseException, redaction: Redaction) -> DatabridgeError:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, DatabridgeError):
            return DatabridgeError(*(_redacted(d, redaction) for d in cause.diagnostics))
    root = causes[-1]
    text = redaction(" ".join(str(root).split()))[:_LONGEST]
    return DatabridgeError.of(
        "DB503",
        f"{_where(error)}: {type(root).__name__}",
        detail=text,
        hint="Mend the cause and apply again; nothing of this load counts.",
    )


def _where(error: BaseException) -> str:
    step = getattr(error, "step", None)
    return f"the {step} step failed" if isinstance(step, str) else "the load failed"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, the outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        inner = getattr(current, "exception", None)
        current = current.__cause__ or (inner if isinstance(inner, BaseException) else current.__context__)


def _redacted(diagnostic: Diagnostic, redaction: Redaction) -> Diagnostic:
    return diagnostic.model_copy(
        update={"summary": redaction(diagnostic.summary), "detail": redaction(diagnostic.detail)}
    )

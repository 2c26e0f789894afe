"""That no connection is to be had is told in half a sentence, which holds no secret."""

from __future__ import annotations


class Unreachable(Exception):  # noqa: N818 - named for what was found
    """No connection is to be had; the message says why, in half a sentence."""

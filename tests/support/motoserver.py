"""Moto, one request at a time: S3 decides atomically who was first, and Moto asks and then writes, in many threads."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_moto = DomainDispatcherApplication(create_backend_app)
_turn = Lock()


def _in_turn(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    with _turn:
        answer: Iterable[bytes] = _moto(environ, start_response)
        return answer


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), _in_turn, threaded=True, request_handler=MotoRequestHandler)

"""Clients carry a volume's files at URLs that a statement gave them; the signature in the URL is all they need."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from urllib.parse import quote

from databridge.sandbox.failure import SqlError
from databridge.sandbox.protocol.access import Access
from databridge.sandbox.protocol.message import Request, Response, json_error
from databridge.sandbox.storage.volumes import Volumes

PREFIX = "/_volumes/"


class VolumeFiles:
    """The files of all volumes, over HTTP."""

    def __init__(self, volumes: Volumes, access: Access) -> None:
        self._volumes = volumes
        self._access = access

    def url(self, method: str, place: str) -> str:
        """Path and query at which this can be done with this file."""
        return f"{PREFIX}{quote(place)}?signature={self._access.signature(method, place)}"

    def respond(self, request: Request) -> Response:
        place = request.path.removeprefix(PREFIX)
        if not self._access.signed(request, place):
            return json_error(403, "PERMISSION_DENIED", "The signature does not fit the request.")
        try:
            file = self._volumes.by_place(place)
        except SqlError as failure:
            return json_error(400, failure.error_class, str(failure))
        if request.method == "PUT":
            return _put(file, request.body)
        if request.method == "DELETE":
            return _delete(file)
        if not file.is_file():
            return json_error(404, "NOT_FOUND", "There is no such file.")
        return Response(200, file.read_bytes(), "application/octet-stream")


def _put(file: Path, body: bytes) -> Response:
    """Write a file; nobody ever sees half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{secrets.token_hex(8)}.partial")
    partial.write_bytes(body)
    os.replace(partial, file)  # noqa: PTH105 - as pathlib's, and says that it replaces
    return Response(200)


def _delete(file: Path) -> Response:
    if file.is_dir():
        if any(file.iterdir()):
            return json_error(400, "DIRECTORY_NOT_EMPTY", "The folder holds files.")
        shutil.rmtree(file)
    elif file.exists():
        file.unlink()
    return Response(204)

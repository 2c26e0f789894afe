"""Jobs are kept as they were created, and listed; none is ever run.

Source: https://docs.databricks.com/api/workspace/jobs
"""

from __future__ import annotations

import re

from databridge.sandbox.protocol.message import Request, Response, json_response
from databridge.sandbox.rest.keep import Keep
from databridge.sandbox.rest.problem import missing

_PAGE = 20


class Jobs:
    """The jobs of a workspace."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    def respond(self, request: Request) -> Response | None:
        """None where the call is none of these."""
        called = re.fullmatch(r"/api/2\.[12]/jobs/(create|list|get|delete|reset)", request.path)
        match request.method, called and called[1]:
            case "POST", "create":
                return self._create(request.document())
            case "GET", "list":
                return self._list(request.query)
            case "GET", "get":
                return self._get(request.query.get("job_id", ""))
            case "POST", "reset":
                return self._reset(request.document())
            case "POST", "delete":
                return self._delete(str(request.document().get("job_id", "")))
            case _:
                return None

    def _create(self, settings: dict[str, object]) -> Response:
        with self._keep.changing() as contents:
            number = contents["next_job"]
            contents["next_job"] += 1
            contents["jobs"][str(number)] = settings
        return json_response({"job_id": number})

    def _list(self, query: dict[str, str]) -> Response:
        wanted = query.get("name")
        jobs = [
            _told(number, settings)
            for number, settings in sorted(self._keep.read()["jobs"].items(), key=lambda one: int(one[0]))
            if wanted is None or str(settings.get("name", "")).lower() == wanted.lower()
        ]
        start = int(query.get("page_token") or query.get("offset") or 0)
        end = start + int(query.get("limit") or _PAGE)
        page: dict[str, object] = {"jobs": jobs[start:end], "has_more": end < len(jobs)}
        if end < len(jobs):
            page["next_page_token"] = str(end)
        return json_response(page)

    def _get(self, number: str) -> Response:
        jobs = self._keep.read()["jobs"]
        if number not in jobs:
            raise missing(f"Job {number}")
        return json_response(_told(number, jobs[number]))

    def _reset(self, asked: dict[str, object]) -> Response:
        number = str(asked.get("job_id", ""))
        settings = asked.get("new_settings")
        with self._keep.changing() as contents:
            if number not in contents["jobs"]:
                raise missing(f"Job {number}")
            contents["jobs"][number] = settings if isinstance(settings, dict) else {}
        return json_response({})

    def _delete(self, number: str) -> Response:
        with self._keep.changing() as contents:
            if contents["jobs"].pop(number, None) is None:
                raise missing(f"Job {number}")
        return json_response({})


def _told(number: str, settings: dict[str, object]) -> dict[str, object]:
    return {"job_id": int(number), "creator_user_name": "sandbox", "settings": settings}

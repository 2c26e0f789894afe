"""Secret scopes: what was put into one is got from it, in base64, and is listed by its key alone.

Source: https://docs.databricks.com/api/workspace/secrets
"""

from __future__ import annotations

import base64

from databridge.sandbox.protocol.message import Request, Response, json_response
from databridge.sandbox.rest.keep import Keep
from databridge.sandbox.rest.problem import invalid, missing, taken

_PREFIX = "/api/2.0/secrets/"


class Secrets:
    """The secret scopes of a workspace."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    def respond(self, request: Request) -> Response | None:
        """None where the call is none of these."""
        asked = request.query | {key: str(value) for key, value in request.document().items()}
        match request.method, request.path.removeprefix(_PREFIX):
            case "POST", "scopes/create":
                return self._create_scope(asked.get("scope", ""))
            case "POST", "scopes/delete":
                return self._delete_scope(asked.get("scope", ""))
            case "GET", "scopes/list":
                names = self._keep.read()["scopes"]
                return json_response(
                    {"scopes": [{"name": name, "backend_type": "DATABRICKS"} for name in sorted(names)]}
                )
            case "POST", "put":
                return self._put(asked)
            case "POST", "delete":
                return self._delete(asked)
            case "GET", "get":
                scope = self._scope(asked)
                key = asked.get("key", "")
                if key not in scope:
                    raise missing(f"Secret {key}")
                return json_response({"key": key, "value": scope[key]})
            case "GET", "list":
                return json_response({"secrets": [{"key": key} for key in sorted(self._scope(asked))]})
            case _:
                return None

    def _create_scope(self, name: str) -> Response:
        if not name:
            raise invalid("A scope needs a name.")
        with self._keep.changing() as contents:
            if name in contents["scopes"]:
                raise taken(f"Scope {name}")
            contents["scopes"][name] = {}
        return json_response({})

    def _delete_scope(self, name: str) -> Response:
        with self._keep.changing() as contents:
            if contents["scopes"].pop(name, None) is None:
                raise missing(f"Scope {name}")
        return json_response({})

    def _put(self, asked: dict[str, str]) -> Response:
        if "bytes_value" in asked:
            value = asked["bytes_value"]
        else:
            value = base64.b64encode(asked.get("string_value", "").encode()).decode()
        with self._keep.changing() as contents:
            if asked.get("scope") not in contents["scopes"]:
                raise missing(f"Scope {asked.get('scope')}")
            contents["scopes"][asked["scope"]][asked["key"]] = value
        return json_response({})

    def _delete(self, asked: dict[str, str]) -> Response:
        with self._keep.changing() as contents:
            if asked.get("key") not in contents["scopes"].get(asked.get("scope", ""), {}):
                raise missing(f"Secret {asked.get('key')}")
            del contents["scopes"][asked["scope"]][asked["key"]]
        return json_response({})

    def _scope(self, asked: dict[str, str]) -> dict[str, str]:
        scopes = self._keep.read()["scopes"]
        name = asked.get("scope", "")
        if name not in scopes:
            raise missing(f"Scope {name}")
        return scopes[name]

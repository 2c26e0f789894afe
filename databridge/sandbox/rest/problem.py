"""A REST call that can't be answered says so with the status and code that databricks-sdk turns into its exceptions."""

from __future__ import annotations


class RestError(Exception):
    """A call was refused."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def missing(what: str, code: str = "RESOURCE_DOES_NOT_EXIST") -> RestError:
    return RestError(404, code, f"{what} does not exist.")


def taken(what: str, code: str = "RESOURCE_ALREADY_EXISTS") -> RestError:
    return RestError(400, code, f"{what} already exists.")


def invalid(message: str) -> RestError:
    return RestError(400, "INVALID_PARAMETER_VALUE", message)

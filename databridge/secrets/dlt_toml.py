"""A secret `erp_password` is the key `erp_password` of the table `[databridge.secrets]` in the project's `.dlt/secrets.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cached_property
from pathlib import Path

from databridge.model.diagnostic import DatabridgeError, Diagnostic, SourceRange

_FILE = ".dlt/secrets.toml"
_TABLE = ("databridge", "secrets")
_POSITION = re.compile(r"at line (\d+), column (\d+)")

_Table = dict[str, object]


class DltToml:
    """Secrets in the file where dlt keeps its own.

    A name with dots is found as one quoted key (`"erp.password"`) and, since TOML reads `erp.password` so, as nested
    tables.

    Args:
        root: the project's folder.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / _FILE

    def value(self, name: str) -> str | None:
        """See `Provider.value`."""
        table = self._table
        if table is None:
            return None
        found = table.get(name) or _nested(table, name.split("."))
        if found is None or isinstance(found, str):
            return found or None
        raise DatabridgeError.of(
            "DB453",
            f"The secret `{name}` in {_FILE} is no text",
            hint="Put its value in quotes.",
        )

    def place(self, name: str) -> str:
        """See `Provider.place`."""
        state = "no such file" if self._table is None else "not there"
        return f"key `{name}` of [{'.'.join(_TABLE)}] in {_FILE} ({state})"

    def remedy(self, name: str) -> str:
        """See `Provider.remedy`."""
        return f"add `{name}` to [{'.'.join(_TABLE)}] in {_FILE}"

    @cached_property
    def _table(self) -> _Table | None:
        """The table of secrets; empty where the file has none, None where there is no file."""
        try:
            content = tomllib.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except tomllib.TOMLDecodeError as error:
            # The parser's own words may quote what it stumbled over.
            raise _unreadable(
                "It is no valid TOML.", "Correct the file there.", _position(str(error))
            ) from None
        except UnicodeDecodeError:
            raise _unreadable("It is not written in UTF-8.", "Save the file as UTF-8.") from None
        except OSError as error:
            raise _unreadable(f"{error.strerror}.", "Make the file readable for you.") from None
        found = _nested(content, list(_TABLE))
        return found if isinstance(found, dict) else {}


def _nested(table: _Table, keys: list[str]) -> object | None:
    found: object = table
    for key in keys:
        if not isinstance(found, dict):
            return None
        found = found.get(key)
    return found


def _position(message: str) -> SourceRange | None:
    match = _POSITION.search(message)
    return SourceRange(file=_FILE, line=int(match[1]), column=int(match[2])) if match else None


def _unreadable(detail: str, hint: str, where: SourceRange | None = None) -> DatabridgeError:
    return DatabridgeError(
        Diagnostic(code="DB452", summary=f"Can't read {_FILE}", detail=detail, hint=hint, where=where)
    )

"""What is written as an address on a command line is one, or the error says how one looks."""

from __future__ import annotations

from collections.abc import Iterable

from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError


def parsed_address(text: str) -> Address:
    """The address.

    Raises:
        DatabridgeError: it is none (DB610).
    """
    try:
        return Address.parse(text)
    except ValueError as error:
        raise DatabridgeError.of("DB610", str(error), hint="See: databridge state list") from None


def parsed_addresses(texts: Iterable[str] | None) -> tuple[Address, ...]:
    """The same for several; none for none."""
    return tuple(map(parsed_address, texts or ()))


def resource_address(text: str) -> Address:
    """The address of a resource.

    Raises:
        DatabridgeError: it is none, or a pipeline's (DB610).
    """
    address = parsed_address(text)
    if not address.resource:
        raise DatabridgeError.of(
            "DB610",
            f"`{text}` is a pipeline; expected one of its resources, `{text}.NAME`",
            hint=f"See: databridge state list --select {text}",
        )
    return address

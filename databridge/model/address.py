"""An address names one pipeline or one resource, and never depends on where its file lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema


@dataclass(frozen=True, order=True, slots=True)
class Address:
    """`stack.pipeline` or `stack.pipeline.resource`; a resource's name may itself hold dots."""

    stack: str
    pipeline: str
    resource: str = ""

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read the dotted form.

        Raises:
            ValueError: the text has fewer than two parts, or an empty one.
        """
        parts = text.split(".", 2)
        if len(parts) < 2 or not all(parts):
            raise ValueError(
                f"`{text}` is no address; expected `stack.pipeline` or `stack.pipeline.resource`"
            )
        return cls(*parts)

    def __str__(self) -> str:
        return f"{self.pipeline_path}.{self.resource}" if self.resource else self.pipeline_path

    @property
    def pipeline_path(self) -> str:
        """`stack.pipeline`, whatever the address names."""
        return f"{self.stack}.{self.pipeline}"

    @property
    def parent(self) -> Address:
        """The address of the pipeline."""
        return Address(self.stack, self.pipeline)

    def covers(self, other: Address) -> bool:
        """Whether `other` is this address or lies below it."""
        return self.parent == other.parent and self.resource in ("", other.resource)


def _from_json(value: object) -> Address:
    if isinstance(value, Address):
        return value
    return Address.parse(str(value))


AddressField = Annotated[
    Address,
    PlainValidator(_from_json),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["sales_de.sales.ORDERS"]}),
]
"""An `Address` as a field of a model: in JSON it is its dotted text."""

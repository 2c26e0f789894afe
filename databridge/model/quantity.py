"""A number and what it counts, in words that every output shares."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`1 row`, `336,776 rows`; the noun in the singular, its plural regular."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"
    return f"{number:,} {plural}"

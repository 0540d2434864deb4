"""Numbers as they are written: exactly, in as few digits as that takes."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.json import encode


def shortest_decimal(value: float) -> str:
    """The shortest decimal writing of a value: 4, 0.025, 1e+22."""
    return repr(float(value)).removesuffix(".0")


def joined_decimals(values: Sequence[float]) -> str:
    """`repr` of each value, with commas between: of many in a third of the time."""
    texts = encode(values).decode()[1:-1]
    # What `repr` writes with an exponent, and only that, may look otherwise.
    return ",".join(map(repr, values)) if "e" in texts or "0.0000" in texts else texts

"""What reading a number comes to: the number and what is doubtful about it, or a refusal with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.units import Unit
from services.parsing.cell import shown
from services.parsing.displayed import NumberCell

DECIMAL_MARK, SCALE_WORD, WORKING_TIME = "decimal mark", "scale word", "working time"
MORE_DIGITS, DASH = "more digits", "dash"


WORD = re.compile(r"[%‰]|[^\W\d_]{2}")
WORD_OF_FORMAT = re.compile(r"%|\"[^\"]*(?:‰|[^\W\d_]{2})[^\"]*\"")
"""A % or a word for a unit, such as percent or bps, in a text, and in a number format."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that was read: `value` in the metric's unit.

    `doubt` is the kind of doubt, if any, `reason` the second half of its sentence, and `others` are the values that the
    cell could have as well.
    """

    value: float
    cell: str | NumberCell
    doubt: str = ""
    reason: str = ""
    others: tuple[float, ...] = ()

    @property
    def seen(self) -> str:
        """What a person sees."""
        return str(self.cell)

    @property
    def has_percent_sign(self) -> bool:
        """Whether a person sees a %, scaled by its format or not, or the word for a unit."""
        if isinstance(self.cell, NumberCell):
            return WORD_OF_FORMAT.search(self.cell.code) is not None
        return WORD.search(self.cell) is not None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A cell that isn't read as a number. `reason` says why and what would be understood; it has no full stop."""

    seen: str
    reason: str

    @property
    def sentence(self) -> str:
        """For a person: “1.31 Mil” is not read: “Mil” can mean 1,000 or 1,000,000. ..."""
        return f"“{shown(self.seen)}” is not read: {self.reason}"


def is_within(value: float, declared: Unit) -> bool:
    """Return whether `value` is one that a metric in `declared` can have: 0 to 100 of a part of a whole."""
    return declared.bounds is None or declared.bounds[0] <= value <= declared.bounds[1]


def outside(seen: str, declared: Unit) -> Refusal:
    """Return the refusal of a percentage that no part of a whole has."""
    return Refusal(
        seen,
        f"it is outside 0 to 100 %, and {declared.name} is a part of a whole; check it, or use the unit “% change”",
    )


def example(declared: Unit) -> str:
    """Return a number that would be understood: "12.5 h"."""
    return (
        "12.5"
        if declared.kind == "count" and not declared.noun and not declared.per
        else f"12.5 {declared.name}"
    )

"""The digits of a number as people write them, and which mark among them is the decimal one.

1,234.5 and 1,5 and 1.234.567 can be meant one way only; 8,500 and 8.500 can be meant two ways. `readings` gives both,
and decimal_mark.py decides.
"""

from __future__ import annotations

import re
from fractions import Fraction

POINT, COMMA = ".", ","
MAX_CHARACTERS = 40
LARGEST = 10**300


def _shape(decimal: str, group: str) -> re.Pattern[str]:
    decimal, group = re.escape(decimal), re.escape(group)
    by_mark, by_space, by_stroke = (
        rf"(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}",
        r"(?: [0-9]{3})+",
        r"(?:'[0-9]{3})+",
    )
    grouped = rf"[1-9][0-9]{{0,2}}(?:{by_mark}|{by_space}|{by_stroke})"
    return re.compile(
        rf"(?:(?:{grouped}|[0-9]+)(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?"
    )


SHAPES = {POINT: _shape(POINT, COMMA), COMMA: _shape(COMMA, POINT)}
DOUBTFUL = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
UNGROUPED = re.compile(r"[1-9][0-9]{3,}(?:[.,][0-9]*)?")


def marks_of(numeral: str) -> list[str]:
    """Return the decimal marks under which `numeral`, unsigned, is a number: both for 12 and for 8,500."""
    if len(numeral) > MAX_CHARACTERS:
        return []
    return [mark for mark, shape in SHAPES.items() if shape.fullmatch(numeral)]


def readings(numeral: str) -> dict[str, Fraction]:
    """Return what `numeral`, unsigned, says under each decimal mark: {".": 8500, ",": 17/2} for 8,500.

    Empty where it is no number, or larger than any that can be measured.
    """
    values = {mark: Fraction(_with_point(numeral, mark)) for mark in marks_of(numeral)}
    return {mark: value for mark, value in values.items() if value < LARGEST}


def _with_point(numeral: str, mark: str) -> str:
    plain = _without_groups(numeral, mark).replace(COMMA, POINT)
    return re.sub(r"\.(?=[eE]|$)", "", plain)


def _without_groups(numeral: str, mark: str) -> str:
    other = COMMA if mark == POINT else POINT
    return numeral.replace(" ", "").replace("'", "").replace(other, "")


def times(numeral: str, mark: str, numerator: int, denominator: int) -> float:
    """Return `numeral`, which has no exponent, times a fraction: the double next to the exact number.

    As `float(readings(numeral)[mark] * Fraction(numerator, denominator))`, in a tenth of the time.
    """
    whole, _, decimals = _without_groups(numeral, mark).partition(mark)
    power: int = 10 ** len(decimals)
    return int(whole + decimals) * numerator / (power * denominator)


def is_doubtful(numeral: str) -> bool:
    """Return whether `numeral` is two different numbers, depending on the decimal mark."""
    return DOUBTFUL.fullmatch(numeral) is not None

"""
Numbers as people and spreadsheets write them.

Which mark is the decimal one? A cell such as 1,234.5 or 1,5 or 1.234.567 can only be meant one way; 8,500 and
8.500 can be meant two ways. The column decides: the doubtful cells follow the cells that are beyond doubt.
With none of those the decimal mark is the point, so 8,500 is 8500. If the column's clear cells contradict
each other, the doubtful ones are refused.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.parsing.cells import Read
from services.parsing.sheet import EXCEL_EPOCH, BadCell, Cell

POINT, COMMA = ".", ","
SPACES = re.compile("[ \u00a0\u2009\u202f]")
APOSTROPHES = re.compile("['\u2019]")
MINUS = re.compile("^[\u2212\u2013]")
LARGEST = 1e300
LONGEST = 40


def _shape(decimal: str, group: str) -> re.Pattern[str]:
    decimal, group = re.escape(decimal), re.escape(group)
    grouped = (
        rf"[1-9][0-9]{{0,2}}(?:(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}|(?: [0-9]{{3}})+|(?:'[0-9]{{3}})+)"
    )
    return re.compile(
        rf"[+-]?(?:(?:{grouped}|[0-9]+)(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    )


SHAPES = {POINT: _shape(POINT, COMMA), COMMA: _shape(COMMA, POINT)}
PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def tidied(text: str) -> str:
    """One kind of space, apostrophe and minus, nothing around."""
    return MINUS.sub("-", APOSTROPHES.sub("'", SPACES.sub(" ", text)).strip())


def readings(text: str) -> dict[str, float]:
    """
    What `text` says for each decimal mark under which it is a number: {".": 8500.0, ",": 8.5} for 8,500.
    """
    text = tidied(text[: LONGEST + 1])
    if len(text) > LONGEST:
        return {}
    found = {}
    for mark, shape in SHAPES.items():
        if shape.fullmatch(text):
            plain = text.replace(" ", "").replace("'", "").replace(COMMA if mark == POINT else POINT, "")
            found[mark] = float(plain.replace(COMMA, POINT))
    return found


def decimal_mark(texts: Iterable[str]) -> str | None:
    """The column's decimal mark (see above); None where the clear cells contradict each other."""
    clear = {next(iter(found)) for text in texts if len(found := readings(text)) == 1}
    return clear.pop() if len(clear) == 1 else None if clear else POINT


def number_in(text: str, mark: str | None) -> float | None:
    """The number, or None where `text` is none or can be meant two ways and `mark` doesn't decide."""
    found = readings(text)
    values = set(found.values())
    value = values.pop() if len(values) == 1 else found.get(mark or "")
    return value if value is not None and math.isfinite(value) and abs(value) <= LARGEST else None


def _number_of(cell: Cell, mark: str | None) -> float | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell) if math.isfinite(cell) and abs(cell) <= LARGEST else None
    return number_in(cell, mark) if isinstance(cell, str) else None


def _mark_of(cells: Sequence[Cell]) -> str | None:
    return decimal_mark(cell for cell in cells if isinstance(cell, str))


@dataclass(frozen=True)
class Number:
    """A finite number."""

    expected = "a number such as 1234.5"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        mark = _mark_of(cells)

        def read(cell: Cell) -> float | BadCell:
            number = _number_of(cell, mark)
            return BadCell(self.expected) if number is None else number

        return read


@dataclass(frozen=True)
class WholeNumber:
    """A whole number from `low` to `high`."""

    low: int
    high: int

    @property
    def expected(self) -> str:
        return f"a whole number from {self.low:,} to {self.high:,}"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        mark = _mark_of(cells)

        def read(cell: Cell) -> int | BadCell:
            number = _number_of(cell, mark)
            if number is None or not number.is_integer() or not self.low <= number <= self.high:
                return BadCell(self.expected)
            return int(number)

        return read

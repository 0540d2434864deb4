"""
Numbers with or without a unit: "4 h", "8,500", "$2B". Only the number's spelling is ours; units are the
metric's.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.parsing.cells import Read, as_text
from services.parsing.numbers import POINT, decimal_mark, number_in, readings, tidied
from services.parsing.sheet import EXCEL_EPOCH, BadCell, Cell, shown

LONGEST = 80  # characters
NUMBER = r"[+-]?[0-9.,](?:[0-9.,' ]*[0-9])?(?:[eE][+-]?[0-9]+)?"
PARTS = re.compile(rf"(?P<before>[$€£¥] ?)?(?P<number>{NUMBER})(?P<unit> ?(?:[^\W\d_]|[%‰°/$€£¥µ]).*)?")


@dataclass(frozen=True)
class Quantity:
    """
    A number, with or without a unit. The value is a text in which only the number's spelling changed: "4 h"
    stays, 8,500 is "8500", and "1.234,5 h" is "1234.5 h".
    """

    expected = "a number such as 1234.5, with or without a unit such as 4 h"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        mark = decimal_mark(numeral(cell) for cell in cells if isinstance(cell, str))

        def read(cell: Cell) -> str | BadCell:
            if isinstance(cell, bool | date):
                return BadCell(self.expected)
            is_number = isinstance(cell, int | float)
            before, number, unit = _parts(str(cell) if is_number else as_text(cell))
            value = number_in(number, POINT if is_number else mark)
            return BadCell(self.expected) if value is None else f"{before}{spelled(value)}{unit}"

        return read


def _parts(text: str) -> tuple[str, str, str]:
    """("$", "2", "B") of "$2B"; a text that isn't made so is all number, and so none."""
    text = tidied(text[: LONGEST + 1])
    parts = PARTS.fullmatch(text)
    if parts is None or len(text) > LONGEST or not text.isprintable():
        return "", text, ""
    return parts["before"] or "", parts["number"], parts["unit"] or ""


def numeral(text: str) -> str:
    """The number in "4 h" as it is written: "4"."""
    return _parts(text)[1]


def spelled(number: float) -> str:
    """The shortest spelling that reads back as `number`, without ".0"."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def note_on_doubt(texts: Iterable[str], column: str) -> str | None:
    """A sentence where numbers were read with the decimal point only because no cell tells better."""
    doubtful = None
    for text in texts:
        values = readings(numeral(text))
        if len(values) == 1:
            return None
        if len(set(values.values())) == 2:
            doubtful = doubtful or (text, values[POINT])
    if doubtful is None:
        return None
    text, value = doubtful
    read = f"{shown(text)} was read as {value:,.10g}"
    return f"In {column}, {read}; no other cell tells which mark is the decimal one."

"""Parsers of columns that hold numbers: whole numbers, numbers without a unit, and quantities of a metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.units import Unit, unit
from services.parsing.cell import EXCEL_EPOCH, BadCell, Cell, shown
from services.parsing.cells import Read
from services.parsing.decimal_mark import Hint
from services.parsing.displayed_number import NumberReader, reader_for
from services.parsing.number_result import Number as ReadNumber
from services.parsing.number_result import Refusal

COUNT = unit("count")


@dataclass(frozen=True)
class Number:
    """A finite number without a unit; percentages are what is seen of them: 62 of 62 %."""

    expected = "a number such as 1234.5"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        reader = reader_for(cells)

        def read(cell: Cell) -> float | BadCell:
            percent = "%" in str(cell)
            number = reader.read(cell, unit("% change") if percent else COUNT)
            return BadCell(self.expected) if isinstance(number, Refusal) else number.value

        return read


@dataclass(frozen=True)
class WholeNumber:
    """A whole number from `low` to `high`. Where a decimal mark is open, the reading that is one is meant."""

    low: int
    high: int

    @property
    def expected(self) -> str:
        return f"a whole number from {self.low:,} to {self.high:,}"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        reader = reader_for(cells)

        def read(cell: Cell) -> int | BadCell:
            number = reader.read(cell, COUNT)
            if isinstance(number, ReadNumber):
                for value in (number.value, *number.others):
                    if value.is_integer() and self.low <= value <= self.high:
                        return int(value)
            return BadCell(self.expected)

        return read


@dataclass(frozen=True)
class UnreadQuantity:
    """A number, with or without a unit, that is read as soon as the unit of its metric is known."""

    cell: Cell
    reader: NumberReader

    def read(self, declared: Unit) -> ReadNumber | Refusal:
        """Return the number in the metric's unit, or why it is none."""
        return self.reader.read(self.cell, declared)

    def __str__(self) -> str:
        return shown(self.cell)


@dataclass(frozen=True)
class Quantity:
    """A number, with or without a unit: "4 h", "8,500", "2 T€". Which one it is depends on its metric."""

    hints: tuple[Hint, ...] = ()
    expected = "a number such as 1234.5, with or without a unit such as 4 h"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        reader = reader_for(cells, self.hints)
        return lambda cell: UnreadQuantity(cell, reader)

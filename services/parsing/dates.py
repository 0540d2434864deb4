"""Parsers of columns that hold days or moments, as people and spreadsheets write them (moment_text.py).

Where day and month could be swapped the column decides: it follows the order under which all of its cells are days. If
that leaves more than one, a doubtful cell is refused with both readings: a wrong month would stay unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from services.parsing.cell import EXCEL_EPOCH, BadCell, Cell
from services.parsing.cells import Read
from services.parsing.displayed import NumberCell
from services.parsing.moment_text import both_readings, from_serial, order_of, readings, under_every_order

FIRST_YEAR, LAST_YEAR = 2000, 2100
EXAMPLE = "a date such as 2026-11-20"
OUT_OF_RANGE = f"a date from {FIRST_YEAR} to {LAST_YEAR}, such as 2026-11-20"
DOUBTFUL = "a date that can be read one way only, such as 2026-11-20"


def _readings_of(cell: Cell, epoch: date) -> dict[str, datetime]:
    match cell:
        case bool():
            return {}
        case datetime():
            return under_every_order(cell)
        case date():
            return under_every_order(datetime.combine(cell, time()))
        case int() if 19_000_000 <= cell < 22_000_000:
            return readings(str(cell))
        case NumberCell():
            return _readings_of(cell.number, epoch)
        case int() | float():
            return under_every_order(from_serial(cell, epoch))
        case str():
            return readings(cell, epoch)
    return {}


def doubtful_day(meant: dict[str, datetime]) -> BadCell:
    """Return the refusal of a day that can be read in more than one way, with all of them."""
    return BadCell(f"{DOUBTFUL}: it can be {both_readings(meant)}")


def _reader(cells: Sequence[Cell], epoch: date, finish: Callable[[datetime], date], expected: str) -> Read:
    order = order_of(_readings_of(cell, epoch) for cell in cells)

    def read(cell: Cell) -> date | BadCell:
        meant = _readings_of(cell, epoch)
        options = set(meant.values())
        if not options:
            return BadCell(expected)
        if len(options) == 1:
            moment = options.pop()
        elif order is None:
            return doubtful_day(meant)
        else:
            moment = meant[order]
        return finish(moment) if FIRST_YEAR <= moment.year <= LAST_YEAR else BadCell(OUT_OF_RANGE)

    return read


@dataclass(frozen=True)
class Day:
    """A calendar day; a time of day behind it is left out."""

    expected = EXAMPLE + " or 20 Nov 2026"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        return _reader(cells, epoch, datetime.date, self.expected)


@dataclass(frozen=True)
class Moment:
    """A day with or without a time (midnight then). Aware only where the cell names an offset."""

    expected = "a date such as 2026-11-20 or 20 Nov 2026, or with a time such as 2026-11-20 14:30"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        return _reader(cells, epoch, lambda moment: moment, self.expected)

"""Dates of a workbook that were half swapped: 10/06/2026 became 10 June while 10/13/2026 stayed a text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from services.parsing.doubts import Doubt, doubt
from services.parsing.moment_text import DAY_FIRST, MONTH_FIRST, NUMERIC, readings

HALF_SWAPPED = "half-swapped dates"
LAST_MONTH = 12


def half_swapped(cells: Sequence[Any], lines: Sequence[int], column: str = "at") -> list[Doubt]:
    """Return the doubt about real dates beside texts that are days in the other order.

    A program that takes the day first makes a date of 10/06/2026 (10 June, though October was meant) and leaves
    10/13/2026 a text. Then no real date has a day above 12. `cells` are the column, dates and texts as they are.
    """
    dates = [(line, cell) for line, cell in zip(lines, cells, strict=True) if isinstance(cell, date)]
    if not dates:
        return []
    texts = [cell for cell in cells if isinstance(cell, str) and _order_of_text(cell)]
    orders = {_order_of_text(text) for text in texts}
    if len(orders) != 1 or any(when.day > LAST_MONTH for _, when in dates):
        return []
    swappable = [(line, when) for line, when in dates if when.day != when.month]
    if not swappable:
        return []
    _, first = swappable[0]
    other = first.replace(day=first.month, month=first.day)
    sentence = (
        f"{_iso(first)} is a date of the workbook, and “{texts[0]}” beside it is a text with the {orders.pop()}, "
        "so days and months may have been swapped when the file was made. "
        f"It was read as {_day_text(first)}; it may be {_day_text(other)}."
    )
    return [
        doubt(HALF_SWAPPED, (line for line, _ in swappable), _iso(first), _day_text(first), sentence, column)
    ]


def _order_of_text(text: str) -> str | None:
    """Return the order of a text that can be read in one only: 10/13/2026."""
    if not NUMERIC.fullmatch(text.strip()):
        return None
    orders = readings(text).keys() & {DAY_FIRST, MONTH_FIRST}
    return next(iter(orders)) if len(orders) == 1 else None


def _day_text(when: date) -> str:
    return f"{when.day} {when:%b %Y}"


def _iso(when: date) -> str:
    return (when.date() if isinstance(when, datetime) else when).isoformat()

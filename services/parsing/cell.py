"""One cell of a table as it was given, before anybody knows what it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.parsing.displayed import NumberCell

SHOWN_CHARACTERS = 60
EXCEL_EPOCH = date(1899, 12, 30)  # day 0 of Excel's serial dates, from 1 March 1900 on
MAC_EPOCH = date(1904, 1, 1)


@dataclass(frozen=True)
class BadCell:
    """A cell that can't be used. `expected` completes "... is not": "a date such as 2026-11-20".

    `reason` is the whole sentence instead, where it takes more than what was expected; it has no full stop.
    """

    expected: str
    shown: str | None = None
    reason: str | None = None


Cell = str | int | float | bool | NumberCell | datetime | date | time | timedelta | BadCell | None


def is_blank(cell: Cell) -> bool:
    """Return whether a cell is empty, or nothing but spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def shown(cell: Cell) -> str:
    """Return `cell` as it may stand in a sentence: short, on one line, without control characters."""
    if isinstance(cell, BadCell):
        return cell.shown or ""
    text = "" if cell is None else cell.isoformat() if isinstance(cell, date | time) else str(cell)
    text = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: SHOWN_CHARACTERS + 1]
    )
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"

"""Judging a file: any table with the columns `at` and `value`, without an engagement or a database."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from models.errors import Invalid
from services.imports.headers import header_key
from services.parsing.cell import BadCell, Cell, is_blank, shown
from services.parsing.dates import Moment
from services.parsing.number_parsers import Number
from services.parsing.reading import read_path
from services.parsing.sheet import Sheet

A_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
NEEDED = ("at", "value")


@dataclass(frozen=True)
class Series:
    """`points` has the columns `at` (UTC) and `value`, in the file's order; `left_out` says, a sentence a row, what
    couldn't be read."""

    points: pd.DataFrame
    left_out: list[str]


def series_in(path: Path) -> Series:
    """Return the points of a CSV or XLSX file. A day alone is its midnight in UTC, a month its first day.

    Raises Invalid or NotFound where the file can't be read at all; a row that can't be is left out and named.
    """
    sheet = read_path(path)
    at, value = (_column(sheet, name) for name in NEEDED)
    when_of = _when(Moment().for_column([cell for cell in at if not is_blank(cell)], sheet.epoch))
    number_of = Number().for_column([cell for cell in value if not is_blank(cell)])
    points, left_out = [], []
    for line, when, number in zip(sheet.lines, at, value, strict=True):
        read = (_read(when, when_of), _read(number, number_of))
        wrong = [
            _wrong(name, cell, result)
            for name, cell, result in zip(NEEDED, (when, number), read, strict=True)
            if isinstance(result, BadCell)
        ]
        if wrong:
            left_out.append(f"Line {line:,} was left out: {' and '.join(wrong)}.")
        else:
            points.append(read)
    return Series(pd.DataFrame(points, columns=list(NEEDED)).astype({"value": float}), left_out)


def _column(sheet: Sheet, name: str) -> list[Cell]:
    positions = [i for i, header in enumerate(sheet.headers) if header_key(header) == name]
    if len(positions) != 1:
        wrong = "names it twice" if positions else f"has {', '.join(sheet.headers)}"
        raise Invalid(
            f"{sheet.name} needs one column {name}, beside {' and '.join(n for n in NEEDED if n != name)}; its header "
            f"{wrong}. Nothing was judged."
        )
    return list(sheet.column(positions[0]))


def _read(cell: Cell, read: Callable[[Cell], object]) -> object:
    return BadCell("") if is_blank(cell) else read(cell)


def _when(fall_back: Callable[[Cell], datetime | BadCell]) -> Callable[[Cell], datetime | BadCell]:
    """Return a reader of moments: ISO 8601 first, of whatever year; then the forms that an import takes."""

    def read(cell: Cell) -> datetime | BadCell:
        moment: datetime | BadCell | None = None
        if isinstance(cell, str):
            text = cell.strip()
            with contextlib.suppress(ValueError):
                moment = datetime.fromisoformat(f"{text}-01" if A_MONTH.fullmatch(text) else text)
        moment = fall_back(cell) if moment is None else moment
        if isinstance(moment, BadCell):
            return moment
        try:
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except OverflowError:
            return BadCell(Moment.expected)

    return read


def _wrong(name: str, cell: Cell, bad: BadCell) -> str:
    if is_blank(cell):
        return f"{name} is empty"
    return f"{name} is “{shown(cell)}”, not {bad.expected}"

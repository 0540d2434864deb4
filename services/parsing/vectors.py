"""
Whole columns at once, where the cells are clean; a mask tells which cells are left for the cell parsers.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

import numpy as np

from models.names import clean_text
from services.parsing.cell import Cell
from services.parsing.cells import EDGES, NEVER_IN_TEXT
from services.parsing.dates import FIRST_YEAR, LAST_YEAR
from services.parsing.numerals import MAX_CHARACTERS as LONGEST

ISO_WIDTHS = {10: "2026-11-20", 16: "2026-11-20T14:30", 19: "2026-11-20T14:30:00", 20: "2026-11-20T14:30:00Z"}
SEPARATED = {4: "-", 7: "-", 10: "T ", 13: ":", 16: ":", 19: "Z"}
NUMBER_CHARACTERS = "0123456789.+-\n"
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,18})?")
DOUBTFUL_NUMBER = re.compile(r"^[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}$", re.MULTILINE)
WHOLE_CHARACTERS = "0123456789\n"
MAX_WHOLE = 9
NEEDS_A_LOOK = re.compile(NEVER_IN_TEXT.pattern + r"|\r|#")


def clean_moments(cells: Sequence[Cell]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    (at as datetime64[us], clean, utc): ISO dates, with or without a time, in the years that we take. `utc`
    tells which end in Z. Where `clean` is False, `at` says nothing.
    """
    at = np.zeros(len(cells), "datetime64[us]")
    clean = np.zeros(len(cells), bool)
    utc = np.zeros(len(cells), bool)
    lengths = np.array(_lengths(cells), np.int64)
    for width in ISO_WIDTHS:
        rows = np.flatnonzero(lengths == width)
        if rows.size:
            texts = cells if rows.size == len(cells) else [cells[int(i)] for i in rows]
            at[rows], clean[rows] = _iso_moments(np.array(texts, f"U{width}"), width)
            utc[rows] = width == 20
    return at, clean, utc & clean


def _iso_moments(texts: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    points = texts.view(np.uint32).reshape(-1, width)
    digits = points - ord("0")  # unsigned: anything below "0" becomes huge, and so no digit
    clean = np.ones(len(texts), bool)
    for place in range(width):
        if marks := SEPARATED.get(place):
            clean &= np.isin(points[:, place], [ord(mark) for mark in marks])
        else:
            clean &= digits[:, place] < 10

    def number(start: int, stop: int) -> np.ndarray:
        value = np.zeros(len(texts), np.int64)
        for place in range(start, stop):
            value = value * 10 + digits[:, place]
        return np.where(clean, value, 0)

    year, month, day = number(0, 4), number(5, 7), number(8, 10)
    hour, minute = (number(11, 13), number(14, 16)) if width > 10 else (0, 0)
    second = number(17, 19) if width > 16 else 0
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    clean &= (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12)
    clean &= days.astype("datetime64[M]") == months
    if width > 10:
        clean &= (hour < 24) & (minute < 60) & (second < 60)
        return days.astype("datetime64[us]") + ((hour * 60 + minute) * 60 + second) * np.timedelta64(
            1, "s"
        ), clean
    return days.astype("datetime64[us]"), clean


def clean_numbers(cells: Sequence[Cell]) -> tuple[np.ndarray, np.ndarray, bool]:
    """
    (values, clean, doubtful): plain numbers with a decimal point or none, and numbers as such. `doubtful`:
    some of the clean ones, such as 8.500, could be meant as thousands, so that the column must be looked at
    whole.
    """
    if (texts := all_texts(cells)) is not None and max(map(len, texts), default=0) <= LONGEST:
        text = joined(texts)
        with suppress(ValueError):
            if not text.strip(NUMBER_CHARACTERS):
                values = np.array(list(map(float, texts)))
                return values, np.ones(len(cells), bool), "." in text and bool(DOUBTFUL_NUMBER.search(text))
    values = np.full(len(cells), np.nan)
    doubtful = False
    for i, cell in enumerate(cells):
        if isinstance(cell, str):
            if PLAIN_NUMBER.fullmatch(cell):
                values[i] = float(cell)
                doubtful = doubtful or bool(DOUBTFUL_NUMBER.search(cell))
        elif isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < 1e300:
            values[i] = cell
    return values, ~np.isnan(values), doubtful


def clean_whole_numbers(cells: Sequence[Cell]) -> list[int | None] | None:
    """Return the column, where every cell is a plain whole number of at most 9 digits or empty."""
    texts = all_texts(cells)
    if texts is None or joined(texts).strip(WHOLE_CHARACTERS) or max(map(len, texts), default=0) > MAX_WHOLE:
        return None
    return list(map(int, texts)) if all(texts) else [int(text) if text else None for text in texts]


def clean_texts(cells: Sequence[Cell], most: int) -> list[str | None] | None:
    """Return the column stripped; None where a cell is too long, isn't as it is stored, or needs a closer look."""
    if not any(cells):
        return [None] * len(cells)
    texts = all_texts(cells)
    if texts is None or max(map(len, texts), default=0) > most:
        return None
    together = joined(texts)
    if clean_text(together) != together or NEEDS_A_LOOK.search(together):
        return None
    if "'" in together and any(text.startswith("'") for text in texts):
        return None  # it may only keep a text from being a formula
    return [text.strip(EDGES) or None for text in texts]


def _lengths(cells: Sequence[Cell]) -> list[int]:
    """Characters of each cell; 0 for what is no text."""
    try:
        return list(map(len, cells))  # type: ignore[arg-type]  # most columns hold texts alone
    except TypeError:
        return [len(cell) if isinstance(cell, str) else 0 for cell in cells]


def all_texts(cells: Sequence[Cell]) -> Sequence[str] | None:
    """Return the cells where each of them is a text, else None."""
    try:
        "".join(cells)  # type: ignore[arg-type]  # four times faster than isinstance for each
    except TypeError:
        return None
    return cast(Sequence[str], cells)


def joined(texts: Sequence[str]) -> str:
    """Return all texts, a newline behind each."""
    return "\n".join(texts) + "\n" if texts else ""

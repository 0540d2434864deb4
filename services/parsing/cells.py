"""
One parser a column: `parser.for_column(cells, epoch)` looks at the whole column where one cell alone can't
tell what is meant, and returns the function that turns a cell into a value or a `BadCell`. Cells are never
blank here.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from models.names import clean_name, clean_text, normalize_name
from models.placeholders import is_placeholder, is_sheet_error
from services.parsing.cell import EXCEL_EPOCH, BadCell, Cell, shown
from services.parsing.displayed import NumberCell
from services.parsing.forced_text import forced_text, without_apostrophe

Read = Callable[[Cell], Any]

NAME = 200
PARAGRAPH = 10_000
EDGES = " \t\r\n\v\f\u00a0\u200b\u2060\ufeff"
NEVER_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
LINE_ENDS = re.compile(r"\r\n?")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
YES = {"yes", "y", "true", "1", "x", "✓"}
NO = {"no", "n", "false", "0"}


class Parser(Protocol):
    """What a column's cells are turned into. `expected` completes "... is not"."""

    @property
    def expected(self) -> str: ...

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read: ...


def as_text(cell: Cell) -> str:
    """`cell` as a person would have typed it: 2024 for 2024.0, a day without its midnight."""
    match cell:
        case bool():
            return "yes" if cell else "no"
        case NumberCell():
            return cell.text  # 00123 is what a person sees of 123
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return f"{cell.total_seconds() / 3600:.10g} h"
    return LINE_ENDS.sub("\n", str(cell)).strip(EDGES)


@dataclass(frozen=True)
class Text:
    """A text without control characters, as it is stored (models/names.py); newlines inside are kept, as \\n.

    One of at most NAME characters is a name, or read on one line like one: there they become spaces. `is_evidence`:
    a placeholder, such as TBD, is None, as it says that there is nothing.
    """

    most: int = NAME
    what: str = "a text"
    is_evidence: bool = False

    @property
    def expected(self) -> str:
        return f"{self.what} of at most {self.most:,} characters"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        return self._read

    def _read(self, cell: Cell) -> str | BadCell | None:
        text = as_text(cell)
        text = forced_text(text) or without_apostrophe(text)
        if self.is_evidence and is_placeholder(text):
            return None
        if NEVER_IN_TEXT.search(text):
            return BadCell("a text that can be shown (it holds control characters)")
        text = clean_name(text) if self.most <= NAME else clean_text(text)
        if is_sheet_error(text):
            return BadCell(f"{self.what} but an error of the spreadsheet")
        if len(text) > self.most:
            return BadCell(f"{self.expected} (it has {len(text):,})")
        return text or BadCell(self.expected)


@dataclass(frozen=True)
class Slug:
    """A short name for links and files: lower-case letters, digits and hyphens."""

    expected = "a short name of lower-case letters, digits and hyphens, such as loan-decision-time"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        return self._read

    def _read(self, cell: Cell) -> str | BadCell:
        text = as_text(cell).lower()
        return text if SLUG.fullmatch(text) and len(text) <= NAME else BadCell(self.expected)


def loose(text: str) -> str:
    """Return the key by which words are compared: that of a name, with one space for underscores, hyphens and spaces."""
    return re.sub(r"[\s_-]+", " ", normalize_name(text)).strip()


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def expected(self) -> str:
        return "one of " + ", ".join(self.words)

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        known = {loose(word): word for word in self.words}
        return lambda cell: known.get(loose(as_text(cell))) or BadCell(self.expected)


@dataclass(frozen=True)
class YesNo:
    """yes, y, true, 1 or x; no, n, false or 0."""

    expected = "yes or no"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        return self._read

    def _read(self, cell: Cell) -> bool | BadCell:
        word = normalize_name(as_text(cell))
        return True if word in YES else False if word in NO else BadCell(self.expected)


@dataclass(frozen=True)
class Names:
    """Names with semicolons between them, each once, in the order given."""

    most: int = 100
    each = Text(NAME, "a name")

    @property
    def expected(self) -> str:
        return f"names with semicolons between them, at most {self.most}, each of at most {NAME} characters"

    def for_column(self, cells: Sequence[Cell], epoch: date = EXCEL_EPOCH) -> Read:
        return self._read

    def _read(self, cell: Cell) -> list[str] | BadCell:
        names: dict[str, str] = {}
        for part in as_text(cell).split(";"):
            if part.strip(EDGES):
                name = self.each._read(part)
                if not isinstance(name, str):
                    return BadCell(self.expected, shown(part))
                names.setdefault(normalize_name(name), name)
        return list(names.values()) if len(names) <= self.most else BadCell(self.expected)

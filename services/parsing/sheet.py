"""A table as it was given: its header, its raw cells and the line that each row starts on; and how much we take."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any

from models.errors import Invalid
from models.names import clean_name
from services.parsing.cell import EXCEL_EPOCH, Cell, is_blank, shown
from services.parsing.doubts import Doubt
from services.parsing.odd_layout import Layout, Range, fill_merged, hidden, totals_and_footers

MEGABYTE = 1024 * 1024
MAX_BYTES = 25 * MEGABYTE
MAX_ROWS = 200_000
MAX_COLUMNS = 100
MAX_CELLS = 4_000_000
HeaderFinder = Callable[[Sequence[Sequence[Cell]], Sequence[int]], int]
"""Given the first rows and their lines: which of them holds the names of the columns."""
HEADER_WITHIN = 25
"""Rows that are looked at for the header."""


@dataclass(frozen=True)
class Sheet:
    """A table. `rows[i]` starts on line `lines[i]` of the file (1-based); rows that are blank throughout aren't here.

    `raw_headers` are the headers with their line breaks. `separator` is that between the columns of a text, None in a
    workbook. `unread` are other sheets of the workbook. `doubts` is what looks odd whatever the table is of; `merged`
    are cells over several columns, which no row can be read from. `title` is the worksheet's, `above` the lines above the
    header. `columns` says what each column is called by who imports it: a name, "" to leave it out, None as the header
    says.
    """

    name: str
    headers: list[str]
    header_line: int
    rows: Sequence[Sequence[Cell]]
    lines: Sequence[int]
    epoch: date = EXCEL_EPOCH
    unread: list[str] = field(default_factory=list)
    separator: str | None = None
    doubts: list[Doubt] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)
    raw_headers: list[str] = field(default_factory=list)
    title: str = ""
    above: list[str] = field(default_factory=list)
    columns: list[str | None] = field(default_factory=list)

    @property
    def widest(self) -> int:
        """The most cells that a row has."""
        return len(columns) if (columns := self._columns) else max(map(len, self.rows), default=0)

    def column(self, position: int) -> Sequence[Cell]:
        """Return the cells at this position (0-based) of all rows; None where a row ends before."""
        if columns := self._columns:
            return columns[position]
        if min(map(len, self.rows), default=0) > position:
            return list(map(itemgetter(position), self.rows))
        return [row[position] if position < len(row) else None for row in self.rows]

    @property
    def _columns(self) -> list[list[Cell]] | None:
        return getattr(self.rows, "columns", None)


def sheet_of(
    name: str,
    rows: Sequence[Sequence[Cell]],
    lines: Sequence[int],
    *,
    layout: Layout | None = None,
    doubts: Sequence[Doubt] = (),
    find_header: HeaderFinder | None = None,
    **more: Any,
) -> Sheet:
    """Return the sheet whose header is the first of `rows` that isn't blank, or the one that `find_header` says. Raises
    Invalid if there is none.

    `layout` is what a worksheet says around its cells; a merged cell is read in each row that it spans.
    """
    filled_rows, at = _without_blank_rows(rows, lines)
    if not filled_rows:
        raise Invalid(
            f"{name} is empty. Nothing was changed. The first row must hold the names of the columns; "
            "the template shows them."
        )
    first = find_header(filled_rows[:HEADER_WITHIN], at[:HEADER_WITHIN]) if find_header else 0
    above = [", ".join(shown(cell) for cell in row if not is_blank(cell)) for row in filled_rows[:first]]
    filled_rows, at = filled_rows[first:], at[first:]
    headers = _headers(name, filled_rows[0])
    if len(filled_rows) > MAX_ROWS + 1:
        refuse_too_long(name)
    layout = layout or Layout()
    filled = fill_merged(filled_rows[1:], at[1:], layout, headers)
    odd = [*doubts, *hidden(layout, at[1:], headers), *filled.doubts]
    raw = [str(cell or "") for cell in filled_rows[0]]
    sheet = Sheet(
        name,
        headers,
        at[0],
        filled.rows,
        at[1:],
        doubts=odd,
        merged=filled.refused,
        raw_headers=raw,
        above=above,
        **more,
    )
    sheet.doubts.extend(totals_and_footers(sheet.rows, sheet.lines, layout, sheet.column(0)))
    return sheet


def _headers(name: str, row: Sequence[Cell]) -> list[str]:
    """Return the texts of a header that isn't blank, without blank ones at its end. Raises Invalid if it is too wide."""
    headers = [shown(clean_name(cell) if isinstance(cell, str) else cell).strip() for cell in row]
    while not headers[-1]:
        headers.pop()
    if len(headers) > MAX_COLUMNS:
        refuse_too_wide(name, len(headers))
    return headers


def _without_blank_rows(
    rows: Sequence[Sequence[Cell]], lines: Sequence[int]
) -> tuple[Sequence[Sequence[Cell]], Sequence[int]]:
    if hasattr(rows, "columns") or _first_cells_are_full(rows):
        return rows, lines
    full = [any(row) and not all(map(is_blank, row)) for row in rows]
    if all(full):
        return rows, lines
    return (
        [row for row, has in zip(rows, full, strict=True) if has],
        [line for line, has in zip(lines, full, strict=True) if has],
    )


def _first_cells_are_full(rows: Sequence[Sequence[Cell]]) -> bool:
    """Return whether no row has a blank first cell: the common case, seen without a look at every cell."""
    try:
        return all(map(str.strip, map(itemgetter(0), rows)))
    except (IndexError, TypeError):  # a blank row; a cell that isn't a text
        return False


def refuse_too_large(size: int, name: str = "The file") -> None:
    """Raises `Invalid` for a file of more than MAX_BYTES; `size` in bytes. Ask before you read it."""
    if size > MAX_BYTES:
        raise Invalid(
            f"{name} has {size / MEGABYTE:,.0f} MB; an import takes at most {MAX_BYTES // MEGABYTE} MB. "
            "Nothing was changed. Split it into smaller files."
        )


def refuse_too_long(name: str) -> None:
    """Raises `Invalid`: more than MAX_ROWS rows."""
    raise Invalid(
        f"{name} has more than {MAX_ROWS:,} rows, the most that one import takes. Nothing was changed. "
        "Split it into smaller files."
    )


def refuse_too_wide(name: str, columns: int) -> None:
    """Raises `Invalid`: more than MAX_COLUMNS columns."""
    raise Invalid(
        f"{name} reaches to column {columns:,}; an import takes at most {MAX_COLUMNS}. Nothing was changed. "
        "Delete the columns that aren't in the template."
    )


def refuse_too_many_cells(name: str) -> None:
    """Raises `Invalid`: more than MAX_CELLS cells."""
    raise Invalid(
        f"{name} has more than {MAX_CELLS:,} cells, empty ones included; an import takes no more. "
        "Nothing was changed. Delete empty rows and columns, or split it into smaller files."
    )

"""The sheets of a week's lists: metrics and milestones on their own, the short lists below each other on one.

From layout 4 on. Each sheet is as wide as a printed page, its rows are filtered, its heads stay in sight.
"""

from __future__ import annotations

import math
import unicodedata
from typing import Any

from xlsxwriter.workbook import Workbook

from models.snapshot import SnapshotDocument
from reports.charts.theme import LOOKS
from reports.exports import tables
from reports.exports.page_footer import page_footer
from reports.exports.tables import Table

HEADER = "#1D4F91"
PAGE_WIDTH, NARROWEST, LONGEST_WORD = 175, 11, 20
"""Digits across a printed page at about 8 points, of the narrowest column, and of the longest word that is kept whole."""
LINE, HIGHEST = 15, 405
"""Points of a line of text, and of the highest row of a spreadsheet."""
WIDER, USUAL, LONG = 1.1, 0.75, 36
"""How much wider a text may become in the font that takes the place of the workbook's; the part of a column's texts that
are no longer than what it is made wide for; and the length up to which each is."""
FILTER = 3
"""Digits that the button of a filter takes of a head."""
OWN_SHEETS = ("Metrics", "Milestones")
LISTS = ("Decisions", "Exceptions", "Changes", "Health", "Leading")
LIST_WIDTHS = [50, 20, 53, 52]
MAX_PROOF = 215
"""Letters of the proof in the footer: Excel allows 255 in all."""
# A long text stands in a wide column.
ORDERS = {
    "Exceptions": ("What", "Status", "One line", "Owner"),
    "Changes": ("About", "What"),
}


def add_lists(book: Workbook, document: SnapshotDocument) -> None:
    """Add the sheets "Metrics", "Milestones" and "Lists"."""
    named = {table.name: table for table in tables.tables(document)}
    for name in OWN_SHEETS:
        sheet = book.add_worksheet(name)
        widths = balanced(named[name])
        set_page(sheet, document, widths)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        _add_table(book, sheet, named[name], 0, widths)
    sheet = book.add_worksheet("Lists")
    set_page(sheet, document, LIST_WIDTHS)
    sheet.freeze_panes(1, 0)
    sheet.write_string(0, 0, tables.title(document), book.add_format({"bold": True, "font_size": 14}))
    line = 2
    for name in LISTS:
        sheet.write_string(line, 0, name, book.add_format({"bold": True, "font_size": 12}))
        line = _add_table(book, sheet, _ordered(named[name]), line + 1, LIST_WIDTHS) + 1
    _add_caveats(book, sheet, named["Data"], line)


def _add_caveats(book: Workbook, sheet: Any, table: Table, line: int) -> None:
    """Write what to keep in mind of the data: a row a kind, its text over the other columns."""
    bold, wrapped = (
        book.add_format({"valign": "top"} | more) for more in ({"bold": True}, {"text_wrap": True})
    )
    sheet.write_string(line, 0, "Data caveats", book.add_format({"bold": True, "font_size": 12}))
    kinds: dict[str, list[str]] = {}
    for kind, what in table.rows:
        kinds.setdefault(kind, []).append(what)
    for number, (kind, texts) in enumerate(kinds.items(), start=line + 1):
        text = "; ".join(texts)
        sheet.write_string(number, 0, kind, bold)
        sheet.merge_range(number, 1, number, len(LIST_WIDTHS) - 1, "", wrapped)
        sheet.write_string(number, 1, text, wrapped)
        sheet.set_row(number, row_height([text], [sum(LIST_WIDTHS[1:])]))


def set_page(sheet: Any, document: SnapshotDocument, widths: list[int]) -> None:
    """Set a sheet's columns, and its paper: A4 across, as wide as a page, with the proof at the foot."""
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(page_footer(tables.proof(document)[:MAX_PROOF]))


def balanced(table: Table) -> list[int]:
    """Return widths of a table's columns that fill a page at most: a column is widened while its rows are the highest."""
    columns = list(zip(table.columns, *table.rows, strict=True))
    longest = [max(_usual(list(map(wide, cells))) + 2, NARROWEST) for cells in columns]
    widths = [
        min(max(NARROWEST, *map(_longest_word, cells)), most)
        for cells, most in zip(columns, longest, strict=True)
    ]
    while sum(widths) < PAGE_WIDTH and any(width < most for width, most in zip(widths, longest, strict=True)):
        lines = [most / width if width < most else 0 for width, most in zip(widths, longest, strict=True)]
        widths[lines.index(max(lines))] += 1
    return widths


def _usual(lengths: list[int]) -> int:
    return max(sorted(lengths)[math.ceil((len(lengths) - 1) * USUAL)], min(max(lengths), LONG))


def wide(text: str) -> int:
    """Return how many digits a text is wide, which is what a column's width is counted in."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def row_height(row: list[str], widths: list[int]) -> int:
    """Return the points that a row is high whose texts wrap: not every program finds it out by itself."""
    lines = max(
        sum(max(math.ceil(wide(part) * WIDER / width), 1) for part in cell.split("\n"))
        for cell, width in zip(row, widths, strict=True)
    )
    return min(lines * LINE, HIGHEST)


def _longest_word(text: str) -> int:
    return min(max(map(wide, text.split()), default=0) + FILTER, LONGEST_WORD)


def _ordered(table: Table) -> Table:
    """Return a table with the columns in the order of the sheet of lists."""
    first = [table.columns.index(name) for name in ORDERS.get(table.name, ())]
    order = first + [place for place in range(len(table.columns)) if place not in first]
    return Table(
        table.name, [table.columns[i] for i in order], [[row[i] for i in order] for row in table.rows]
    )


def _add_table(book: Workbook, sheet: Any, table: Table, top: int, widths: list[int]) -> int:
    """Write a table whose heads are in the row `top`, and return the next free row."""
    plain = {"valign": "top", "text_wrap": True}
    head = book.add_format(plain | {"bold": True, "font_color": "#FFFFFF", "bg_color": HEADER})
    wrapped = book.add_format(plain)
    sheet.set_row(top, row_height(table.columns, [width - FILTER for width in widths[: len(table.columns)]]))
    bold = {"bold": True, "valign": "top", "text_wrap": True}
    looks = {
        status.value: book.add_format(bold | {"font_color": look.colour}) for status, look in LOOKS.items()
    }
    if not table.rows:
        sheet.write_row(top, 0, table.columns, head)
        sheet.write_string(top + 1, 0, "None.", wrapped)
        return top + 2
    columns = [{"header": column, "header_format": head} for column in table.columns]
    style = {"columns": columns, "style": "Table Style Light 1", "name": f"{table.name}_table"}
    sheet.add_table(top, 0, top + len(table.rows), len(table.columns) - 1, style)
    for number, row in enumerate(table.rows, start=top + 1):
        sheet.set_row(number, row_height(row, widths[: len(row)]))
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell, looks.get(cell, wrapped))
    return top + len(table.rows) + 1

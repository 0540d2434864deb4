"""The portfolio's list as CSV and XLSX, filtered and sorted as on the page. No typed text becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import xlsxwriter

from reports.exports.page_footer import page_footer
from reports.exports.tables import defuse_formula

WIDTHS = {
    "Engagement": 34,
    "Client": 26,
    "Done in the last week": 34,
    "Next milestone": 34,
    "Why": 70,
    "Lead": 20,
}
OTHER_WIDTH = 16
_BYTE_ORDER_MARK = "\ufeff"


def portfolio_csv(table: Mapping[str, list[str]]) -> bytes:
    """Return the list as CSV in UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table)
    writer.writerows([map(defuse_formula, row) for row in zip(*table.values(), strict=True)])
    return (_BYTE_ORDER_MARK + text.getvalue()).encode()


def portfolio_xlsx(table: Mapping[str, list[str]], scope: str) -> bytes:
    """Return the list as a workbook with filters and frozen rows; `scope` stands in its footer."""
    made = io.BytesIO()
    safe = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    book = xlsxwriter.Workbook(made, safe)
    sheet = book.add_worksheet("Portfolio")
    bold = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#1D4F91"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for place, (head, cells) in enumerate(table.items()):
        sheet.set_column(place, place, WIDTHS.get(head, OTHER_WIDTH))
        sheet.write_string(0, place, head, bold)
        for line, cell in enumerate(cells, start=1):
            sheet.write_string(line, place, cell, wrapped)
    lines = len(next(iter(table.values())))
    sheet.autofilter(0, 0, max(lines, 1), len(table) - 1)
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(page_footer(scope[:200]))
    book.close()
    return made.getvalue()

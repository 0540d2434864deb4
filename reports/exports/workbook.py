"""The week as a workbook: its lists as tables, native charts and sparklines, and the raw measurements. No formulas."""

from __future__ import annotations

import io
import math
import unicodedata
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.utility import xl_range
from xlsxwriter.workbook import Workbook

from models.snapshot import SnapshotDocument
from reports.charts.theme import LOOKS
from reports.exports import tables
from reports.exports.list_sheets import add_lists
from reports.exports.opening_sheet import add_review
from reports.exports.opening_sheet_of_layout_3 import add_summary
from reports.exports.page_footer import page_footer
from reports.exports.tables import Table
from reports.exports.week_facts import at_least_layout

WIDEST, NARROWEST = 48, 11
PAGE_WIDTH = 230
"""Digits that fit across a printed page, at a size of about 7 points."""
HEADER, BLUE, GREY, GREEN = "#1D4F91", "#2F7DD1", "#7A8594", "#0E8A7D"
# Points that a line of text is high, and how high a row becomes in a spreadsheet at most.
LINE, HIGHEST = 15, 405
# A sheet's chart takes so many rows, and so many charts below each other fit a printed page at this scale (percent),
# also where another font takes the place of the workbook's and widens its columns, and with them its charts.
CHART_ROWS, CHARTS_A_PAGE, SCALE, ROWS_A_PAGE = 15, 3, 55, 54
FRONT_WIDTH, LONGEST_NAME = 110, 36
SECOND = 3  # the column at which the right one of two charts begins
MEASURED = [
    "Metric",
    "At (UTC)",
    "Value",
    "Unit",
    "n",
    "Lower limit",
    "Mean",
    "Upper limit",
    "Target",
    "Note",
]
VALUE, LOWER, MEAN, UPPER, TARGET = (MEASURED.index(name) for name in ("Value", *MEASURED[5:9]))
LINES = [
    ("Lower limit", LOWER, GREY, "dash"), ("Mean", MEAN, GREY, "solid"), ("Upper limit", UPPER, GREY, "dash"),
    ("Target", TARGET, GREEN, "long_dash"),
]  # fmt: skip


def xlsx(document: SnapshotDocument) -> bytes:
    """The workbook. Texts stay texts, whatever they begin with."""
    made = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(made, safe | {"in_memory": True})
    frozen_at = datetime.fromisoformat(document.body["frozen_at"]).replace(tzinfo=None)
    book.set_properties({"title": tables.title(document), "author": "Headway", "comments": document.digest,
                         "created": frozen_at})  # fmt: skip
    book.set_size(2400, 1400)
    if at_least_layout(document, 4):
        add_review(book, document)
        add_lists(book, document)
    else:
        add_summary(book, document) if at_least_layout(document, 3) else _front(book, document)
        for table in tables.tables(document):
            _sheet(book, document, table)
    if _has_measurements(document) or not at_least_layout(document, 4):
        _measurements(book, document)
    book.close()
    return made.getvalue()


def _has_measurements(document: SnapshotDocument) -> bool:
    """Return whether there is a row to write: without one, two sheets would print as two nearly empty pages."""
    return any(document.body["measurements"].get(row["slug"]) for row in document.content["metrics"])


def _front(book: Workbook, document: SnapshotDocument) -> None:
    sheet = book.add_worksheet("Review")
    title = book.add_format({"bold": True, "font_size": 16})
    bold, wrapped = (
        book.add_format({"bold": True, "valign": "top"}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, FRONT_WIDTH)
    sheet.write_string(0, 0, tables.title(document), title)
    lines = [
        ("Scope", " · ".join(tables.scope(document))),
        ("Status", document.content["head"]["status"].capitalize()),
        ("Verdict", tables.verdict(document)),
        ("The lead's judgement", document.passage("note")),
        ("What changed", document.passage("changes")),
        ("Exceptions", tables.routine(document)),
        *tables.data_notes(document),
        ("Proof", tables.proof(document)),
    ]
    if voice := document.quote:
        lines.insert(
            6, ("One voice", f"“{voice['said']}” ({voice['who']}, {voice['on']}, on {voice['theme']})")
        )
    _printed(sheet, document)
    for row, (name, text) in enumerate(((name, text) for name, text in lines if text), start=2):
        sheet.set_row(row, _height([text], [FRONT_WIDTH]))
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, text, wrapped)


def _sheet(book: Workbook, document: SnapshotDocument, table: Table) -> None:
    sheet = book.add_worksheet(table.name)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    looks = {status.value: book.add_format({"bold": True, "font_color": look.colour, "valign": "top"})
             for status, look in LOOKS.items()}  # fmt: skip
    head = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": HEADER, "valign": "top"})
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    _printed(sheet, document)
    if at_least_layout(document, 3) and not table.rows:
        sheet.write_row(0, 0, table.columns, head)
    longest = [max(map(_wide, cells)) for cells in zip(table.columns, *table.rows, strict=True)]
    widths = [min(max(each + 2, NARROWEST), WIDEST) for each in longest]
    if at_least_layout(document, 3):
        widths = _narrowed(widths)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    if table.rows:
        columns = [{"header": column, "header_format": head} for column in table.columns]
        size = (0, 0, len(table.rows), len(table.columns) - 1)
        sheet.add_table(
            *size, {"columns": columns, "style": "Table Style Light 1", "name": f"{table.name}_table"}
        )
    for number, row in enumerate(table.rows, start=1):
        sheet.set_row(number, _height(row, widths))
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell, looks.get(cell, wrapped))


def _narrowed(widths: list[int]) -> list[int]:
    """Return widths of columns that fit a printed page at a size that is read: the widest give way first."""
    widths = list(widths)
    while sum(widths) > PAGE_WIDTH and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _printed(sheet: Any, document: SnapshotDocument) -> None:
    """On paper: across, as wide as a page, with the proof at the foot."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    if at_least_layout(document, 3):
        sheet.set_footer(page_footer(tables.proof(document)[:215]))
        return
    sheet.set_footer(f"&8&L{tables.proof(document).replace('&', '&&')}&R&P of &N"[:255])


def _wide(text: str) -> int:
    """How many digits a text is wide, which is what a column's width is counted in."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _height(row: list[str], widths: list[int]) -> int:
    """Points that a row is high whose texts wrap: not every program finds it out by itself."""
    lines = max(math.ceil(_wide(cell) * 1.15 / width) for cell, width in zip(row, widths, strict=True))
    return min(max(lines, 1) * LINE, HIGHEST)


_UNSIGNED = {"broken": " (definition changed after signing)", "unsigned": " (definition not signed)"}


def _measurements(book: Workbook, document: SnapshotDocument) -> None:
    """Add every measurement with its limits in one table, and of each metric a sparkline and a chart on a sheet of
    charts."""
    raw, charts = book.add_worksheet("Measurements"), book.add_worksheet("Charts")
    bold = book.add_format({"bold": True})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    number_format = book.add_format({"num_format": "#,##0.####"})
    _head_measurements(raw, document, bold)
    _printed(raw, document)
    charts.write_string(0, 0, "Thirteen weeks of every metric", bold)
    charts.set_column(0, 0, 40)
    charts.set_column(1, 1, 34)
    rows = document.content["metrics"]
    own_zone = ZoneInfo(document.body["zone"]) if tables.in_own_zone(document) else None
    line = 1
    for number, row in enumerate(rows):
        measured = document.body["measurements"].get(row["slug"], [])
        charts.write_string(number + 1, 0, tables.short(row["name"], LONGEST_NAME))
        never_negative = min((value for _, value, _ in row["chart"]["points"]), default=0.0) >= 0
        own_limits = _own_limits(row["chart"])
        for place, each in enumerate(measured, start=line):
            _write_measured(raw, place, row, each, number_format, own_limits, never_negative=never_negative)
            _write_moment(raw, place, datetime.fromisoformat(each[0][:-1]), own_zone, moment)
        if measured:
            _charted(book, charts, number, row, (line, line + len(measured) - 1), len(rows))
        line += len(measured)
    _paged(charts, document, len(rows))


def _head_measurements(raw: Any, document: SnapshotDocument, bold: Any) -> None:
    """Write the header of the measurements, which stays in view, is printed on each page, and filters."""
    for place, (name, width) in enumerate(
        zip(MEASURED, [34, 17, 12, 16, 8, 12, 12, 12, 12, 40], strict=True)
    ):
        raw.write_string(0, place, name, bold)
        raw.set_column(place, place, width)
    if tables.in_own_zone(document):
        raw.write_string(0, 1, f"At ({document.body['zone']})", bold)
        raw.write_string(0, len(MEASURED), MEASURED[1], bold)
        raw.set_column(len(MEASURED), len(MEASURED), 17)
    raw.freeze_panes(1, 1)
    raw.repeat_rows(0)
    if at_least_layout(document, 3):
        measured_rows = sum(map(len, document.body["measurements"].values()))
        raw.autofilter(0, 0, max(measured_rows, 1), len(MEASURED))


def _write_moment(raw: Any, place: int, utc: datetime, own_zone: ZoneInfo | None, moment: Any) -> None:
    """Write when a value was measured, in the engagement's zone and then in UTC too; in UTC alone without a zone."""
    if own_zone is None:
        raw.write_datetime(place, 1, utc, moment)
        return
    own = utc.replace(tzinfo=UTC).astimezone(own_zone).replace(tzinfo=None)
    raw.write_datetime(place, 1, own, moment)
    raw.write_datetime(place, len(MEASURED), utc, moment)


def _write_measured(
    raw: Any,
    line: int,
    row: dict[str, Any],
    measured: list[Any],
    plain: Any,
    own_limits: dict[str, tuple[float, float]],
    *,
    never_negative: bool,
) -> None:
    at, value, n, note = measured
    raw.write_string(line, 0, row["name"] + _UNSIGNED.get(row["seal"], ""))
    raw.write_string(line, VALUE + 1, row["unit"])
    phase: dict[str, Any] = next(
        (each for each in reversed(row["chart"]["phases"]) if each["start"] <= at), {}
    )
    lower, upper = own_limits.get(at) or (phase.get("lower"), phase.get("upper"))
    if lower is not None and never_negative:
        lower = max(lower, 0.0)  # what was never negative has no limit below nothing
    levels = {LOWER: lower, MEAN: phase.get("mean"), UPPER: upper}
    numbers = {VALUE: value, VALUE + 2: n, TARGET: row["chart"]["target"]} | levels
    for place, number in numbers.items():
        if number is not None:
            raw.write_number(line, place, number, plain)
    if note:
        raw.write_string(line, len(MEASURED) - 1, note)


def _own_limits(chart: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the limits of the points that have limits of their own, by their moment."""
    limits = zip(chart["points"], chart.get("limits", []), strict=False)
    own: dict[str, tuple[float, float]] = {}
    for point, (lower, upper, _) in limits:
        if lower is not None:
            own.setdefault(point[0], (lower, upper))
    return own


def _label(text: str) -> str:
    """A chart's words: the library takes what begins with = or reads like sheet!A1 for a reference to a cell."""
    return f"{' ' * text.startswith('=')}{text[:250]}".replace("!", "!\u200b")


def _charted(
    book: Workbook, charts: Any, number: int, row: dict[str, Any], lines: tuple[int, int], metrics: int
) -> None:
    first, last = lines
    sparkline = f"Measurements!{xl_range(first, VALUE, last, VALUE)}"
    charts.add_sparkline(number + 1, 1, {"range": sparkline, "markers": True})
    chart = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    mark = {"type": "circle", "size": 4, "fill": {"color": BLUE}, "border": {"color": BLUE}}
    drawn = [(tables.short(row["name"]), VALUE, BLUE, "solid", 1.5, mark)]
    drawn += [(name, place, colour, dash, 1, {"type": "none"}) for name, place, colour, dash in LINES]
    for name, place, colour, dash, width, marker in drawn:
        chart.add_series({
            "name": _label(name),
            "categories": ["Measurements", first, 1, last, 1],
            "values": ["Measurements", first, place, last, place],
            "line": {"color": colour, "width": width, "dash_type": dash},
            "marker": marker,
        })  # fmt: skip
    title = _label(f"{tables.short(row['name'])} ({row['unit']})")
    chart.set_title({"name": title, "name_font": {"size": 11}, "overlay": False})
    chart.set_x_axis({"num_format": "d mmm", "major_gridlines": {"visible": False}, "label_position": "low"})
    chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#D5DBE3"}}})
    chart.set_legend({"position": "bottom", "delete_series": [0]})
    chart.set_size({"width": 560, "height": 280})
    top = _charts_top(metrics) + number // 2 * CHART_ROWS
    options = {"description": f"{row['name']}: {row['sentence']}"[:1000]}
    charts.insert_chart(top, 0 if number % 2 == 0 else SECOND, chart, options)


def _charts_top(metrics: int) -> int:
    return metrics + 3


def _paged(charts: Any, document: SnapshotDocument, metrics: int) -> None:
    """Charts on paper, none of them cut by the end of a page."""
    _printed(charts, document)
    if at_least_layout(document, 3):
        charts.freeze_panes(1, 0)
    charts.fit_page = False  # a sheet that is fitted to a page ignores where its pages are to end
    charts.set_print_scale(SCALE)
    top, rows = _charts_top(metrics), math.ceil(metrics / 2)
    on_first = max(0, ROWS_A_PAGE - top) // CHART_ROWS
    charts.set_h_pagebreaks([top + row * CHART_ROWS for row in range(on_first, rows, CHARTS_A_PAGE)])

"""The week as a workbook: its lists as tables, native charts and sparklines, and the raw measurements. No formulas."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.workbook import Workbook

from models.snapshot import Document
from reports.charts.theme import LOOKS
from reports.exports import tables
from reports.exports.tables import Table

WIDEST, NARROWEST = 60, 12
HEADER, BLUE = "#1D4F91", "#2F7DD1"
# A sheet's chart takes so many rows.
CHART_ROWS = 15


def xlsx(document: Document) -> bytes:
    """The workbook. Texts stay texts, whatever they begin with."""
    made = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(made, safe | {"in_memory": True})
    frozen_at = datetime.fromisoformat(document.body["frozen_at"]).replace(tzinfo=None)
    book.set_properties({"title": tables.title(document), "author": "Headway", "comments": document.digest,
                         "created": frozen_at})  # fmt: skip
    book.set_size(2400, 1400)
    _front(book, document)
    for table in tables.tables(document):
        _sheet(book, table)
    _measurements(book, document)
    book.close()
    return made.getvalue()


def _front(book: Workbook, document: Document) -> None:
    sheet = book.add_worksheet("Review")
    title = book.add_format({"bold": True, "font_size": 16})
    bold, wrapped = (
        book.add_format({"bold": True, "valign": "top"}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, tables.title(document), title)
    lines = [
        ("Scope", " · ".join(tables.scope(document))),
        ("Status", document.content["head"]["status"].capitalize()),
        ("Verdict", document.passage("verdict")),
        ("The lead's judgement", document.passage("note")),
        ("What changed", document.passage("changes")),
        ("Exceptions", tables.routine(document)),
        *tables.data_notes(document),
        ("Proof", tables.proof(document)),
    ]
    if voice := document.voice:
        lines.insert(
            6, ("One voice", f"“{voice['said']}” ({voice['who']}, {voice['on']}, on {voice['theme']})")
        )
    for row, (name, text) in enumerate(((name, text) for name, text in lines if text), start=2):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, text, wrapped)


def _sheet(book: Workbook, table: Table) -> None:
    sheet = book.add_worksheet(table.name)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    looks = {status.value: book.add_format({"bold": True, "font_color": look.colour, "valign": "top"})
             for status, look in LOOKS.items()}  # fmt: skip
    head = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": HEADER, "valign": "top"})
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(table.columns):
        longest = max([len(column), *(len(row[place]) for row in table.rows)])
        sheet.set_column(place, place, min(max(longest + 2, NARROWEST), WIDEST))
    if table.rows:
        columns = [{"header": column, "header_format": head} for column in table.columns]
        size = (0, 0, len(table.rows), len(table.columns) - 1)
        sheet.add_table(
            *size, {"columns": columns, "style": "Table Style Light 1", "name": f"{table.name}_table"}
        )
    for number, row in enumerate(table.rows, start=1):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell, looks.get(cell, wrapped))


_UNSIGNED = {"broken": " (definition changed after signing)", "unsigned": " (definition not signed)"}


def _measurements(book: Workbook, document: Document) -> None:
    """One block of columns a metric, its sparkline on an overview, and its chart on a sheet of charts."""
    raw, charts = book.add_worksheet("Measurements"), book.add_worksheet("Charts")
    bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    charts.write_string(0, 0, "Thirteen weeks of every metric", bold)
    charts.set_column(0, 0, 40)
    charts.set_column(1, 1, 30)
    for number, row in enumerate(document.content["metrics"]):
        measured, left = document.body["measurements"].get(row["slug"], []), number * 5
        raw.write_string(0, left, row["name"] + _UNSIGNED.get(row["seal"], ""), bold)
        for place, word in enumerate(["At (UTC)", f"Value ({row['unit']})", "n", "Note"]):
            raw.write_string(1, left + place, word, bold)
        raw.set_column(left, left, 17)
        for line, (at, value, n, note) in enumerate(measured, start=2):
            raw.write_datetime(line, left, datetime.fromisoformat(at[:-1]), moment)
            _write_measured(raw, line, left, value, n, note)
        charts.write_string(number + 1, 0, row["name"])
        if measured:
            _charted(book, charts, number, row, len(measured), left, len(document.content["metrics"]))


def _write_measured(
    raw: Any, line: int, left: int, value: float | None, n: int | None, note: str | None
) -> None:
    if value is not None:
        raw.write_number(line, left + 1, value)
    if n is not None:
        raw.write_number(line, left + 2, n)
    if note:
        raw.write_string(line, left + 3, note)


def _label(text: str) -> str:
    """A chart's words: the library takes what begins with = or reads like sheet!A1 for a reference to a cell."""
    return f"{' ' * text.startswith('=')}{text[:250]}".replace("!", "!\u200b")


def _charted(
    book: Workbook, charts: Any, number: int, row: dict[str, Any], length: int, left: int, metrics: int
) -> None:
    values = xl_range_abs(2, left + 1, length + 1, left + 1)
    charts.add_sparkline(number + 1, 1, {"range": f"Measurements!{values}", "markers": True})
    chart = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    chart.add_series({
        "name": _label(row["name"]),
        "categories": ["Measurements", 2, left, length + 1, left],
        "values": ["Measurements", 2, left + 1, length + 1, left + 1],
        "line": {"color": BLUE, "width": 1.25},
        "marker": {"type": "circle", "size": 4, "fill": {"color": BLUE}, "border": {"color": BLUE}},
    })  # fmt: skip
    chart.set_title(
        {"name": _label(f"{row['name'][:80]} ({row['unit']})"), "name_font": {"size": 11}, "overlay": False}
    )
    chart.set_x_axis({"num_format": "d mmm", "major_gridlines": {"visible": False}})
    chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#D5DBE3"}}})
    chart.set_legend({"none": True})
    chart.set_size({"width": 560, "height": 280})
    top = metrics + 3 + number // 2 * CHART_ROWS
    options = {"description": f"{row['name']}: {row['sentence']}"[:1000]}
    charts.insert_chart(top, 0 if number % 2 == 0 else 4, chart, options)

"""The sheet on which a week's workbook opens: the verdict, outcomes with a chart, the plan with a chart, and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from xlsxwriter.workbook import Workbook

from models.snapshot import SnapshotDocument
from reports.charts.theme import LOOKS
from reports.exports import tables, week_facts
from reports.exports.page_footer import page_footer
from reports.exports.week_facts import TIMES, cut, first_of

HEADER, GREY, LIGHT = "#1D4F91", "#7A8594", "#D5DBE3"
WIDTHS = [30, 14, 14, 16, 24, 18, 3, 14, 14, 14]
"""Of the columns, in digits; figures for the charts stand to the right of them."""
DATA = 11
MAX_CHARTED, MAX_OUTCOMES, LINE = 8, 14, 15
CHART_ROWS, PIXELS_A_ROW = 14, 20
MAX_PROOF = 215
"""Letters of the proof in the footer: Excel allows 255 in all."""


def add_summary(book: Workbook, document: SnapshotDocument) -> None:
    """Add the sheet "Review"."""
    sheet = book.add_worksheet("Review")
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": HEADER, "valign": "top"})
    status = document.content["head"]["status"]
    look = LOOKS[tables.status_of(status)]
    sheet.hide_gridlines(2)
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(page_footer(tables.proof(document)[:MAX_PROOF]))
    sheet.freeze_panes(3, 0)
    sheet.write_string(0, 0, tables.title(document), book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(1, 0, " · ".join(tables.scope(document)), book.add_format({"font_color": "#4B5665"}))
    sheet.write_string(
        2,
        0,
        f"{look.glyph} {status.capitalize()}",
        book.add_format({"bold": True, "font_color": look.colour, "valign": "top"}),
    )
    verdict = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet.merge_range(2, 1, 2, len(WIDTHS) - 1, "", verdict)
    sheet.write_string(2, 1, tables.verdict(document), verdict)
    sheet.set_row(2, LINE * max(2, -(-len(tables.verdict(document)) // 110)))
    line = _outcomes(sheet, book, document, 4, head, wrapped)
    line = _plan_chart(sheet, book, document, line)
    _texts(sheet, document, line, bold, wrapped)


def _outcomes(
    sheet: Any, book: Workbook, document: SnapshotDocument, line: int, head: Any, wrapped: Any
) -> int:
    """Write the outcomes and, to the right, their chart; return the next free line."""
    sheet.write_row(line, 0, ["Outcome", "Baseline", "Now", "Target", "Proof", "Owner"], head)
    bars, more = first_of(week_facts.outcome_bars(document), MAX_OUTCOMES)
    drawings = {row["name"]: row["drawing"] for row in document.content["metrics"]}
    for number, bar in enumerate(bars, start=line + 1):
        texts = [cut(text, most) for text, most in zip(
            (bar.name, bar.baseline, bar.current, bar.target, bar.proof, bar.owner), (60, 28, 28, 32, 48, 36), strict=True
        )]  # fmt: skip
        sheet.set_row(number, 2 * LINE)
        for place, text in enumerate(texts):
            colour = LOOKS[tables.status_of(bar.status)].colour
            format = (
                book.add_format({"bold": True, "font_color": colour, "valign": "top", "text_wrap": True})
                if place == 4
                else wrapped
            )
            sheet.write_string(number, place, text, format)
    if more:
        sheet.write_string(line + 1 + len(bars), 0, f"and {more} more on the sheet Metrics")
    if not bars:
        sheet.write_string(line + 1, 0, "No metric is defined yet.")
    charted, _ = first_of([bar for bar in bars if bar.kind == TIMES], MAX_CHARTED)
    end = line + 2 + max(len(bars), 1)
    if charted:
        _factors_chart(sheet, book, charted, drawings, line, end)
    return end


def _factors_chart(
    sheet: Any,
    book: Workbook,
    bars: list[week_facts.OutcomeBar],
    drawings: Mapping[str, Mapping[str, Any]],
    line: int,
    end: int,
) -> None:
    """Write the factors of these outcomes beside the list that begins on `line`, and insert their chart below `end`."""
    for number, bar in enumerate(bars):
        sheet.write_string(line + number, DATA, cut(bar.name, 36))
        for place, name in enumerate(("now", "goal"), start=1):
            value = drawings[bar.name][name]
            if value is not None:
                sheet.write_number(line + number, DATA + place, value)
    last = line + len(bars) - 1
    chart = book.add_chart({"type": "bar"})
    for place, name, colour in [(1, "Now", HEADER), (2, "Target", LIGHT)]:
        chart.add_series({
            "name": name, "categories": ["Review", line, DATA, last, DATA],
            "values": ["Review", line, DATA + place, last, DATA + place],
            "fill": {"color": colour}, "data_labels": {"value": True, "num_format": "0.0x"}, "gap": 60,
        })  # fmt: skip
    chart.set_title({"name": "Newest value, times better than baseline (log)", "name_font": {"size": 11}})
    chart.set_x_axis({"log_base": 10, "major_gridlines": {"visible": False}, "num_format": "0.##x"})
    chart.set_y_axis({"reverse": True})
    _insert(sheet, chart, end, 0, 560, " ".join(bar.text for bar in bars))


def _plan_chart(sheet: Any, book: Workbook, document: SnapshotDocument, line: int) -> int:
    """Insert the chart of the plan beside the outcomes', and return the first line below both."""
    rows, _ = first_of(document.content["plan"], 2 * MAX_CHARTED)
    if not rows:
        return line + CHART_ROWS
    moment = book.add_format({"num_format": "d mmm"})
    top = line + 1
    for number, row in enumerate(rows, start=top):
        start, due = (date.fromisoformat(row[name]) for name in ("start", "due"))
        sheet.write_string(number, DATA, cut(row["name"], 36))
        sheet.write_datetime(number, DATA + 1, start, moment)
        sheet.write_number(number, DATA + 2, (due - start).days)
    last = top + len(rows) - 1
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    categories = ["Review", top, DATA, last, DATA]
    chart.add_series({"name": "Start", "categories": categories, "values": ["Review", top, DATA + 1, last, DATA + 1],
                      "fill": {"none": True}})  # fmt: skip
    points = [{"fill": {"color": LOOKS[tables.status_of(row["state"])].colour}} for row in rows]
    chart.add_series({"name": "Days", "categories": categories, "values": ["Review", top, DATA + 2, last, DATA + 2],
                      "points": points, "gap": 50})  # fmt: skip
    first = min(date.fromisoformat(row["start"]) for row in rows)
    chart.set_title({"name": cut(week_facts.plan_title(document), 90), "name_font": {"size": 11}})
    chart.set_x_axis(
        {
            "min": (first - date(1899, 12, 30)).days,
            "num_format": "d mmm",
            "major_gridlines": {"visible": True, "line": {"color": LIGHT}},
        }
    )
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"none": True})
    _insert(sheet, chart, line, 4, 600, " ".join(bar.text for bar in week_facts.plan_bars(document)))
    return line + CHART_ROWS + 1


def _insert(sheet: Any, chart: Any, line: int, column: int, width: int, text: str) -> None:
    chart.set_size({"width": width, "height": CHART_ROWS * PIXELS_A_ROW})
    sheet.insert_chart(
        line, column, chart, {"description": text[:1_000], "x_offset": 4, "y_offset": 4, "object_position": 3}
    )


def _texts(sheet: Any, document: SnapshotDocument, line: int, bold: Any, wrapped: Any) -> None:
    decisions = (
        "\n".join(f"{what}: {who}" for what, who in week_facts.decisions(document))
        or "No decision is needed."
    )
    coming = (
        "\n".join(f"{what}, {due}" for what, due in week_facts.coming(document)) or "No milestone is due."
    )
    exceptions = "\n".join(
        f"{row['name']} ({row['status']}), {row['owner']}: {row['line']}"
        for row in tables.exceptions(document)
    )
    lines = [
        ("Decisions needed", decisions), ("Exceptions", exceptions or "Nothing is out of the ordinary."),
        ("", tables.routine(document)),
        ("Next two weeks", coming), ("The lead's judgement", document.passage("note")),
        (week_facts.since(document), week_facts.changed(document)), *tables.data_notes(document),
    ]  # fmt: skip
    if quote := document.quote:
        lines.append(("One voice", f"“{quote['said']}” ({quote['who']}, {quote['on']}, on {quote['theme']})"))
    lines.append(("Proof", tables.proof(document)))
    for number, (name, text) in enumerate(((name, text) for name, text in lines if text), start=line):
        sheet.write_string(number, 0, name, bold)
        sheet.merge_range(number, 1, number, len(WIDTHS) - 1, "", wrapped)
        sheet.write_string(number, 1, text, wrapped)
        height = sum(-(-len(part) // 115) for part in text.split("\n")) or 1
        sheet.set_row(number, min(height * LINE, 405))
    # The figures behind the charts stand to the right of what is printed.
    sheet.print_area(0, 0, line + len(lines), len(WIDTHS) - 1)

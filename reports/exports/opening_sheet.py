"""The sheet on which a week's workbook opens, from layout 4 on: the verdict, outcomes and plan with charts, the rest.

Weeks of layout 3 have `opening_sheet_of_layout_3`, and keep their bytes.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from xlsxwriter.workbook import Workbook

from models.snapshot import SnapshotDocument
from reports.charts.theme import LOOKS
from reports.exports import tables, week_facts
from reports.exports.list_sheets import HEADER, LINE, row_height, set_page
from reports.exports.week_facts import TIMES, cut, first_of

LIGHT = "#D5DBE3"
WIDTHS = [32, 15, 15, 24, 15, 34, 24]
"""Of the columns, in digits; figures for the charts stand in hidden columns to the right of them."""
HEADS = ["Outcome", "Baseline", "Now", "Target", "Status", "Proof", "Owner"]
MAX_LETTERS = [60, 28, 28, 40, 20, 60, 40]
STATUS, PROOF = HEADS.index("Status"), HEADS.index("Proof")
DATA = len(WIDTHS) + 1
MAX_CHARTED, MAX_OUTCOMES, MAX_PLAN = 8, 10, 14
CHART_ROWS, PIXELS_A_ROW = 16, 20
PIXELS_A_DIGIT, CHART_GAP = 7.1, 10
HIDDEN = {"align": "fill"}
"""So that a text in a hidden column doesn't go on in the one beside it."""
MAX_TITLE = 52
"""Letters of a chart's title, which has one line above the plot."""
MAX_TEXT = 600
"""Letters of a passage on this sheet: the lists have all of them whole."""


def add_review(book: Workbook, document: SnapshotDocument) -> None:
    """Add the sheet "Review"."""
    sheet = book.add_worksheet("Review")
    set_page(sheet, document, WIDTHS)
    sheet.hide_gridlines(2)
    sheet.freeze_panes(3, 0)
    _head(sheet, book, document)
    end = _outcomes(sheet, book, document, 4)
    _outcome_chart(sheet, book, document, end)
    _plan_chart(sheet, book, document, end)
    last = _texts(sheet, book, document, end + CHART_ROWS + 1)
    sheet.set_column(DATA, DATA + 3, None, None, {"hidden": True})
    sheet.print_area(0, 0, last, len(WIDTHS) - 1)


def _head(sheet: Any, book: Workbook, document: SnapshotDocument) -> None:
    status = document.content["head"]["status"]
    look = LOOKS[tables.status_of(status)]
    bold = {"bold": True, "valign": "top", "text_wrap": True}
    verdict = tables.verdict(document)
    sheet.write_string(0, 0, tables.title(document), book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(1, 0, " · ".join(tables.scope(document)), book.add_format({"font_color": "#4B5665"}))
    sheet.write_string(
        2,
        0,
        f"{look.glyph} {status.capitalize()}",
        book.add_format(bold | {"font_color": look.colour, "font_size": 12}),
    )
    _write_across(sheet, 2, verdict, book.add_format(bold | {"font_size": 12}), wider=1.15)


def _outcomes(sheet: Any, book: Workbook, document: SnapshotDocument, line: int) -> int:
    """Write the outcomes, and return the line at which the charts begin."""
    head = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": HEADER, "valign": "top"})
    cell = {"text_wrap": True, "valign": "top", "bottom": 1, "bottom_color": LIGHT}
    sheet.write_row(line, 0, HEADS, head)
    bars, more = first_of(week_facts.outcome_bars(document), MAX_OUTCOMES)
    for number, bar in enumerate(bars, start=line + 1):
        look = LOOKS[tables.status_of(bar.status)]
        status = f"{look.glyph} {bar.status.capitalize()}"
        texts = (bar.name, bar.baseline, bar.current, bar.target, status, bar.proof, bar.owner)
        row = [cut(text, most) for text, most in zip(texts, MAX_LETTERS, strict=True)]
        sheet.set_row(number, row_height(row, WIDTHS))
        for place, text in enumerate(row):
            marked = (
                {"bold": True, "font_color": look.colour}
                if place in (STATUS, PROOF)
                else {"bold": place in (0, 2)}
            )
            sheet.write_string(number, place, text, book.add_format(cell | marked))
    if not bars:
        sheet.write_string(line + 1, 0, "No metric is defined yet.")
    if more:
        sheet.write_string(line + 1 + len(bars), 0, f"and {more} more on the sheet Metrics")
    return line + 2 + max(len(bars), 1)


def _outcome_chart(sheet: Any, book: Workbook, document: SnapshotDocument, line: int) -> None:
    """Insert the factors' chart in the left half; nothing where no metric has a factor."""
    drawings = {row["name"]: row["drawing"] for row in document.content["metrics"]}
    bars = [bar for bar in week_facts.outcome_bars(document)[:MAX_OUTCOMES] if bar.kind == TIMES][
        :MAX_CHARTED
    ]
    if not bars:
        return
    hidden = book.add_format(HIDDEN)
    for number, bar in enumerate(bars, start=line):
        sheet.write_string(number, DATA, cut(bar.name, 36), hidden)
        for place, name in enumerate(("now", "goal"), start=1):
            if (value := drawings[bar.name][name]) is not None:
                sheet.write_number(number, DATA + place, value)
    last = line + len(bars) - 1
    chart = book.add_chart({"type": "bar"})
    for place, name, colour in [(1, "Now", HEADER), (2, "Target", LIGHT)]:
        chart.add_series({
            "name": name, "categories": ["Review", line, DATA, last, DATA],
            "values": ["Review", line, DATA + place, last, DATA + place],
            "fill": {"color": colour}, "data_labels": {"value": True, "num_format": "0.0x"}, "gap": 60,
        })  # fmt: skip
    chart.set_title({"name": "Now and target, times better than baseline (log)", "name_font": {"size": 11}})
    chart.set_x_axis({"log_base": 10, "major_gridlines": {"visible": False}, "num_format": "0.##x"})
    chart.set_y_axis({"reverse": True, "interval_unit": 1})
    chart.set_legend({"position": "bottom"})
    _insert(sheet, chart, line, 0, " ".join(bar.text for bar in bars))


def _plan_chart(sheet: Any, book: Workbook, document: SnapshotDocument, line: int) -> None:
    """Insert the plan's chart in the right half, below the figures of the other."""
    rows, _ = first_of(document.content["plan"], MAX_PLAN)
    if not rows:
        return
    top, moment = line + MAX_CHARTED + 1, book.add_format({"num_format": "d mmm"})
    hidden = book.add_format(HIDDEN)
    for number, row in enumerate(rows, start=top):
        start, due = (date.fromisoformat(row[name]) for name in ("start", "due"))
        sheet.write_string(number, DATA, cut(row["name"], 34), hidden)
        sheet.write_datetime(number, DATA + 1, start, moment)
        sheet.write_number(number, DATA + 2, max((due - start).days, 1))
    last = top + len(rows) - 1
    chart, categories = (
        book.add_chart({"type": "bar", "subtype": "stacked"}),
        ["Review", top, DATA, last, DATA],
    )
    chart.add_series({"name": "Start", "categories": categories, "values": ["Review", top, DATA + 1, last, DATA + 1],
                      "fill": {"none": True}})  # fmt: skip
    points = [{"fill": {"color": lightened(LOOKS[tables.status_of(row["state"])].colour)}} for row in rows]
    states = {"value": True, "custom": [{"value": row["state"].capitalize()} for row in rows],
              "position": "inside_base", "font": {"size": 8}}  # fmt: skip
    chart.add_series({"name": "Days", "categories": categories, "values": ["Review", top, DATA + 2, last, DATA + 2],
                      "points": points, "gap": 30, "data_labels": states})  # fmt: skip
    first, end = (
        bound(date.fromisoformat(row[name]) for row in rows) for bound, name in ((min, "start"), (max, "due"))
    )
    chart.set_title({"name": cut(week_facts.plan_title(document), MAX_TITLE), "name_font": {"size": 11}})
    chart.set_x_axis({
        "min": _serial(first), "max": _serial(end) + 1, "major_unit": 30, "num_format": "d mmm", "label_position": "high",
        "major_gridlines": {"visible": True, "line": {"color": LIGHT}},
    })  # fmt: skip
    chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": {"size": 8}})
    chart.set_legend({"none": True})
    chart.set_plotarea(
        {"layout": {"x": 0.38, "y": 0.13, "width": 0.57, "height": 0.74}}
    )  # room for names in one line
    _insert(sheet, chart, line, 1, " ".join(bar.text for bar in week_facts.plan_bars(document)))


def lightened(colour: str) -> str:
    """Return a colour mixed with as much white, on which dark words can be read."""
    return "#" + "".join(f"{(int(colour[at : at + 2], 16) + 255) // 2:02X}" for at in (1, 3, 5))


def _serial(day: date) -> int:
    """Return a date as a spreadsheet counts it."""
    return (day - date(1899, 12, 30)).days


def _insert(sheet: Any, chart: Any, line: int, half: int, text: str) -> None:
    """Place a chart in one half of the page, whose columns needn't end at its middle."""
    width = int(sum(WIDTHS) * PIXELS_A_DIGIT - CHART_GAP) // 2
    chart.show_hidden_data()
    chart.set_chartarea({"border": {"color": LIGHT}})
    chart.set_size({"width": width, "height": (CHART_ROWS - 1) * PIXELS_A_ROW})
    options = {
        "description": text[:1_000],
        "x_offset": half * (width + CHART_GAP),
        "y_offset": 4,
        "object_position": 3,
    }
    sheet.insert_chart(line, 0, chart, options)


def _texts(sheet: Any, book: Workbook, document: SnapshotDocument, line: int) -> int:
    """Write the passages, each with its heading beside it, and return the last line."""
    bold, wrapped = (
        book.add_format({"valign": "top"} | more) for more in ({"bold": True}, {"text_wrap": True})
    )
    number = line
    for name, text in _passages(document):
        if text:
            sheet.write_string(number, 0, name, bold)
            _write_across(sheet, number, text, wrapped)
            number += 1
    return number - 1


def _passages(document: SnapshotDocument) -> list[tuple[str, str]]:
    asked, more_asked = first_of(week_facts.decisions(document), 6)
    due, more_due = first_of(week_facts.coming(document), 6)
    unusual, more_unusual = first_of(tables.exceptions(document), 6)
    exceptions = [f"{row['name']} ({row['status']}), {row['owner']}: {row['line']}" for row in unusual]
    lines = [
        ("Decisions needed", _lines([f"{what}: {who}" for what, who in asked], more_asked) or "No decision is needed."),
        ("Exceptions", _lines(exceptions, more_unusual) or "Nothing is out of the ordinary."),
        ("", cut(tables.routine(document), MAX_TEXT)),
        ("Next two weeks", _lines([f"{what}, {when}" for what, when in due], more_due) or "No milestone is due."),
        ("The lead's judgement", cut(document.passage("note"), 2 * MAX_TEXT)),
        (week_facts.since(document), cut(week_facts.changed(document), MAX_TEXT)),
        *[(name, cut(text, MAX_TEXT)) for name, text in tables.data_notes(document)],
    ]  # fmt: skip
    if quote := document.quote:
        voice = f"“{quote['said']}” ({quote['who']}, {quote['on']}, on {quote['theme']})"
        lines.append(("One voice", cut(voice, MAX_TEXT)))
    return [*lines, ("Proof", tables.proof(document))]


def _lines(texts: list[str], more: int) -> str:
    shown = [cut(text, 240) for text in texts] + [f"and {more} more on the sheet Lists"] * bool(more)
    return "\n".join(shown)


def _write_across(sheet: Any, line: int, text: str, format: Any, wider: float = 1.0) -> None:
    """Write a text from the second column to the page's end, in a row as high as it needs."""
    sheet.merge_range(line, 1, line, len(WIDTHS) - 1, "", format)
    sheet.write_string(line, 1, text, format)
    room = int(sum(WIDTHS[1:]) / wider)
    sheet.set_row(line, max(row_height([text], [room]), LINE) * wider)

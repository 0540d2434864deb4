"""The week as slides with native, editable charts, and notes with the sources. A firm's own template file can be used."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.chart.data import XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from models.snapshot import Document
from models.units import unit
from reports.charts.theme import LOOKS
from reports.exports import tables
from reports.exports.bundle import EPOCH, zipped

WIDTH, HEIGHT, MARGIN = Inches(13.333), Inches(7.5), Inches(0.55)
INK, QUIET, BLUE, GREY, GREEN, LINE = (RGBColor.from_string(colour) for colour in
                                       ("0F1722", "4B5665", "2F7DD1", "7A8594", "0E8A7D", "D5DBE3"))  # fmt: skip
TITLE_ONLY = 5
ROWS_A_SLIDE, LINES_A_SLIDE = 7, 6
LONGEST_CELL, LONGEST_TITLE, LONGEST_LINE = 110, 70, 260
LONGEST_PROPERTY = 255  # of a file's own title; an engagement's name may be longer
FONT = "Calibri"


def pptx(document: Document, template: Path | None = None) -> bytes:
    """The slides. `template` is a firm's own .pptx, whose masters and size are kept."""
    deck = Presentation(str(template) if template else None)
    if template is None:
        deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    frozen_at = datetime.fromisoformat(document.body["frozen_at"]).replace(tzinfo=None)
    core = deck.core_properties
    core.title, core.author, core.comments = (
        tables.title(document)[:LONGEST_PROPERTY],
        "Headway",
        document.digest,
    )
    core.created = core.modified = frozen_at
    core.last_modified_by, core.revision = "Headway", 1
    _opening(deck, document)
    _metrics(deck, document)
    for row in document.content["metrics"]:
        if row["chart"]["points"]:
            _metric(deck, document, row)
    _changes(deck, document)
    _exceptions(deck, document)
    made = io.BytesIO()
    deck.save(made)
    return _normalised(made.getvalue())


def _slide(deck: Any, document: Document, title: str, sources: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[min(TITLE_ONLY, len(deck.slide_layouts) - 1)])
    heading = slide.shapes.title
    heading.left, heading.top, heading.width, heading.height = (
        MARGIN,
        Inches(0.35),
        deck.slide_width - 2 * MARGIN,
        Inches(0.8),
    )
    frame = heading.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    _say(frame.paragraphs[0], _short(title, LONGEST_TITLE), 26, bold=True)
    proof = tables.proof(document)
    foot = _box(slide, MARGIN, deck.slide_height - Inches(0.45), deck.slide_width - 2 * MARGIN, Inches(0.3))
    _say(foot.paragraphs[0], proof, 9, QUIET)
    slide.notes_slide.notes_text_frame.text = f"{sources}\n{proof}"
    return slide


def _box(slide: Any, left: int, top: int, width: int, height: int) -> Any:
    frame = slide.shapes.add_textbox(Emu(left), Emu(top), Emu(width), Emu(height)).text_frame
    frame.word_wrap = True
    return frame


def _say(paragraph: Any, text: str, size: float, colour: RGBColor = INK, *, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = _plain(text)
    run.font.size, run.font.bold, run.font.color.rgb, run.font.name = Pt(size), bold, colour, FONT


def _plain(text: str) -> str:
    """Without characters that XML can't hold."""
    return "".join(character for character in text if character >= " " or character in "\n\t")


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _colour(status: str) -> RGBColor:
    return RGBColor.from_string(LOOKS[tables.status_of(status)].colour.removeprefix("#"))


def _heading(frame: Any, text: str) -> None:
    first = frame.paragraphs[0]
    _say(first, text, 16, bold=True)


def _opening(deck: Any, document: Document) -> None:
    content, head = document.content, document.content["head"]
    sources = f"From the engagement's evidence at revision {head['revision']}."
    slide = _slide(
        deck,
        document,
        tables.title(document),
        f"{sources} Drafted: {document.body['text']['verdict']['draft']}",
    )
    width = deck.slide_width - 2 * MARGIN
    scope = _box(slide, MARGIN, Inches(1.1), width, Inches(0.4))
    _say(scope.paragraphs[0], _short("  ·  ".join(tables.scope(document)), 190), 12, QUIET)
    verdict = _box(slide, MARGIN, Inches(1.6), width, Inches(1.3))
    look = LOOKS[tables.status_of(head["status"])]
    _say(
        verdict.paragraphs[0],
        f"{look.glyph} {head['status'].capitalize()}  ",
        18,
        _colour(head["status"]),
        bold=True,
    )
    _say(verdict.paragraphs[0], _short(document.passage("verdict"), LONGEST_LINE), 18, bold=True)
    if note := document.passage("note"):
        _say(verdict.add_paragraph(), _short(note, LONGEST_LINE), 14)
    half = (width - Inches(0.4)) // 2
    left = _box(slide, MARGIN, Inches(3.3), half, Inches(3.4))
    _heading(left, "Decisions needed")
    _lines(left, [_short(line, 130) for line in tables.decisions(document)], "No decision is needed.")
    right = _box(slide, MARGIN + half + Inches(0.4), Inches(3.3), half, Inches(3.4))
    _heading(right, "Next two weeks")
    coming = [
        _short(f"{row['name']}, due {tables.day(row['due'])}: {row['state']}", 130)
        for row in content["coming"]
    ]
    _lines(right, coming, "No milestone is due.")


def _lines(frame: Any, lines: Sequence[str], nothing: str, size: float = 14) -> None:
    shown = list(lines[:LINES_A_SLIDE]) or [nothing]
    if len(lines) > LINES_A_SLIDE:
        shown[-1] = f"and {len(lines) - LINES_A_SLIDE + 1} more"
    for line in shown:
        paragraph = frame.add_paragraph()
        paragraph.space_before = Pt(4)
        _say(paragraph, line, size)


def _metrics(deck: Any, document: Document) -> None:
    rows = [
        [row["name"], row["status"], row["baseline"], row["current"], row["target"], tables.factor(row), row["verdict"],
         f"{row['forecast']} (was {row['forecast_before']})"]
        for row in document.content["metrics"]
    ]  # fmt: skip
    columns = [
        "Metric",
        "Status",
        "Baseline",
        "Current",
        "Target",
        "Factor (95% interval)",
        "Verdict",
        "Forecast",
    ]
    shares = [2.4, 1.1, 1.1, 1.1, 1.5, 1.8, 1.4, 1.8]
    _tabled(deck, document, "Metrics against their baseline", columns, rows, shares, coloured=1)


def _tabled(
    deck: Any,
    document: Document,
    title: str,
    columns: list[str],
    rows: list[list[str]],
    shares: list[float],
    coloured: int,
) -> None:
    """A table over as many slides as it needs."""
    for start in range(0, len(rows), ROWS_A_SLIDE):
        part = rows[start : start + ROWS_A_SLIDE]
        more = (
            f" ({start // ROWS_A_SLIDE + 1} of {-(-len(rows) // ROWS_A_SLIDE)})"
            if len(rows) > ROWS_A_SLIDE
            else ""
        )
        slide = _slide(
            deck, document, title + more, "Each row comes from the snapshot's table of the same name."
        )
        width = deck.slide_width - 2 * MARGIN
        shape = slide.shapes.add_table(
            len(part) + 1, len(columns), MARGIN, Inches(1.4), width, Inches(0.5) * (len(part) + 1)
        )
        _plain_style(shape)
        for place, share in enumerate(shares):
            shape.table.columns[place].width = Emu(int(width * share / sum(shares)))
            _cell(shape.table.cell(0, place), columns[place], 11, QUIET, bold=True)
        for number, row in enumerate(part, start=1):
            for place, text in enumerate(row):
                colour = _colour(document_status(text)) if place == coloured else INK
                _cell(shape.table.cell(number, place), text, 11, colour, bold=place in (0, coloured))


def document_status(word: str) -> str:
    """The status word of a cell such as "At risk"."""
    return word[:1].lower() + word[1:]


def _cell(cell: Any, text: str, size: float, colour: RGBColor, *, bold: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(0.06)
    cell.vertical_anchor = MSO_ANCHOR.TOP
    _say(cell.text_frame.paragraphs[0], _short(text, LONGEST_CELL), size, colour, bold=bold)


def _plain_style(shape: Any) -> None:
    """No banding and no filled header: the table has to survive a print in grey."""
    style = shape._element.graphic.graphicData.tbl.tblPr
    style.find(qn("a:tableStyleId")).text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # "No Style, No Grid"
    shape.table.horz_banding = False


def _metric(deck: Any, document: Document, row: dict[str, Any]) -> None:
    source = (
        f"Source: {row['source'] or 'not given'}. Owner: {row['owner'] or 'none'}. Signature: {row['seal']}."
    )
    slide = _slide(deck, document, row["name"], f"{row['sentence']} {row['caveat'] or ''} {source}")
    told = _box(slide, MARGIN, Inches(1.15), deck.slide_width - 2 * MARGIN, Inches(0.95))
    _say(told.paragraphs[0], _short(row["sentence"], 330), 13)
    data = XyChartData(number_format="General")
    times = [_serial(at) for at, _, _ in row["chart"]["points"]]
    values = [value for _, value, _ in row["chart"]["points"]]
    measured = data.add_series(_plain(_short(row["name"], 60)))
    for at, value in zip(times, values, strict=True):
        measured.add_data_point(at, value)
    looks = [(BLUE, None, True)]
    for phase in row["chart"]["phases"]:
        for name in ("mean", "lower", "upper"):
            # What was never negative has no limit below nothing.
            level = phase[name] if phase[name] is None or min(values) < 0 else max(phase[name], 0.0)
            if level is not None:
                _level(data, name.capitalize(), level, _serial(phase["start"]), _serial(phase["end"]))
                looks.append((GREY, None if name == "mean" else MSO_LINE.DASH, False))
    if row["chart"]["target"] is not None:
        _level(data, "Target", row["chart"]["target"], times[0], times[-1])
        looks.append((GREEN, MSO_LINE.LONG_DASH, False))
    size = (MARGIN, Inches(2.1), deck.slide_width - 2 * MARGIN, deck.slide_height - Inches(2.65))
    graphic = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, *size, data)
    graphic._element.nvGraphicFramePr.cNvPr.set("descr", _plain(f"{row['name']}. {row['sentence']}"))
    _dress(graphic.chart, looks, times, row)


def _level(data: Any, name: str, value: float, start: float, end: float) -> None:
    series = data.add_series(name)
    for at in (start, end):
        series.add_data_point(at, value)


def _serial(at: str) -> float:
    """A moment as spreadsheets count it: days since 30 December 1899."""
    return (datetime.fromisoformat(at[:-1]) - datetime(1899, 12, 30)).total_seconds() / 86_400


def _dress(
    chart: Any, looks: list[tuple[RGBColor, Any, bool]], times: list[float], row: dict[str, Any]
) -> None:
    chart.has_title = False
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.font.size, chart.font.name = Pt(11), FONT
    days, values = chart.category_axis, chart.value_axis
    days.tick_labels.number_format, days.tick_labels.number_format_is_linked = "d mmm", False
    days.has_major_gridlines = False
    days.minimum_scale, days.maximum_scale = min(times) - 1, max(times) + 1
    values.major_gridlines.format.line.color.rgb = LINE
    values.has_title = True
    values.axis_title.text_frame.text = _plain(unit(row["unit"]).name)
    values.axis_title.text_frame.paragraphs[0].runs[0].font.size = Pt(11)
    for series, (colour, dash, marked) in zip(chart.plots[0].series, looks, strict=True):
        series.smooth = False
        series.format.line.color.rgb, series.format.line.width = colour, Pt(2 if marked else 1.25)
        if dash is not None:
            series.format.line.dash_style = dash
        series.marker.style = XL_MARKER_STYLE.CIRCLE if marked else XL_MARKER_STYLE.NONE
        if marked:
            series.marker.size = 6
            series.marker.format.fill.solid()
            series.marker.format.fill.fore_color.rgb = colour
    signals = [place for place, (_, _, signal) in enumerate(row["chart"]["points"]) if signal]
    for place in signals:
        point = chart.plots[0].series[0].points[place]
        point.marker.style, point.marker.size = XL_MARKER_STYLE.DIAMOND, 10
        point.marker.format.fill.solid()
        point.marker.format.fill.fore_color.rgb = RGBColor.from_string("C77700")


def _changes(deck: Any, document: Document) -> None:
    rows = [[row["kind"], row["about"], row["old"], row["new"]] for row in document.content["changes"]]
    columns = ["What", "About", document.content["since"] or "Before", "Now"]
    _tabled(deck, document, "What changed", columns, rows, [1.2, 3, 4, 4], coloured=-1)


def _exceptions(deck: Any, document: Document) -> None:
    slide = _slide(
        deck,
        document,
        "Exceptions, and what to know of the data",
        "Exceptions are computed; the lines are the lead's.",
    )
    width = deck.slide_width - 2 * MARGIN
    frame = _box(slide, MARGIN, Inches(1.25), width, Inches(3.4))
    _heading(frame, "Each with its owner's line")
    lines = [
        _short(f"{row['name']} ({row['status']}). {row['owner']}: {row['line']}", 190)
        for row in tables.exceptions(document)
    ]
    routine = tables.routine(document)
    _lines(frame, lines, "Nothing is out of the ordinary.", size=12)
    if routine:
        _say(frame.add_paragraph(), _short(routine, LONGEST_LINE), 12, QUIET)
    below = _box(slide, MARGIN, Inches(4.9), width, Inches(1.9))
    if voice := document.voice:
        _say(
            below.paragraphs[0], _short(f"“{voice['said']}” {voice['who']}, {voice['on']}", LONGEST_LINE), 12
        )
    for name, text in tables.data_notes(document):
        _say(below.add_paragraph(), _short(f"{name}: {text}", 210), 11, QUIET)


def _normalised(data: bytes) -> bytes:
    """The same file with the times of its members, and of those of the charts' workbooks, taken out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {member.filename: archive.read(member) for member in archive.infolist()}
    return zipped({
        name: _normalised(content) if name.endswith(".xlsx") else _without_times(name, content)
        for name, content in files.items()
    })  # fmt: skip


def _without_times(name: str, content: bytes) -> bytes:
    """A chart's workbook says when it was made."""
    if name != "docProps/core.xml" or b"headway" in content.lower():
        return content

    stamp = f"{EPOCH[0]}-01-01T00:00:00Z".encode()
    return re.sub(rb">\d{4}-\d\d-\d\dT[\d:]+Z<", b">" + stamp + b"<", content)

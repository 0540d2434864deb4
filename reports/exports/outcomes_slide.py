"""Baseline, now and target as a slide with native charts: one row a metric, its bar aligned with its numbers.

Metrics with a factor share a log scale of times better than the baseline; percentages, and measures without a factor,
have a linear scale of their own below. Each group is one native chart whose plot fills its frame, so that a bar lies
beside the words of its row.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Emu, Inches, Pt

from models.snapshot import SnapshotDocument
from reports.exports import week_facts
from reports.exports.four_slides_parts import (
    BOLD,
    BOTTOM,
    SIDE,
    TOP_OF_BODY,
    Grid,
    Paragraphs,
    add_line,
    add_paragraphs,
    cut_to_fit,
    place_grid,
    sentence_slide,
)
from reports.exports.slide_parts import INK, LINE, LINE_HEIGHT, QUIET, Column, colour_of, lines_of, xml_safe
from reports.exports.week_facts import TIMES, OutcomeBar, at_least_layout, cut, first_of, target_day

MAX_ROWS = 8
WIDEST, SMALLEST = 1.3, 10
"""How much wider than estimated a bold word may become; the size of words in points, down to which it isn't broken."""
PARTS = (0.23, 0.1, 0.25, 0.11, 0.14, 0.17)
"""Of the width: name, baseline, chart, now, target, proof."""
PARTS_OF_LAYOUT_3 = (0.24, 0.11, 0.27, 0.11, 0.11, 0.16)
HEADS = ("Outcome", "Baseline", "", "Now", "Target", "Proof")
SCALES = {True: "times better than baseline (log)", False: "linear, 0 to 100 %"}


def outcomes_slide(deck: Any, document: SnapshotDocument) -> None:
    """Add the slide of the outcomes; without any metric it shows what moves before outcomes do."""
    bars = week_facts.outcome_bars(document)
    rows, more = first_of(bars, MAX_ROWS)
    sources = "From each metric's baseline, newest value and target. " + " ".join(row.text for row in rows)
    page = sentence_slide(
        deck, document, week_facts.outcomes_title(document), "Outcomes against baseline", sources
    )
    width = deck.slide_width - 2 * SIDE
    if not rows:
        columns = [Column("What moves before outcomes do", 2), Column("Now", 1), Column("Before", 1)]
        leading = [[row["name"], row["now"], row["before"]] for row in document.content["leading"]]
        place_grid(
            page, Grid(columns, leading), SIDE, TOP_OF_BODY, width, deck.slide_height - BOTTOM - TOP_OF_BODY
        )
        return
    groups = [(kind, list(group)) for kind, group in groupby(rows, key=lambda row: row.kind == TIMES)]
    head = Inches(0.32)
    room = deck.slide_height - BOTTOM - TOP_OF_BODY - Inches(0.35) - head * len(groups)
    height = min(room // len(rows), Inches(0.85))
    top, larger = TOP_OF_BODY, 1.5 if at_least_layout(document, 4) else 0.0
    day = target_day([row.target for row in rows]) if at_least_layout(document, 4) else ""
    rows = [replace(row, target=row.target.replace(day, "")) for row in rows] if day else rows
    groups = [(kind, list(group)) for kind, group in groupby(rows, key=lambda row: row.kind == TIMES)]
    scales = {row["name"]: row["drawing"] for row in document.content["metrics"]}
    for times, group in groups:
        _heads(page, width, top, times, day, larger)
        _group(page, document, group, [scales[row.name] for row in group], width, top + head, height, larger)
        top += head + height * len(group)
    legend = "Bar: baseline to now. Open end of the outline: target. Confirmed: at least 6 to 1 that something changed."
    legend = f"and {more} more in the appendix. {legend}" if more else legend
    add_paragraphs(page, [(legend, 11, QUIET, False)], SIDE, top + Inches(0.05), width, Inches(0.3))


def _lefts(width: int, larger: float) -> list[tuple[int, int]]:
    lefts: list[tuple[int, int]] = []
    at = int(SIDE)
    for part in PARTS if larger else PARTS_OF_LAYOUT_3:
        lefts.append((at, int(width * part)))
        at += int(width * part)
    return lefts


def _heads(page: Any, width: int, top: int, times: bool, day: str, larger: float) -> None:
    for (left, wide), head in zip(_lefts(width, larger), HEADS, strict=True):
        text = head + day * (head == "Target") or SCALES[times]
        add_paragraphs(page, [(text, 11 + larger, QUIET, False)], left, top, wide, Inches(0.32))


def _group(
    page: Any,
    document: SnapshotDocument,
    rows: list[OutcomeBar],
    drawings: list[dict[str, Any]],
    width: int,
    top: int,
    height: int,
    larger: float,
) -> None:
    places = _lefts(width, larger)
    room = height - Inches(0.06) if larger else Inches(0.5)
    chart_left, chart_width = places[2][0], places[2][1] - Inches(0.15)
    for number, row in enumerate(rows):
        y = top + number * height
        add_line(page, (SIDE, y), (chart_left, y), LINE, 0.75)
        add_line(page, (chart_left + chart_width, y), (SIDE + width, y), LINE, 0.75)
        words = y + (height - Inches(0.5)) // 2 if not larger else y + Inches(0.03)
        texts = [(row.name, 14, INK, True), (row.baseline, 13, QUIET, False), None, (row.current, 14, INK, True),
                 (row.target, 13, QUIET, False), (row.proof, 12, colour_of(row.status), True)]  # fmt: skip
        for (left, wide), text in zip(places, texts, strict=True):
            if text is not None:
                what, size, colour, bold = text
                shown, points = cut(what, 60), float(size)
                part: float | None = None
                if larger and what == row.name:
                    shown, points = _in_two_lines(shown, size + larger, wide, room)
                    part = 1.0  # What is cut to fit isn't drawn smaller as well.
                elif larger:
                    points = _size_of_words(shown, size + larger, wide)
                lines: Paragraphs = [(shown, points, colour, bold)]
                add_paragraphs(page, lines, left, words, wide - Inches(0.05), room, part=part)
                if larger:
                    page.shapes[-1].text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    _chart(page, document, rows, drawings, (chart_left, top, chart_width, height * len(rows)))


def _in_two_lines(name: str, size: float, width: int, room: int) -> tuple[str, float]:
    """Return a bold name in at most two lines, its end left out, and the size at which two lines are at most `room` high;
    a name of one line keeps its `size`."""
    if lines_of(name, size * BOLD, width) > 1:
        size = min(size, (room - Inches(0.05)) / Pt(2 * LINE_HEIGHT))
        name = cut_to_fit(name, size * BOLD, width, 2)
    return name, _size_of_words(name, round(size, 1), width)


def _size_of_words(text: str, size: float, width: int) -> float:
    """Return the size at which no word is broken, in whatever font it is; `size` at most."""
    while size > SMALLEST and any(lines_of(word, size * WIDEST, width) > 1 for word in text.split()):
        size -= 0.5
    return size


def _chart(
    page: Any,
    document: SnapshotDocument,
    rows: list[OutcomeBar],
    drawings: list[dict[str, Any]],
    place: tuple[int, int, int, int],
) -> None:
    """A native bar chart: "Now" filled in the colour of the status, "Target" an outline around it."""
    times = rows[0].kind == TIMES
    chart_data: Any = CategoryChartData
    data = chart_data(number_format="0.0")
    data.categories = [xml_safe(cut(row.name, 60)) for row in rows]
    data.add_series("Target", [drawing["goal"] for drawing in drawings])
    data.add_series("Now", [drawing["now"] for drawing in drawings])
    if not times:
        data.add_series("Baseline", [drawing["start"] for drawing in drawings])
    frame = page.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *map(Emu, place), data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", xml_safe(" ".join(row.text for row in rows)[:2_000]))
    chart = frame.chart
    chart.has_legend = chart.has_title = False
    low, high = week_facts.times_range(document.content["metrics"]) if times else (0, 100)
    _axes(chart, low, high, times)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 110, 100
    for number, series in enumerate(plot.series):
        series.format.fill.background()
        if number == 0:
            series.format.line.color.rgb, series.format.line.width = QUIET, Pt(1.25)
        elif number == 1:
            _fill_now(series, rows, drawings)
        else:
            series.format.line.color.rgb, series.format.line.width = INK, Pt(1)
    _fill_the_frame(chart)


def _fill_now(series: Any, rows: list[OutcomeBar], drawings: list[dict[str, Any]]) -> None:
    for place, (row, drawing) in enumerate(zip(rows, drawings, strict=True)):
        if drawing["now"] is None:
            continue
        point = series.points[place]
        point.format.fill.solid()
        point.format.fill.fore_color.rgb = colour_of(row.status)
        point.format.line.fill.background()


def _axes(chart: Any, low: float, high: float, times: bool) -> None:
    categories, values = chart.category_axis, chart.value_axis
    categories.reverse_order = True
    categories.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    categories.major_tick_mark = XL_TICK_MARK.NONE
    categories.format.line.color.rgb = QUIET
    values.minimum_scale, values.maximum_scale = low, high
    values.has_major_gridlines = False
    values.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    values.major_tick_mark = XL_TICK_MARK.NONE
    values.format.line.fill.background()
    if times:
        values._element.find("{*}scaling").insert(0, parse_xml(f'<c:logBase {nsdecls("c")} val="10"/>'))
        # Bars begin at the baseline: at 1 time, so that what got worse goes to the left.
        crosses = categories._element.find("{*}crosses")
        at = parse_xml(f'<c:crossesAt {nsdecls("c")} val="1"/>')
        categories._element.replace(crosses, at)


def _fill_the_frame(chart: Any) -> None:
    """The plot takes the whole frame, so that each bar lies in its row."""
    area = chart._chartSpace.chart.plotArea
    old = area.find("{*}layout")
    layout = parse_xml(
        f'<c:layout {nsdecls("c")}><c:manualLayout><c:layoutTarget val="inner"/>'
        '<c:xMode val="edge"/><c:yMode val="edge"/>'
        '<c:x val="0.01"/><c:y val="0"/><c:w val="0.9"/><c:h val="1"/></c:manualLayout></c:layout>'
    )
    if old is not None:
        area.replace(old, layout)
    else:
        area.insert(0, layout)

"""A metric on a slide: its numbers in words, and its process behaviour as a native chart that can be edited.

PowerPoint draws it and chooses its ticks; the segments are those of page and paper (`reports.charts.segments`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pptx.chart.data import XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Emu, Inches, Pt

from models.snapshot import SnapshotDocument
from models.units import unit
from models.wording import upper_first
from reports.charts.segments import OwnBand, Segment, own_bands, segments
from reports.exports import tables
from reports.exports.slide_parts import (
    AMBER,
    BLUE,
    FONT,
    GREEN,
    GREY,
    INK,
    LINE,
    MARGIN,
    QUIET,
    add_run,
    box,
    shorten_to_fit,
    slide,
    xml_safe,
)  # fmt: skip
from reports.exports.week_facts import at_least_layout

TEXT_SIZE, CHART_TOP, MAX_LINES = 14, Inches(2.15), 4
xy_chart_data: Callable[..., Any] = XyChartData
MAX_NAME = 60
"""Letters of a name in the legend."""


@dataclass(frozen=True)
class Series:
    """A series of a chart: its points as (day, value), its line, its marks, and whether the legend names it."""

    name: str
    points: list[tuple[float, float]]
    colour: RGBColor
    width: float = 0
    dash: Any = None
    marker: Any = None
    in_legend: bool = True


def metric(deck: Any, document: SnapshotDocument, row: dict[str, Any]) -> None:
    """Add the slide of a metric that has points."""
    source = (
        f"Source: {row['source'] or 'not given'}. Owner: {row['owner'] or 'none'}. Signature: {row['seal']}."
    )
    begun = [phase["cause"] for phase in row["chart"]["phases"] if phase["cause"]]
    causes = f" Phases begin with: {'; '.join(begun)}." if begun else ""
    page = slide(deck, document, row["name"], f"{row['sentence']} {row['caveat'] or ''} {source}{causes}")
    width = deck.slide_width - 2 * MARGIN
    text = box(page, MARGIN, Inches(1.1), width, CHART_TOP - Inches(1.1))
    numbers = f"{row['baseline']} → {row['current']}, target {row['target']}."
    if row["factor"] != tables.NONE or row["interval"] or not at_least_layout(document, 3):
        numbers += f" {upper_first(tables.factor(row))}."
    add_run(text.paragraphs[0], shorten_to_fit(numbers, TEXT_SIZE, width, 1), TEXT_SIZE, bold=True)
    add_run(
        text.add_paragraph(),
        shorten_to_fit(row["sentence"], TEXT_SIZE - 2, width, MAX_LINES - 1),
        TEXT_SIZE - 2,
        QUIET,
    )
    row = tables.localised(document, row)
    drawn = _series(row)
    data = xy_chart_data(number_format="General")
    for each in drawn:
        series = data.add_series(each.name)
        for at, value in each.points:
            series.add_data_point(at, value)
    place = (MARGIN, CHART_TOP, width, deck.slide_height - CHART_TOP - Inches(0.55))
    graphic = page.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, *map(Emu, place), data)
    graphic._element.nvGraphicFramePr.cNvPr.set("descr", xml_safe(f"{row['name']}. {row['sentence']}"))
    _axes(graphic.chart, row, drawn[0].points)
    _dress(graphic.chart, drawn)
    for position, (_, _, signal) in enumerate(row["chart"]["points"]):
        if signal:  # or the calm point's dot lies upon the signal's diamond
            graphic.chart.plots[0].series[0].points[position].marker.style = XL_MARKER_STYLE.NONE
    for position, (_, _, small) in enumerate(row["chart"].get("limits", [])):
        if small and not row["chart"]["points"][position][2]:
            _grey(graphic.chart.plots[0].series[0].points[position].marker)


def _series(row: dict[str, Any]) -> list[Series]:
    """Return the points, each phase's mean and limits, the target, and the signals among the points."""
    chart = row["chart"]
    points = [(_serial(at), value) for at, value, _ in chart["points"]]
    signals = [point for point, (_, _, signal) in zip(points, chart["points"], strict=True) if signal]
    name = xml_safe(tables.short(row["name"], MAX_NAME))
    series = [Series(name, points, BLUE, 2, marker=XL_MARKER_STYLE.CIRCLE)]
    phases = _segments(chart["phases"], points)
    for number, phase in enumerate(phases):
        for level, value in phase.levels().items():
            if level != "mean" and not _has_limits(phase):
                continue
            named = "Mean" if level == "mean" else "Limits"
            dash = None if level == "mean" else MSO_LINE.DASH
            ends = [(phase.start, value), (phase.end, value)]
            in_legend = number == 0 and level != "upper"
            series.append(Series(named, ends, GREY, 1.25, dash, in_legend=in_legend))
    series += _limits_of_points(chart, points, phases)
    if chart["target"] is not None:
        ends = [(at, chart["target"]) for at in (points[0][0], points[-1][0])]
        series.append(Series("Target", ends, GREEN, 2, MSO_LINE.LONG_DASH))
    if signals:
        series.append(Series("Signal", signals, AMBER, marker=XL_MARKER_STYLE.DIAMOND))
    return series


def _limits_of_points(
    chart: dict[str, Any], points: list[tuple[float, float]], phases: list[Segment]
) -> list[Series]:
    """Return the limits that points have of their own, as two lines in steps; none where no point has any."""
    limits = [(lower, upper) for lower, upper, _ in chart.get("limits", [])]
    if not limits:
        return []
    non_negative = min(value for _, value in points) >= 0
    bands = own_bands([at for at, _ in points], limits, phases, non_negative=non_negative)
    series: list[Series] = []
    for run in _connected(bands):
        for level in ("lower", "upper"):
            ends = [(at, float(getattr(band, level))) for band in run for at in (band.start, band.end)]
            in_legend = not series and not _has_limits(phases[0])
            series.append(Series("Limits", ends, GREY, 1.25, MSO_LINE.DASH, in_legend=in_legend))
    return series


def _has_limits(phase: Segment) -> bool:
    """Return whether a phase has limits that are those of all of its points."""
    return phase.lower is not None and not phase.sampled


def _connected(bands: list[OwnBand]) -> list[list[OwnBand]]:
    """Return the bands in runs that follow each other without a gap."""
    runs: list[list[OwnBand]] = []
    for band in bands:
        if runs and runs[-1][-1].end == band.start:
            runs[-1].append(band)
        else:
            runs.append([band])
    return runs


def _segments(phases: list[dict[str, Any]], points: list[tuple[float, float]]) -> list[Segment]:
    timed = [phase | {name: _serial(phase[name]) for name in ("start", "end", "frozen")} for phase in phases]
    non_negative = min(value for _, value in points) >= 0
    return segments(timed, points[0][0], points[-1][0], non_negative=non_negative)


def _serial(at: str) -> float:
    """Return a moment as spreadsheets count it: days since 30 December 1899."""
    return (datetime.fromisoformat(at[:-1]) - datetime(1899, 12, 30)).total_seconds() / 86_400


def _axes(chart: Any, row: dict[str, Any], points: list[tuple[float, float]]) -> None:
    chart.has_title = False
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.font.size, chart.font.name, chart.font.color.rgb = Pt(12), FONT, INK
    days, values = chart.category_axis, chart.value_axis
    days.tick_labels.number_format, days.tick_labels.number_format_is_linked = "d mmm", False
    days.has_major_gridlines = False
    days.minimum_scale, days.maximum_scale = points[0][0] - 1, points[-1][0] + 1
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = "#,##0.##", False
    values.major_gridlines.format.line.color.rgb = LINE
    values.format.line.fill.background()
    values.has_title = True
    values.axis_title.text_frame.text = xml_safe(unit(row["unit"]).name)
    values.axis_title.text_frame.paragraphs[0].runs[0].font.size = Pt(12)


def _dress(chart: Any, drawn: list[Series]) -> None:
    for series, look in zip(chart.plots[0].series, drawn, strict=True):
        series.smooth = False
        if look.width:
            series.format.line.color.rgb, series.format.line.width = look.colour, Pt(look.width)
        else:
            series.format.line.fill.background()
        if look.dash is not None:
            series.format.line.dash_style = look.dash
        series.marker.style = look.marker or XL_MARKER_STYLE.NONE
        if look.marker:
            series.marker.size = 6 if look.width else 11
            series.marker.format.fill.solid()
            series.marker.format.fill.fore_color.rgb = look.colour
            series.marker.format.line.color.rgb = look.colour if look.width else INK
    for position, look in enumerate(drawn):
        if not look.in_legend:
            _remove_from_legend(chart.legend, position)


def _grey(marker: Any) -> None:
    """Show that a point sums up few observations."""
    marker.style, marker.size = XL_MARKER_STYLE.CIRCLE, 6
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = marker.format.line.color.rgb = GREY


def _remove_from_legend(legend: Any, position: int) -> None:
    """Take a series out of the legend, which has its name from another phase."""
    entry, index, gone = (OxmlElement(f"c:{name}") for name in ("legendEntry", "idx", "delete"))
    index.set("val", str(position))
    gone.set("val", "1")
    entry.extend([index, gone])
    legend._element.find("{*}legendPos").addnext(entry)

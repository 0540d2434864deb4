"""A metric's process behaviour drawn for paper, as SVG: quick enough for forty of them, and told apart in grey.

It draws what the page's chart draws, from the same data and the same geometry (`reports.charts`): the band of routine
variation (light where its limits are only held against), the mean, the points, signals as diamonds, the target, and a
rule where a phase began, with its cause. A frozen week's PDF has to keep its bytes: change no number here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from analysis.downsample import downsample
from models.units import unit
from reports.charts import theme, time_axis
from reports.charts.scales import Scale
from reports.charts.segments import OwnBand, Segment, causes, own_bands, segments
from reports.charts.value_axis import ValueAxis, unit_above, value_axis

WIDTH, HEIGHT = 330, 112
TOP, RIGHT, BOTTOM = 14, 8, 15
SIZE, LETTER = 8.5, 4.7
"""Of a label: its size, and how wide a letter is on average."""
INK, QUIET, GRID = "#0F1722", "#4B5665", "#E3E7EC"
BAND, HELD, EDGE = "#CBD2DB", "#E8EBEF", "#8A94A1"
MAX_IN_LINE, MAX_DOTS = 600, 120
MAX_CAUSE = 44
"""Letters of a cause that are written."""
HALF_A_DATE = 16
NOON = 43_200


@dataclass(frozen=True)
class Plot:
    """Where moments (seconds since 1970) and values lie in the picture, in its units; `left` is where the plot begins."""

    left: float
    time: Scale
    axis: ValueAxis

    def x(self, at: float) -> float:
        return self.time.along(at, self.left, WIDTH - RIGHT)

    def y(self, value: float) -> float:
        return self.axis.scale.along(value, HEIGHT - BOTTOM, TOP)


def process_behaviour_svg(row: dict[str, Any], font: str) -> bytes:
    """Return the picture of a metric's row that has points (`reports.review.series.metric_row`), its text in `font`."""
    chart = row["chart"]
    times = np.array([_seconds(at) for at, _, _ in chart["points"]])
    values = np.array([value for _, value, _ in chart["points"]], dtype=float)
    signals = [bool(signal) for _, _, signal in chart["points"]]
    phases = _segments(chart["phases"], times, float(values.min()) >= 0)
    # Frozen weeks were drawn without allowing for rounding, and have to keep their bytes.
    own = _own_bands(chart, times, phases, float(values.min()) >= 0)
    axis = value_axis(_drawn_values(values, phases, own, chart["target"]), unit(row["unit"]), rounding=0.0)
    left = max(len(axis.text(level)) for level in axis.levels) * LETTER + 8
    plot = Plot(left, time_axis.scale(float(times[0]), float(times[-1]), time_axis.HALF_A_DAY_S), axis)
    parts = [
        *_grid(plot), *_dates(plot), *_bands(plot, phases), *_bands_of_points(plot, own),
        *_target(plot, chart["target"], row["target"], values), *_points(plot, times, values, signals, _small(chart)),
        *_causes(plot, [phase for phase in phases if phase.begins]),
    ]  # fmt: skip
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'{head} font-family={quoteattr(font)} font-size="{SIZE}">{"".join(parts)}</svg>'.encode()


def needs_unit(row: dict[str, Any]) -> bool:
    """Return whether the numbers of its axis don't name their unit themselves."""
    return bool(unit_above(unit(row["unit"])))


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at[:-1]).replace(tzinfo=UTC).timestamp()


def _segments(phases: list[dict[str, Any]], times: np.ndarray, non_negative: bool) -> list[Segment]:
    timed = [phase | {name: _seconds(phase[name]) for name in ("start", "end", "frozen")} for phase in phases]
    return segments(timed, float(times[0]), float(times[-1]), non_negative=non_negative)


def _own_bands(
    chart: dict[str, Any], times: np.ndarray, phases: list[Segment], non_negative: bool
) -> list[OwnBand]:
    """The limits that points have of their own; weeks that were frozen without them have none."""
    limits = [(lower, upper) for lower, upper, _ in chart.get("limits", [])]
    return own_bands(times.tolist(), limits, phases, non_negative=non_negative) if limits else []


def _small(chart: dict[str, Any]) -> list[bool]:
    """Whether each point sums up few observations."""
    return [small for _, _, small in chart.get("limits", [])] or [False] * len(chart["points"])


def _drawn_values(
    values: np.ndarray, phases: list[Segment], own: list[OwnBand], target: float | None
) -> list[float]:
    levels = [level for phase in phases for level in phase.levels().values()]
    limits = [limit for band in own for limit in (band.lower, band.upper)]
    return [*values, *levels, *limits, *([] if target is None else [target])]


def _grid(plot: Plot) -> Iterator[str]:
    for level in plot.axis.levels:
        y = plot.y(level)
        yield _line(plot.left, y, WIDTH - RIGHT, y, GRID, 0.6)
        yield _text(plot.left - 5, y + 3, plot.axis.text(level), fill=QUIET, anchor="end")


def _dates(plot: Plot) -> Iterator[str]:
    """Days below the plot, counted back from the last one."""
    first, last = (datetime.fromtimestamp(at, UTC).date() for at in (plot.time.low, plot.time.high))
    for day, text in time_axis.day_ticks(first, last - timedelta(days=1)).items():
        at = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + NOON
        if plot.left <= (x := plot.x(at)) <= WIDTH - HALF_A_DATE:
            yield _line(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 3, EDGE, 0.6)
            yield _text(x, HEIGHT - 3, text, fill=QUIET, anchor="middle")


def _bands(plot: Plot, phases: list[Segment]) -> Iterator[str]:
    for phase in phases:
        if phase.lower is not None and phase.upper is not None and not phase.sampled:
            top, bottom = plot.y(phase.upper), plot.y(phase.lower)
            for start, end, held in phase.bands():
                yield _rectangle(plot.x(start), top, plot.x(end), bottom, HELD if held else BAND)
            for edge in (top, bottom):
                yield _line(plot.x(phase.start), edge, plot.x(phase.end), edge, EDGE, 0.6, "1.5 2")
        if phase.mean is not None:
            y = plot.y(phase.mean)
            yield _line(plot.x(phase.start), y, plot.x(phase.end), y, QUIET, 1.2)


def _bands_of_points(plot: Plot, own: list[OwnBand]) -> Iterator[str]:
    """The limits of each point that has its own, and their edges."""
    for band in own:
        start, end, top, bottom = plot.x(band.start), plot.x(band.end), plot.y(band.upper), plot.y(band.lower)
        yield _rectangle(start, top, end, bottom, HELD if band.held else BAND)
        for edge in (top, bottom):
            yield _line(start, edge, end, edge, EDGE, 0.6, "1.5 2")


def _target(plot: Plot, target: float | None, text: str, values: np.ndarray) -> Iterator[str]:
    """Its line, and its text on the side of it where there is room, away from the points."""
    if target is None:
        return
    y, right = plot.y(target), WIDTH - RIGHT
    yield _line(plot.left, y, right, y, theme.GREEN, 1.6, "5 3")
    above = y - 3.5
    below = y + SIZE + 1
    crowded_above = sum(plot.y(value) < y for value in values) * 2 > len(values)
    chosen = below if (crowded_above and below < HEIGHT - BOTTOM - 2) or above < TOP - 2 else above
    yield _text(plot.left + 3, chosen, f"Target {text}", weight=700, halo=True)


def _points(
    plot: Plot, times: np.ndarray, values: np.ndarray, signals: list[bool], small: list[bool]
) -> Iterator[str]:
    """The line through the points; signals as diamonds, the others as dots, grey where they sum up few observations."""
    in_line = downsample(values, MAX_IN_LINE)
    line = " ".join(
        f"{plot.x(at):.1f},{plot.y(value):.1f}"
        for at, value in zip(times[in_line], values[in_line], strict=True)
    )
    yield f'<polyline points="{line}" fill="none" stroke="{theme.BLUE}" stroke-width="1.1"/>'
    for at, value, signal, few in zip(times, values, signals, small, strict=True):
        x, y = plot.x(at), plot.y(value)
        if signal:
            corners = f"M{x:.1f} {y - 4.4:.1f}l4.4 4.4l-4.4 4.4l-4.4 -4.4z"
            yield f'<path d="{corners}" fill="{theme.AMBER}" stroke="{INK}" stroke-width="0.7"/>'
        elif len(values) <= MAX_DOTS:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.1" fill="{EDGE if few else theme.BLUE}"/>'


def _causes(plot: Plot, begun: list[Segment]) -> Iterator[str]:
    """A rule where each phase began; its cause above the plot, where the one before leaves room for it."""
    places = [(plot.x(phase.start), _short(phase.cause)) for phase in begun]
    written = {cause.place: cause for cause in causes(places, LETTER, plot.left, WIDTH - RIGHT)}
    for x, _ in places:
        yield _line(x, TOP - 3, x, HEIGHT - BOTTOM, INK, 0.9, "1.5 2")
        if cause := written.pop(x, None):
            yield _text(x, TOP - 5, cause.text, weight=700, anchor="end" if cause.late else "start")


def _short(text: str) -> str:
    text = "".join(character for character in text if character >= " ")
    return text if len(text) <= MAX_CAUSE else f"{text[: MAX_CAUSE - 1].rstrip()}…"


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {place} stroke="{stroke}" stroke-width="{width}"{dashed}/>'


def _rectangle(x1: float, y1: float, x2: float, y2: float, fill: str) -> str:
    return f'<rect x="{x1:.1f}" y="{y1:.1f}" width="{x2 - x1:.1f}" height="{y2 - y1:.1f}" fill="{fill}"/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    fill: str = INK,
    anchor: str = "start",
    weight: int = 400,
    halo: bool = False,
) -> str:
    """Text, where `halo` asks for it on white that keeps lines behind it apart."""
    behind = (
        ' stroke="#FFFFFF" stroke-width="2.4" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    )
    look = f'fill="{fill}" text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}{behind}>{escape(text)}</text>'

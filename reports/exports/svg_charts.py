"""A metric's process behaviour drawn for paper, as SVG: quick enough for forty of them, and told apart in grey.

It draws what the page's chart draws, from the same data: the band of routine variation (light where its limits are
only held against), the mean, the points, signals as diamonds, the target, and a rule where a phase began, with its cause.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from analysis.downsample import downsample
from models.units import Unit, unit
from models.wording import day_month
from reports.charts import theme
from reports.charts.value_axis import in_seconds

WIDTH, HEIGHT = 330, 112
TOP, RIGHT, BOTTOM = 14, 8, 15
SIZE, LETTER = 8.5, 4.7
"""Of a label: its size, and how wide a letter is on average."""
INK, QUIET, GRID = "#0F1722", "#4B5665", "#E3E7EC"
BAND, HELD, EDGE = "#CBD2DB", "#E8EBEF", "#8A94A1"
TICKS = 5
MOST_DATES = 6
MOST_IN_LINE, MOST_DOTS = 600, 120
LONGEST_CAUSE = 44
FLAT_ROOM, ROOM = 0.5, 0.06
"""Room beside the values: of a series that doesn't vary, and of one that does."""
LATE = 0.6
"""Part of the width after which a phase's cause stands left of its beginning."""
_CLOCK = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200]
_SECONDS += [86_400 * days for days in (1, 2, 5, 10, 20, 50, 100, 200)]
_DAYS = [1, 2, 7, 14, 28, 56, 91, 182, 365]


@dataclass(frozen=True)
class Plot:
    """Where moments (seconds since 1970) and values lie in the picture, in its units; `left` is where the plot begins."""

    left: float
    first: float
    last: float
    low: float
    high: float

    def x(self, at: float) -> float:
        room = WIDTH - RIGHT - self.left
        return self.left + room * (at - self.first) / (self.last - self.first)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - self.low) / (self.high - self.low)


def process_behaviour_svg(row: dict[str, Any], font: str) -> bytes:
    """The picture of a metric's row that has points (`reports.review.series.metric_row`), its words set in `font`."""
    measure, chart = unit(row["unit"]), row["chart"]
    times = np.array([_moment(at) for at, _, _ in chart["points"]])
    values = np.array([value for _, value, _ in chart["points"]], dtype=float)
    signals = [bool(signal) for _, _, signal in chart["points"]]
    phases = [_phase(phase, float(values.min()) >= 0) for phase in chart["phases"]]
    ticks, say = _ticks(measure, _known(values, phases, chart["target"]))
    words = [say(tick) for tick in ticks]
    room = max(float(times[-1] - times[0]) * 0.02, 43_200.0)
    left = max(len(word) for word in words) * LETTER + 8
    plot = Plot(left, float(times[0]) - room, float(times[-1]) + room, ticks[0], ticks[-1])
    parts = [
        *_grid(plot, ticks, words), *_dates(plot), *_bands(plot, phases),
        *_target(plot, chart["target"], row["target"], values), *_points(plot, times, values, signals),
        *_causes(plot, phases[1:]),
    ]  # fmt: skip
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'{head} font-family={quoteattr(font)} font-size="{SIZE}">{"".join(parts)}</svg>'.encode()


def needs_unit(row: dict[str, Any]) -> bool:
    """Whether the numbers of its axis don't say their unit themselves."""
    return not _says_itself(unit(row["unit"]))


def _says_itself(measure: Unit) -> bool:
    return measure.per is None and measure.kind in ("time", "share", "money")


def _moment(at: str) -> float:
    return datetime.fromisoformat(at[:-1]).replace(tzinfo=UTC).timestamp()


def _phase(phase: dict[str, Any], positive: bool) -> dict[str, Any]:
    """A phase with its moments as numbers; what was never negative has no limit below nothing."""
    lower = phase["lower"] if phase["lower"] is None or not positive else max(phase["lower"], 0.0)
    return phase | {name: _moment(phase[name]) for name in ("start", "end", "frozen")} | {"lower": lower}


def _known(values: np.ndarray, phases: list[dict[str, Any]], target: float | None) -> list[float]:
    levels = [phase[name] for phase in phases for name in ("lower", "mean", "upper")]
    return [*values, *(level for level in [*levels, target] if level is not None)]


def _ticks(measure: Unit, known: list[float]) -> tuple[list[float], Callable[[float], str]]:
    """Round numbers around all that is drawn, in the metric's unit, and how one is said."""
    low, high = min(known), max(known)
    room = (high - low) * ROOM or abs(high) * FLAT_ROOM or 1.0
    low, high = (0.0 if 0 <= low < room * 4 else low - room), high + room
    scale = float(measure.size) if in_seconds(measure) else 1.0
    step = _step((high - low) * scale / TICKS, _SECONDS if in_seconds(measure) else []) / scale
    numbers = range(math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9) + 1)
    ticks = [round(number * step, 12) for number in numbers]
    if in_seconds(measure):
        return ticks, _on_a_clock(step * scale, scale)
    distinct = len({measure.format(tick) for tick in ticks}) == len(ticks)  # it says three digits of a number
    return ticks, measure.format if _says_itself(measure) and distinct else lambda tick: f"{tick:,.10g}"


def _on_a_clock(step: float, scale: float) -> Callable[[float], str]:
    """Ticks in the largest unit that their step is a whole number of: 30 min, 60 min, 90 min."""
    name, size = next((named for named in _CLOCK.items() if step % named[1] == 0), ("s", 1))
    return lambda tick: f"{round(tick * scale / size, 9):,.10g} {name}"


def _step(least: float, steps: list[int]) -> float:
    """The smallest round step from `least` on: of a clock's or a calendar's where `steps` are given."""
    if steps and steps[0] <= least <= steps[-1]:
        return next(step for step in steps if step >= least)
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= least * 0.999)


def _grid(plot: Plot, ticks: list[float], words: list[str]) -> Iterator[str]:
    for tick, word in zip(ticks, words, strict=True):
        y = plot.y(tick)
        yield _line(plot.left, y, WIDTH - RIGHT, y, GRID, 0.6)
        yield _text(plot.left - 5, y + 3, word, fill=QUIET, anchor="end")


def _dates(plot: Plot) -> Iterator[str]:
    """Days below the plot, at most `MOST_DATES`, counted back from the last one."""
    first, last = (datetime.fromtimestamp(at, UTC).date() for at in (plot.first, plot.last))
    step = next((step for step in _DAYS if (last - first).days / step <= MOST_DATES), _DAYS[-1])
    day, half = last - timedelta(days=1), 16
    while day >= first:
        at = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + 43_200
        if plot.left <= (x := plot.x(at)) <= WIDTH - half:
            yield _line(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 3, EDGE, 0.6)
            yield _text(x, HEIGHT - 3, day_month(day), fill=QUIET, anchor="middle")
        day -= timedelta(days=step)


def _bands(plot: Plot, phases: list[dict[str, Any]]) -> Iterator[str]:
    for phase in phases:
        first, last = max(phase["start"], plot.first), min(phase["end"], plot.last)
        until = min(max(phase["frozen"], first), last)
        if phase["lower"] is not None and phase["upper"] is not None:
            top, bottom = plot.y(phase["upper"]), plot.y(phase["lower"])
            for start, end, fill in ((first, until, BAND), (until, last, HELD)):
                if end > start:
                    yield _rectangle(plot.x(start), top, plot.x(end), bottom, fill)
            for edge in (top, bottom):
                yield _line(plot.x(first), edge, plot.x(last), edge, EDGE, 0.6, "1.5 2")
        if phase["mean"] is not None:
            yield _line(plot.x(first), plot.y(phase["mean"]), plot.x(last), plot.y(phase["mean"]), QUIET, 1.2)


def _target(plot: Plot, target: float | None, said: str, values: np.ndarray) -> Iterator[str]:
    """Its line, and its words on the side of it where there is room, away from the points."""
    if target is None:
        return
    y, right = plot.y(target), WIDTH - RIGHT
    yield _line(plot.left, y, right, y, theme.GREEN, 1.6, "5 3")
    above = y - 3.5
    below = y + SIZE + 1
    near = sum(plot.y(value) < y for value in values) * 2 > len(values)
    chosen = below if (near and below < HEIGHT - BOTTOM - 2) or above < TOP - 2 else above
    yield _text(plot.left + 3, chosen, f"Target {said}", weight=700, halo=True)


def _points(plot: Plot, times: np.ndarray, values: np.ndarray, signals: list[bool]) -> Iterator[str]:
    kept = downsample(values, MOST_IN_LINE)
    line = " ".join(
        f"{plot.x(at):.1f},{plot.y(value):.1f}" for at, value in zip(times[kept], values[kept], strict=True)
    )
    yield f'<polyline points="{line}" fill="none" stroke="{theme.BLUE}" stroke-width="1.1"/>'
    for at, value, signal in zip(times, values, signals, strict=True):
        x, y = plot.x(at), plot.y(value)
        if signal:
            corners = f"M{x:.1f} {y - 4.4:.1f}l4.4 4.4l-4.4 4.4l-4.4 -4.4z"
            yield f'<path d="{corners}" fill="{theme.AMBER}" stroke="{INK}" stroke-width="0.7"/>'
        elif len(values) <= MOST_DOTS:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.1" fill="{theme.BLUE}"/>'


def _causes(plot: Plot, begun: list[dict[str, Any]]) -> Iterator[str]:
    """A rule where each phase began; its cause above the plot, where the one before leaves room for it."""
    taken = plot.left
    for phase in begun:
        x = plot.x(max(phase["start"], plot.first))
        yield _line(x, TOP - 3, x, HEIGHT - BOTTOM, INK, 0.9, "1.5 2")
        words = _short(phase["cause"] or "")
        wide, late = len(words) * LETTER, x > plot.left + LATE * (WIDTH - RIGHT - plot.left)
        starts = x - wide if late else x
        if words and starts >= taken:
            yield _text(x, TOP - 5, words, weight=700, anchor="end" if late else "start")
            taken = starts + wide + LETTER


def _short(text: str) -> str:
    text = "".join(character for character in text if character >= " ")
    return text if len(text) <= LONGEST_CAUSE else f"{text[: LONGEST_CAUSE - 1].rstrip()}…"


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {place} stroke="{stroke}" stroke-width="{width}"{dashed}/>'


def _rectangle(x1: float, y1: float, x2: float, y2: float, fill: str) -> str:
    return f'<rect x="{x1:.1f}" y="{y1:.1f}" width="{x2 - x1:.1f}" height="{y2 - y1:.1f}" fill="{fill}"/>'


def _text(
    x: float,
    y: float,
    words: str,
    *,
    fill: str = INK,
    anchor: str = "start",
    weight: int = 400,
    halo: bool = False,
) -> str:
    """Words, where `halo` says so on white that keeps lines behind them apart."""
    behind = (
        ' stroke="#FFFFFF" stroke-width="2.4" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    )
    look = f'fill="{fill}" text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}{behind}>{escape(words)}</text>'

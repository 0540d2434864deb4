"""A metric as a process, as HTML marks: the band its values vary in, its mean, its signals, and one segment a phase with
its cause.

Its geometry (`segments`, `time_axis`, `value_axis`) is also that of paper, slides and the explored chart.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.downsample import downsample
from analysis.series_analysis import SeriesAnalysis
from models.units import Unit
from reports.charts import components, theme, time_axis
from reports.charts.components import mark, stretch
from reports.charts.scales import Scale
from reports.charts.segments import Cause, OwnBand, Segment, causes, segments
from reports.charts.segments import own_bands as bands_of_points
from reports.charts.theme import Mark
from reports.charts.value_axis import ValueAxis, log_value_axis, value_axis

POINT_COLUMNS = ["at", "value", "signal"]
PHASE_COLUMNS = ["start", "end", "frozen", "mean", "lower", "upper", "cause"]
HEIGHT = 280
MAX_POINTS = 2000
"""Of more points the latest are drawn."""
MAX_IN_LINE = 300
"""Above this many points the line is drawn through those that give it its shape."""
MIN_IN_LINE = 4
MAX_DOTS = 300
"""Above this many points, signals and the line are drawn, and no dots."""
TOP, BOTTOM = 22, 24
"""Pixels of the causes above the plot and of the dates below it."""
STRIP_HEIGHT, STRIP_GAP = 44, 4
"""Pixels of the small line of all points below a chart that can be explored, and between it and the dates."""
DETAILS = {"n": "n", "Note": "note"}
"""The further lines of a point's tooltip: the name of each, and its column."""
CAUSE_WIDTH = 480
"""Pixels of a plot in which causes have to fit beside each other to be written; the others are in tooltips."""
BAND_MARK, MEAN_MARK = Mark("▬", "Limits", theme.GREY), Mark("━", "Mean", theme.GREY)
SIGNAL_MARK, TARGET_MARK = Mark("◆", "Signal", theme.AMBER), Mark("╌", "Target", theme.GREEN)


def process_behaviour(
    points: pd.DataFrame,
    phases: pd.DataFrame,
    measure: Unit,
    *,
    target: float | None = None,
    target_label: str = "Target",
    sentence: str = "",
    log: bool = False,
    to_explore: bool = False,
) -> Markup:
    """Return the process behaviour chart; `frames_of` makes both frames from a judgement.

    `points`: `at` (a moment), `value` (in the unit `measure`) and `signal` (the rules that point at it, as text, or "");
    their tooltips also have `n` (observations) and `note` (text), where there are such columns.
    `phases`: `start`, `end` and `frozen` (moments: the first point, the end of the segment, the last point its limits
    rest on), `mean`, `lower`, `upper` (NaN for a phase of one point) and `cause`. `target` is in the unit, too.
    `sentence` is read to those who can't see the chart. `log`: a log scale, for values above 0. `to_explore`: all
    points once more below the chart, as a small line, and dots in a series of any length. Raises ValueError if a column
    is missing.
    """
    theme.check(points, POINT_COLUMNS)
    theme.check(phases, PHASE_COLUMNS)
    if points.empty:
        return components.nothing_yet("No measurements yet.")
    drawn = time_axis.with_times(
        _few_enough_for_dots(points) if to_explore else shape(points.tail(MAX_POINTS), MAX_IN_LINE)
    )
    parts = segments_of(phases, drawn)
    axis = log_value_axis if log else value_axis
    x, y = x_scale(drawn["time"]), axis(drawn_values(drawn, parts, target), measure)
    dots, tooltips = _points(drawn, x, y, measure)
    marks = [
        *[mark("hw-level", top=y.top(level)) for level in y.levels], *_bands(drawn, parts, x, y), *_begun(parts, x),
        *_target(target, target_label, y), *dots,
    ]  # fmt: skip
    return components.levels(
        [y.text(level) for level in y.levels],
        [y.top(level) for level in y.levels],
        marks,
        description(points, drawn, sentence),
        _margins(drawn, parts, x, y, strip=to_explore),
        HEIGHT,
        tooltips,
    )


def description(points: pd.DataFrame, drawn: pd.DataFrame, sentence: str) -> str:
    """Return the chart in words: how many points and signals it shows, and what they mean."""
    signals = int((drawn["signal"] != "").sum())
    counts = f"{theme.counted(min(len(points), MAX_POINTS), 'point')}, {theme.counted(signals, 'signal')}"
    return f"Process behaviour of {counts}. {sentence}".strip()


def shape(points: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the points of a long series that give the line its shape, at most so many, and every signal."""
    shown = np.zeros(len(points), dtype=bool)
    shown[downsample(points["value"].to_numpy(dtype=float), most)] = True
    return points[shown | (points["signal"] != "").to_numpy()]


def _few_enough_for_dots(points: pd.DataFrame) -> pd.DataFrame:
    """Return so few of the points that there is room for dots: every signal, and those that give the line its shape."""
    latest = points.tail(MAX_POINTS)
    signals = int((latest["signal"] != "").sum())
    return latest if len(latest) <= MAX_DOTS else shape(latest, max(MAX_DOTS - signals, MIN_IN_LINE))


def signals_of(judgement: SeriesAnalysis) -> dict[int, str]:
    """Return the rules that point at each signal, as text, by its position; other points have no entry."""
    rules: dict[int, list[str]] = {}
    for phase in judgement.phases:
        for signal in phase.signals:
            rules.setdefault(signal.index, []).append(signal.rule)
    return {index: ", ".join(names) for index, names in rules.items()}


def frames_of(judgement: SeriesAnalysis) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the `points` and `phases` of a judgement."""
    signals = signals_of(judgement)
    texts = [signals.get(position, "") for position in range(len(judgement.values))]
    points = pd.DataFrame(
        {"at": judgement.at, "value": judgement.values, "signal": texts, **limits_of_points(judgement)}
    )
    ends = [judgement.at[min(phase.end, len(judgement.at) - 1)] for phase in judgement.phases]
    phases = [
        {
            "start": judgement.at[phase.start],
            "end": end,
            "frozen": judgement.at[phase.start + phase.limits.n - 1] if phase.limits.n < phase.n else end,
            "mean": phase.limits.mean,
            "lower": phase.limits.lower,
            "upper": phase.limits.upper,
            "cause": phase.cause,
            "sampled": phase.samples is not None,
        }
        for phase, end in zip(judgement.phases, ends, strict=True)
    ]
    return points, pd.DataFrame(phases, columns=[*PHASE_COLUMNS, "sampled"]).astype(
        {"lower": float, "upper": float}
    )


def limits_of_points(judgement: SeriesAnalysis) -> dict[str, Any]:
    """Return limits of each point's own, and whether it sums up few observations; nothing where no point has any."""
    if all(phase.samples is None for phase in judgement.phases):
        return {}
    own = {name: np.full(len(judgement.values), np.nan) for name in ("lower", "upper")}
    small = np.zeros(len(judgement.values), dtype=bool)
    for phase in judgement.phases:
        if phase.samples is not None:
            points = slice(phase.start, phase.end)
            own["lower"][points], own["upper"][points] = phase.samples.lower, phase.samples.upper
            small[points] = phase.samples.small
    if judgement.bounds is not None:
        own = {name: np.clip(limits, *judgement.bounds) for name, limits in own.items()}
    return {**own, "small": small}


def own_bands(drawn: pd.DataFrame, parts: Sequence[Segment]) -> list[OwnBand]:
    """Return the bands of the limits that each point has of its own; none where no point has any."""
    if "lower" not in drawn:
        return []
    limits = list(zip(drawn["lower"].tolist(), drawn["upper"].tolist(), strict=True))
    non_negative = bool(drawn["value"].min() >= 0)
    return bands_of_points(drawn["time"].tolist(), limits, parts, non_negative=non_negative)


def x_scale(times: Sequence[float]) -> Scale:
    """Return the time axis (milliseconds) of the moments drawn."""
    first, last = float(min(times)), float(max(times))
    short = 0 < last - first <= time_axis.HOURS_UP_TO.total_seconds() * 1000
    return time_axis.scale(first, last, 0.0 if short else time_axis.DAY_MS / 2)


def segments_of(phases: pd.DataFrame, drawn: pd.DataFrame) -> list[Segment]:
    """Return the segments of phases in time, as far as they reach into what is drawn (column `time`, milliseconds)."""
    timed = phases.reset_index(drop=True)
    for column in ("start", "end", "frozen"):
        timed[column] = time_axis.with_times(phases[[column]].rename(columns={column: "at"}))["time"]
    non_negative = bool(drawn["value"].min() >= 0)
    rows: list[dict[str, Any]] = timed.to_dict("records")
    return segments(rows, drawn["time"].min(), drawn["time"].max(), non_negative=non_negative)


def drawn_values(drawn: pd.DataFrame, parts: Sequence[Segment], target: float | None) -> list[float]:
    """Return every value that the value axis has to show."""
    levels = [level for part in parts for level in part.levels().values()]
    own = [end for band in own_bands(drawn, parts) for end in (band.lower, band.upper)]
    return [*drawn["value"], *levels, *own, *([] if target is None else [target])]


def _bands(drawn: pd.DataFrame, parts: Sequence[Segment], x: Scale, y: ValueAxis) -> list[Markup]:
    """Return the limits of each phase or point, faint where they are only held against, and the mean of each phase."""
    bands = [
        (start, end, part.lower or 0.0, part.upper or 0.0, held)
        for part in parts
        for start, end, held in part.bands()
    ]
    marks = []
    bands += [(own.start, own.end, own.lower, own.upper, own.held) for own in own_bands(drawn, parts)]
    for start, end, lower, upper, held in bands:
        top, look = y.top(upper), "hw-limits hw-held" if held else "hw-limits"
        marks.append(mark(look, **stretch(x, start, end), top=top, height=y.top(lower) - top))
    for part in parts:
        if part.mean is not None:
            marks.append(mark("hw-mean", **stretch(x, part.start, part.end), top=y.top(part.mean)))
    return marks


def _begun(parts: Sequence[Segment], x: Scale) -> list[Markup]:
    """Return a rule where each phase after the first began."""
    return [mark("hw-begun", tooltip=part.cause, left=x.place(part.start)) for part in parts if part.begins]


def _causes(parts: Sequence[Segment], x: Scale) -> Markup:
    """Return the cause of each phase above its beginning, where the one before leaves room for it."""
    begun = [(x.place(part.start), part.cause) for part in parts if part.begins]
    written = causes(begun, theme.LETTER / CAUSE_WIDTH * 100)
    return components.joined(_cause(written, position) for position in range(len(written)))


def _cause(written: Sequence[Cause], position: int) -> Markup:
    """Return a cause in the room that it has: up to the next one; a late one from halfway to the one before."""
    cause = written[position]
    if cause.late:
        before = written[position - 1].place if position else 0.0
        left = (before + cause.place) / 2
        return mark("hw-cause hw-late", cause.text, left=left, right=100 - cause.place)
    end = 100.0
    if position + 1 < len(written):
        after = written[position + 1]
        end = (cause.place + after.place) / 2 if after.late else after.place
    return mark("hw-cause", cause.text, left=cause.place, right=100 - end)


def _target(target: float | None, label: str, y: ValueAxis) -> list[Markup]:
    if target is None:
        return []
    top = y.top(target)
    return [mark("hw-target", top=top, colour=theme.GREEN), mark("hw-target-words", label, top=top)]


def _points(drawn: pd.DataFrame, x: Scale, y: ValueAxis, measure: Unit) -> tuple[list[Markup], list[str]]:
    """The calm points as dots and the signals as diamonds, joined by a line; and the tooltips of those that have one."""
    rows = drawn.to_dict("records")
    places = _places(drawn, x, y)
    marks, tooltips = [components.line(places, theme.BLUE)], []
    for row, (left, top) in zip(rows, places, strict=True):
        if row["signal"] or len(rows) <= MAX_DOTS:
            tooltip = _tooltip(row, measure)
            look = "hw-signal" if row["signal"] else "hw-dot hw-small" if row.get("small") else "hw-dot"
            marks.append(mark(look, tooltip=tooltip, left=left, top=top))
            tooltips.append(tooltip)
    return marks, tooltips


def _places(drawn: pd.DataFrame, x: Scale, y: ValueAxis) -> list[tuple[float, float]]:
    """Return where the points lie, in percent from the left and from the top of the plot."""
    moments = zip(drawn["time"].tolist(), drawn["value"].tolist(), strict=True)
    return [(x.place(time), y.top(value)) for time, value in moments]


def _tooltip(row: dict[str, Any], measure: Unit) -> str:
    """Return what is known of a point: its moment, value and signal, and below each other its n and its note."""
    reading = f"{row['moment']}: {measure.format(row['value'])}"
    details = {name: row.get(column) for name, column in DETAILS.items()}
    known = {name: str(detail) for name, detail in details.items() if not pd.isna(detail)}
    return components.row_tooltip(", ".join(filter(None, [reading, row["signal"]])), known)


def _margins(
    drawn: pd.DataFrame, parts: Sequence[Segment], x: Scale, y: ValueAxis, *, strip: bool
) -> components.Margins:
    """Return the causes above the plot, and below it the dates and the strip."""
    days = time_axis.ticks(drawn["time"])
    dates = components.labels(list(days.values()), [x.place(day) for day in days])
    if not strip:
        return components.Margins(_causes(parts, x), TOP, dates, BOTTOM)
    small = mark("hw-strip", components.line(_places(drawn, x, y), theme.GREY))
    return components.Margins(_causes(parts, x), TOP, dates + small, BOTTOM + STRIP_GAP + STRIP_HEIGHT)

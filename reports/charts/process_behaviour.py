"""A metric as a process: the band its values vary in, its mean, its signals, one segment a phase with its
cause.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.downsample import downsample
from analysis.judge import Judgement
from reports.charts import pieces, theme, time_axis
from reports.charts.pieces import Scale, mark
from reports.charts.theme import Mark
from reports.charts.ticks import duration_ticks, round_ticks, said_duration, said_number

POINT_COLUMNS = ["at", "value", "signal"]
PHASE_COLUMNS = ["start", "end", "frozen", "mean", "lower", "upper", "cause"]
HEIGHT = 280
MOST_POINTS = 2000
"""Of more points the latest are drawn."""
MOST_IN_LINE = 300
"""Above this many points the line is drawn through those that give it its shape."""
MOST_DOTS = 300
"""Above this many points, signals and the line are drawn, and no dots."""
TOP, BOTTOM = 22, 24
"""Pixels of the causes above the plot and of the dates below it."""
ROOM = 0.06
"""Part of the values' span that is free above and below them."""
NEAR_ZERO = 4
"""Rooms from nothing within which the axis begins there: what is never negative has no room below it."""
LATE = 70
"""Percent of the time after which a phase's cause stands left of its beginning."""
CAUSE_ROOM = 480
"""Pixels of a plot in which causes have to stand beside each other to be written; the others are told to who points."""
BAND_MARK, MEAN_MARK = Mark("▬", "Limits", "gray"), Mark("━", "Mean", "gray")
SIGNAL_MARK, TARGET_MARK = Mark("◆", "Signal", "orange"), Mark("╌", "Target", "green")


def process_behaviour(
    points: pd.DataFrame,
    phases: pd.DataFrame,
    *,
    target: float | None = None,
    target_label: str = "Target",
    unit: str = "",
    in_seconds: bool = False,
    sentence: str = "",
) -> Markup:
    """The process behaviour chart; `frames_of` makes both frames from a judgement.

    `points`: `at` (a moment), `value` (in the metric's unit) and `signal` (the rules that point at it, as
    words, or ""). `phases`: `start`, `end` and `frozen` (moments: the first point, the end of the segment,
    the last point its limits rest on), `mean`, `lower`, `upper` (NaN for a phase of one point) and `cause`.
    `unit` follows the axis's numbers; those `in_seconds` are told as durations instead, "90 s", "4 h".
    `sentence` is read to those who can't see the chart.
    """
    theme.check(points, POINT_COLUMNS)
    theme.check(phases, PHASE_COLUMNS)
    if points.empty:
        return pieces.nothing_yet("No measurements yet.")
    drawn = time_axis.with_times(_fewer(points.tail(MOST_POINTS)))
    segments = _segments(phases, drawn)
    times = [*drawn["time"], *segments["to"]]
    x, (y, levels, say) = time_axis.scale(times), _value_axis(drawn, segments, target, in_seconds, unit)
    days = time_axis.ticks(times)
    marks = [
        *_grid(levels, y), *_bands(segments, x, y), *_begun(segments, x), *_target(target, target_label, y),
        *_points(drawn, x, y, say),
    ]  # fmt: skip
    below = pieces.labels(list(days.values()), [x.place(day) for day in days])
    signals = int((drawn["signal"] != "").sum())
    told = f"{theme.counted(min(len(points), MOST_POINTS), 'point')}, {theme.counted(signals, 'signal')}"
    return pieces.levels(
        [say(level) for level in levels],
        [100 - y.place(level) for level in levels],
        marks,
        f"Process behaviour of {told}. {sentence}".strip(),
        pieces.Around(_causes(segments, x), TOP, below, BOTTOM),
        HEIGHT,
    )


def _fewer(points: pd.DataFrame) -> pd.DataFrame:
    """Of a long series what gives the line its shape, and every signal."""
    kept = np.zeros(len(points), dtype=bool)
    kept[downsample(points["value"].to_numpy(dtype=float), MOST_IN_LINE)] = True
    return points[kept | (points["signal"] != "").to_numpy()]


def frames_of(judgement: Judgement) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The `points` and `phases` of a judgement."""
    rules: dict[int, list[str]] = {}
    for phase in judgement.phases:
        for signal in phase.signals:
            rules.setdefault(signal.index, []).append(signal.rule)
    words = [", ".join(rules.get(i, [])) for i in range(len(judgement.values))]
    points = pd.DataFrame({"at": judgement.at, "value": judgement.values, "signal": words})
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
        }
        for phase, end in zip(judgement.phases, ends, strict=True)
    ]
    return points, pd.DataFrame(phases, columns=PHASE_COLUMNS).astype({"lower": float, "upper": float})


def _segments(phases: pd.DataFrame, drawn: pd.DataFrame) -> pd.DataFrame:
    """Phases in time, from the first point that is drawn; a band of what is never negative ends at 0."""
    first, last = drawn["time"].min(), drawn["time"].max()
    times = {
        name: time_axis.with_times(phases[[column]].rename(columns={column: "at"}))["time"].clip(first, last)
        for name, column in (("from", "start"), ("to", "end"), ("until", "frozen"))
    }
    segments = phases.drop(columns=["start", "end", "frozen"]).reset_index(drop=True).assign(**times)
    floor = 0.0 if drawn["value"].min() >= 0 else -np.inf
    return segments.assign(lower=segments["lower"].clip(lower=floor))


def _value_axis(
    drawn: pd.DataFrame, segments: pd.DataFrame, target: float | None, in_seconds: bool, unit: str
) -> tuple[Scale, list[float], Callable[[float], str]]:
    """The axis of the values, the levels that are named on it, and how one is said."""
    known = [*drawn["value"], *segments["lower"], *segments["upper"], *([] if target is None else [target])]
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    if in_seconds:
        levels, say = duration_ticks(low, high), said_duration
    else:
        room = (high - low or abs(high) or 1) * ROOM
        levels = round_ticks(0.0 if 0 <= low < room * NEAR_ZERO else low - room, high + room)
        unit = f" {unit}".rstrip()

        def say(level: float) -> str:
            return f"{said_number(level)}{unit}"

    return Scale(levels[0], levels[-1]), levels, say


def _grid(levels: list[float], y: Scale) -> list[Markup]:
    return [mark("hw-level", top=100 - y.place(level)) for level in levels]


def _bands(segments: pd.DataFrame, x: Scale, y: Scale) -> list[Markup]:
    """The limits of each phase, faint where they are only held against, and its mean."""
    marks = []
    for phase in segments.to_dict("records"):
        begun, until, end = (x.place(phase[name]) for name in ("from", "until", "to"))
        if not np.isnan(phase["lower"]):
            top, bottom = 100 - y.place(phase["upper"]), 100 - y.place(phase["lower"])
            for look, left, right in (("hw-limits", begun, until), ("hw-limits hw-held", until, end)):
                if right > left:
                    marks.append(mark(look, left=left, width=right - left, top=top, height=bottom - top))
        marks.append(mark("hw-mean", left=begun, width=end - begun, top=100 - y.place(phase["mean"])))
    return marks


def _begun(segments: pd.DataFrame, x: Scale) -> list[Markup]:
    """A rule where each phase after the first began."""
    return [
        mark("hw-begun", told=phase["cause"], left=x.place(phase["from"]))
        for phase in segments.iloc[1:].to_dict("records")
    ]


def _causes(segments: pd.DataFrame, x: Scale) -> Markup:
    """The cause of each phase above its beginning, where the one before leaves room for it."""
    written: list[tuple[float, bool, str]] = []
    taken = 0.0
    for phase in segments.iloc[1:].to_dict("records"):
        place = x.place(phase["from"])
        wide = len(phase["cause"]) * theme.LETTER / CAUSE_ROOM * 100
        late = place > LATE
        begins = place - wide if late else place
        if begins >= taken:
            written.append((place, late, phase["cause"]))
            taken = begins + wide
    before, after = (
        [0.0, *(place for place, _, _ in written)],
        [*(place for place, _, _ in written[1:]), 100.0],
    )
    return pieces.joined(
        mark("hw-cause hw-late", cause, left=(before[nth] + place) / 2, right=100 - place)
        if late
        else mark("hw-cause", cause, left=place, right=100 - after[nth])
        for nth, (place, late, cause) in enumerate(written)
    )


def _target(target: float | None, words: str, y: Scale) -> list[Markup]:
    if target is None:
        return []
    top = 100 - y.place(target)
    return [mark("hw-target", top=top, colour=theme.GREEN), mark("hw-target-words", words, top=top)]


def _points(drawn: pd.DataFrame, x: Scale, y: Scale, say: Callable[[float], str]) -> list[Markup]:
    """The calm points as dots and the signals as diamonds, joined by a line."""
    rows = drawn.to_dict("records")
    places = [(x.place(row["time"]), 100 - y.place(row["value"])) for row in rows]
    marks = [pieces.line(places, theme.BLUE)]
    for row, (left, top) in zip(rows, places, strict=True):
        if row["signal"] or len(rows) <= MOST_DOTS:
            look = "hw-signal" if row["signal"] else "hw-dot"
            told = ", ".join(filter(None, [f"{row['moment']}: {say(row['value'])}", row["signal"]]))
            marks.append(mark(look, told=told, left=left, top=top))
    return marks

"""A metric as a process: the band its values vary in, its mean, its signals, one segment a phase with its
cause.
"""

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.downsample import downsample
from analysis.series_analysis import SeriesAnalysis
from reports.charts import components, theme, time_axis
from reports.charts.components import Scale, mark
from reports.charts.theme import Mark
from reports.charts.value_axis import ValueAxis, value_axis

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
LATE = 70
"""Percent of the time after which a phase's cause stands left of its beginning."""
CAUSE_ROOM = 480
"""Pixels of a plot in which causes have to stand beside each other to be written; the others are told to who points."""
BAND_MARK, MEAN_MARK = Mark("▬", "Limits", theme.GREY), Mark("━", "Mean", theme.GREY)
SIGNAL_MARK, TARGET_MARK = Mark("◆", "Signal", theme.AMBER), Mark("╌", "Target", theme.GREEN)


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
        return components.nothing_yet("No measurements yet.")
    drawn = time_axis.with_times(_fewer(points.tail(MOST_POINTS)))
    segments = _segments(phases, drawn)
    times = [*drawn["time"], *segments["to"]]
    x, days = time_axis.scale(times), time_axis.ticks(times)
    known = [*drawn["value"], *segments["lower"], *segments["upper"], *([] if target is None else [target])]
    y = value_axis(known, unit, in_seconds)
    marks = [
        *[mark("hw-level", top=y.top(level)) for level in y.levels], *_bands(segments, x, y), *_begun(segments, x),
        *_target(target, target_label, y), *_points(drawn, x, y),
    ]  # fmt: skip
    below = components.labels(list(days.values()), [x.place(day) for day in days])
    return components.levels(
        [y.say(level) for level in y.levels],
        [y.top(level) for level in y.levels],
        marks,
        _description(points, drawn, sentence),
        components.Around(_causes(segments, x), TOP, below, BOTTOM),
        HEIGHT,
    )


def _description(points: pd.DataFrame, drawn: pd.DataFrame, sentence: str) -> str:
    signals = int((drawn["signal"] != "").sum())
    told = f"{theme.counted(min(len(points), MOST_POINTS), 'point')}, {theme.counted(signals, 'signal')}"
    return f"Process behaviour of {told}. {sentence}".strip()


def _fewer(points: pd.DataFrame) -> pd.DataFrame:
    """Of a long series what gives the line its shape, and every signal."""
    kept = np.zeros(len(points), dtype=bool)
    kept[downsample(points["value"].to_numpy(dtype=float), MOST_IN_LINE)] = True
    return points[kept | (points["signal"] != "").to_numpy()]


def signals_of(judgement: SeriesAnalysis) -> dict[int, str]:
    """The rules that point at a point, as words, by its position; nothing of those that none points at."""
    rules: dict[int, list[str]] = {}
    for phase in judgement.phases:
        for signal in phase.signals:
            rules.setdefault(signal.index, []).append(signal.rule)
    return {index: ", ".join(names) for index, names in rules.items()}


def frames_of(judgement: SeriesAnalysis) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The `points` and `phases` of a judgement."""
    found = signals_of(judgement)
    words = [found.get(i, "") for i in range(len(judgement.values))]
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
    """Phases in time, as far as they reach into what is drawn; `begins` is whether that shows where one began. A band of
    what is never negative ends at 0.
    """
    first, last = drawn["time"].min(), drawn["time"].max()
    times = {
        name: time_axis.with_times(phases[[column]].rename(columns={column: "at"}))["time"]
        for name, column in (("from", "start"), ("to", "end"), ("until", "frozen"))
    }
    segments = phases.drop(columns=["start", "end", "frozen"]).reset_index(drop=True).assign(**times)
    segments["begins"] = segments["from"] > first
    segments = segments[(segments["to"] >= first) & (segments["from"] <= last)].copy()
    segments[list(times)] = segments[list(times)].clip(first, last)
    floor = 0.0 if drawn["value"].min() >= 0 else -np.inf
    return segments.assign(lower=segments["lower"].clip(lower=floor))


def _bands(segments: pd.DataFrame, x: Scale, y: ValueAxis) -> list[Markup]:
    """The limits of each phase, faint where they are only held against, and its mean."""
    marks = []
    for phase in segments.to_dict("records"):
        begun, until, end = (x.place(phase[name]) for name in ("from", "until", "to"))
        if not np.isnan(phase["lower"]):
            top, bottom = y.top(phase["upper"]), y.top(phase["lower"])
            for look, left, right in (("hw-limits", begun, until), ("hw-limits hw-held", until, end)):
                if right > left:
                    marks.append(mark(look, left=left, width=right - left, top=top, height=bottom - top))
        marks.append(mark("hw-mean", left=begun, width=end - begun, top=y.top(phase["mean"])))
    return marks


def _begun(segments: pd.DataFrame, x: Scale) -> list[Markup]:
    """A rule where each phase after the first began."""
    begun = segments[segments["begins"]].to_dict("records")
    return [mark("hw-begun", told=phase["cause"], left=x.place(phase["from"])) for phase in begun]


def _causes(segments: pd.DataFrame, x: Scale) -> Markup:
    """The cause of each phase above its beginning, where the one before leaves room for it."""
    written: list[tuple[float, bool, str]] = []
    taken = 0.0
    for phase in segments[segments["begins"]].to_dict("records"):
        place = x.place(phase["from"])
        wide = len(phase["cause"]) * theme.LETTER / CAUSE_ROOM * 100
        late = place > LATE
        begins = place - wide if late else place
        if begins >= taken:
            written.append((place, late, phase["cause"]))
            taken = begins + wide
    return components.joined(_cause(written, nth) for nth in range(len(written)))


def _cause(written: list[tuple[float, bool, str]], nth: int) -> Markup:
    """A cause in the room that it has: up to the next one; a late one from halfway to the one before."""
    place, late, cause = written[nth]
    if late:
        before = written[nth - 1][0] if nth else 0.0
        return mark("hw-cause hw-late", cause, left=(before + place) / 2, right=100 - place)
    end = 100.0
    if nth + 1 < len(written):
        after, after_is_late, _ = written[nth + 1]
        end = (place + after) / 2 if after_is_late else after
    return mark("hw-cause", cause, left=place, right=100 - end)


def _target(target: float | None, words: str, y: ValueAxis) -> list[Markup]:
    if target is None:
        return []
    top = y.top(target)
    return [mark("hw-target", top=top, colour=theme.GREEN), mark("hw-target-words", words, top=top)]


def _points(drawn: pd.DataFrame, x: Scale, y: ValueAxis) -> list[Markup]:
    """The calm points as dots and the signals as diamonds, joined by a line."""
    rows = drawn.to_dict("records")
    places = [(x.place(row["time"]), y.top(row["value"])) for row in rows]
    marks = [components.line(places, theme.BLUE)]
    for row, (left, top) in zip(rows, places, strict=True):
        if row["signal"] or len(rows) <= MOST_DOTS:
            look = "hw-signal" if row["signal"] else "hw-dot"
            told = ", ".join(filter(None, [f"{row['moment']}: {y.say(row['value'])}", row["signal"]]))
            marks.append(mark(look, told=told, left=left, top=top))
    return marks

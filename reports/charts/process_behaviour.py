"""A metric as a process: the band its values vary in, its mean, its signals, one segment a phase with its
cause.
"""

import altair as alt
import numpy as np
import pandas as pd

from analysis.downsample import downsample
from analysis.judge import Judgement
from reports.charts import theme, time_axis

POINT_COLUMNS = ["at", "value", "signal"]
PHASE_COLUMNS = ["start", "end", "frozen", "mean", "lower", "upper", "cause"]
HEIGHT = 280
MOST_POINTS = 2000
"""Of more points the latest are drawn."""
MOST_IN_LINE = 300
"""Above this many points the line is drawn through those that give it its shape."""
MOST_DOTS = 300
"""Above this many points, signals and the line are drawn, and no dots."""
BAND, EXTENDED = 0.26, 0.13
"""Opacity of a band over the points its limits rest on, and over those it is only held against."""
LATE = 0.7
"""Part of the time after which a phase's cause stands left of its beginning."""
BAND_MARK, MEAN_MARK = ":gray[▬] Limits", ":gray[━] Mean"
SIGNAL_MARK, TARGET_MARK = ":orange[◆] Signal", ":green[╌] Target"


def process_behaviour(
    points: pd.DataFrame,
    phases: pd.DataFrame,
    *,
    target: float | None = None,
    target_label: str = "Target",
    unit: str = "",
    in_seconds: bool = False,
    sentence: str = "",
) -> alt.LayerChart | alt.Chart:
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
        return theme.nothing_yet("No measurements yet.")
    drawn = time_axis.with_times(_fewer(points.tail(MOST_POINTS)))
    segments = _segments(phases, drawn)
    x = time_axis.span([*drawn["time"], *segments["to"]])
    y = _value_axis(drawn, segments, target, in_seconds)
    layers = [*_bands(segments, x, y), *_causes(segments, x), *_target(target, target_label, y)]
    layers += _points(drawn, x, y)
    chart = alt.layer(*layers).properties(height=HEIGHT).add_params(theme.unit(unit))
    signals = int((drawn["signal"] != "").sum())
    told = f"{theme.counted(min(len(points), MOST_POINTS), 'point')}, {theme.counted(signals, 'signal')}"
    return theme.finish(chart, f"Process behaviour of {told}. {sentence}".strip())


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


def _value_axis(drawn: pd.DataFrame, segments: pd.DataFrame, target: float | None, in_seconds: bool) -> alt.Y:
    known = [*drawn["value"], *segments["lower"], *segments["upper"], *([] if target is None else [target])]
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    look = {"title": None, "domain": False, "ticks": False, "labelPadding": 8, "labelOverlap": "greedy"}
    if in_seconds:
        ticks = theme.duration_ticks(low, high)
        scale = alt.Scale(domain=[ticks[0], ticks[-1]], zero=False)
        return alt.Y(
            "value:Q", scale=scale, axis=alt.Axis(**look, values=ticks, labelExpr=theme.DURATION_LABEL)
        )
    room = (high - low or abs(high) or 1) * 0.06
    scale = alt.Scale(domain=[low if low == 0 else low - room, high + room], nice=True, zero=False)
    return alt.Y("value:Q", scale=scale, axis=alt.Axis(**look, tickCount=5, labelExpr=theme.NUMBER_WITH_UNIT))


def _bands(segments: pd.DataFrame, x: time_axis.Span, y: alt.Y) -> list[alt.Chart]:
    def at(field: str) -> alt.Y:
        moved = y.copy()
        moved.shorthand = f"{field}:Q"
        return moved

    limited = segments[segments["lower"].notna()]
    held = limited[limited["until"] < limited["to"]]
    mean = alt.Chart(segments).mark_rule(color=theme.GREY, strokeWidth=2)
    bands = [
        alt.Chart(some)
        .mark_rect(color=theme.GREY, opacity=opacity)
        .encode(x=x.x(first), x2=f"{last}:Q", y=at("lower"), y2="upper:Q")
        # A layer without a mark would be an image without words for who can't see it.
        for some, first, last, opacity in ((limited, "from", "until", BAND), (held, "until", "to", EXTENDED))
        if len(some)
    ]
    return [*bands, mean.encode(x=x.x("from"), x2="to:Q", y=at("mean"))]


def _causes(segments: pd.DataFrame, x: time_axis.Span) -> list[alt.Chart]:
    """A rule where a phase began, with its cause above the plot."""
    begun = segments.iloc[1:]
    late = begun["from"] > x.first + LATE * (x.last - x.first)
    rule = alt.Chart(begun).mark_rule(color=theme.GREY, strokeDash=[2, 3], strokeWidth=1.5)
    layers = [rule.encode(x=x.x("from"), tooltip=alt.Tooltip("cause:N", title="Phase"))]
    for some, align in ((begun[~late], "left"), (begun[late], "right")):
        words = alt.Chart(some).mark_text(
            align=align, baseline="bottom", y=-4, fontSize=12, fontWeight="bold", color=theme.TEXT
        )
        layers.append(words.encode(x=x.x("from"), text="cause:N"))
    return layers if len(begun) else []


def _target(target: float | None, words: str, y: alt.Y) -> list[alt.Chart]:
    if target is None:
        return []
    base = alt.Chart(pd.DataFrame({"value": [float(target)], "words": [words]})).encode(y=y)
    text = base.mark_text(align="left", dx=4, dy=-8, fontWeight="bold", fontSize=12, color=theme.TEXT)
    return [
        base.mark_rule(color=theme.GREEN, strokeWidth=2, strokeDash=[6, 4]),
        text.encode(x=alt.value(0), text="words:N"),
    ]


def _points(drawn: pd.DataFrame, x: time_axis.Span, y: alt.Y) -> list[alt.Chart]:
    """The calm points as dots and the signals as diamonds, joined by a line."""
    tooltip = [
        alt.Tooltip("moment:N", title="When"),
        alt.Tooltip("value:Q", title="Value", format=",.6~r"),
        alt.Tooltip("signal:N", title="Signal"),
    ]
    line = alt.Chart(drawn).mark_line(color=theme.BLUE, strokeWidth=1.5, opacity=0.65)
    calm = drawn[drawn["signal"] == ""] if len(drawn) <= MOST_DOTS else drawn.iloc[:0]
    looks = [
        (calm, {"color": theme.BLUE, "size": 45}),
        (drawn[drawn["signal"] != ""], {"color": theme.AMBER, "shape": "diamond", "size": 110}),
    ]
    marks = [
        alt.Chart(some).mark_point(filled=True, opacity=1, **look).encode(x=x.x("time"), y=y, tooltip=tooltip)
        for some, look in looks
        if len(some)
    ]
    return [line.encode(x=x.x("time"), y=y), *marks]

"""A metric's values over time, with its baseline, its target and what happened meanwhile."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from analysis.downsample import downsample
from reports.charts import theme, time_axis

COLUMNS = ["at", "value"]
EVENT_COLUMNS = ["at", "label"]
HEIGHT = 260
LABEL_ROW = 16
"""Pixels between the labels of events that would cover each other on one line."""
USUAL_WIDTH = 620
"""Pixels of the plot by which labels of events are told to be too close."""
LATE = 0.75
"""Part of the time after which an event's label stands left of its rule."""
MOST_DOTS = 300
"""Above this many points only the line is drawn."""
LONG_UNIT = 6
"""Letters above which the unit stands beside the axis, not behind each number."""
FROM_ZERO = 0.5
"""A linear axis starts at zero when its least value is below this part of its greatest."""


def timeline(
    points: pd.DataFrame,
    *,
    unit: str = "",
    label_expr: str | None = None,
    baseline: float | None = None,
    baseline_label: str = "Baseline",
    target: float | None = None,
    target_label: str = "Target",
    events: pd.DataFrame | None = None,
    log: bool = False,
    ticks: Sequence[float] | None = None,
) -> alt.LayerChart | alt.Chart:
    """A time line of `points`: columns `at`, a moment, and `value`, in the metric's unit; NaN is left out.

    `baseline` and `target` are horizontal lines with the words given. `events` (columns `at`, `label`) are
    vertical ones. `log` asks for a log axis; values that aren't positive get a linear one. `unit` follows the
    numbers of the axis, or stands beside it if it is long; a `label_expr` (a Vega expression of the program's
    own, never a person's text) replaces them, and `ticks` are the numbers wanted on a log axis (for seconds:
    theme.DURATION_LABEL, theme.DURATION_TICKS). Times are shown as they are written, whatever the reader's
    time zone. Above analysis.downsample's MOST_POINTS the shape is kept with fewer points.
    """
    theme.check(points, COLUMNS)
    told = points[COLUMNS].dropna().sort_values("at", kind="stable")
    if told.empty:
        return theme.nothing_yet("No measurements yet.")
    drawn = time_axis.with_times(told).iloc[downsample(told["value"].to_numpy(dtype=float))]
    levels = {"baseline": baseline, "target": target}
    known = [*drawn["value"], *(level for level in levels.values() if level is not None)]
    beside = len(unit) > LONG_UNIT and not label_expr
    look = {"title": unit if beside else None, "labelExpr": label_expr or theme.NUMBER_WITH_UNIT}
    scale, axis = _value_axis(np.array(known, dtype=float), log, ticks, look)
    happened = _placed_events(events, drawn)
    x = time_axis.span([*drawn["time"], *happened["time"]])
    y = alt.Y("value:Q", scale=scale, axis=axis)
    layers = [*_events(happened, x), *_levels(baseline, baseline_label, target, target_label, y)]
    layers += _values(drawn, x, y)
    chart = alt.layer(*layers).properties(height=HEIGHT).add_params(theme.unit("" if beside else unit))
    return theme.finish(chart, _description(told, unit, levels))


def _value_axis(
    known: np.ndarray, log: bool, ticks: Sequence[float] | None, look: dict
) -> tuple[alt.Scale, alt.Axis]:
    low, high = float(known.min()), float(known.max())
    look |= {"domain": False, "ticks": False, "labelPadding": 8, "labelOverlap": "greedy"}
    if log and low > 0:
        values = list(ticks) if ticks else theme.log_ticks(low, high)
        low, high = (
            max([v for v in values if v <= low], default=low),
            min([v for v in values if v >= high], default=high),
        )
        scale = alt.Scale(type="log", domain=[low, high], nice=False)
        return scale, alt.Axis(values=[v for v in values if low <= v <= high], **look)
    room = (high - low or abs(high) or 1) * 0.08
    start = 0 if 0 <= low < FROM_ZERO * high else low - room
    scale = alt.Scale(domain=[start, high + room], nice=True, zero=False)
    return scale, alt.Axis(tickCount=5, **look)


def _values(drawn: pd.DataFrame, x: time_axis.Span, y: alt.Y) -> list[alt.Chart]:
    tooltip = [alt.Tooltip("moment:N", title="When"), alt.Tooltip("value:Q", title="Value", format=",.6~r")]
    base = alt.Chart(drawn).encode(x=x.x("time"), y=y, tooltip=tooltip)
    if len(drawn) > MOST_DOTS:
        return [base.mark_line(color=theme.BLUE, strokeWidth=1.5)]
    size = 45 if len(drawn) <= 80 else 18
    return [
        base.mark_line(color=theme.BLUE, strokeWidth=1.5, opacity=0.65),
        base.mark_point(color=theme.BLUE, filled=True, size=size, opacity=1),
    ]


def _levels(
    baseline: float | None, baseline_label: str, target: float | None, target_label: str, y: alt.Y
) -> list[alt.Chart]:
    """The baseline's words stand right, where values have left it; the target's left of all values."""
    layers = []
    for value, words, colour, dash, align, at in (
        (baseline, baseline_label, theme.GREY, [1, 0], "right", "width"),
        (target, target_label, theme.GREEN, [6, 4], "left", 0),
    ):
        if value is None:
            continue
        base = alt.Chart(pd.DataFrame({"value": [float(value)], "words": [words]})).encode(y=y)
        text = base.mark_text(
            align=align,
            dx=4 if align == "left" else -4,
            dy=-8,
            fontWeight="bold",
            fontSize=12,
            color=theme.TEXT,
        )
        layers += [
            base.mark_rule(color=colour, strokeWidth=2, strokeDash=dash),
            text.encode(x=alt.value(at), text="words:N"),
        ]
    return layers


def _placed_events(events: pd.DataFrame | None, drawn: pd.DataFrame) -> pd.DataFrame:
    """Events in order of time, each with the `row` above the plot where nothing covers its label.

    Labels of `late` events stand left of their rule, the others right of it.
    """
    if events is None or events.empty:
        return pd.DataFrame(columns=[*EVENT_COLUMNS, "time", "moment", "row", "late"])
    theme.check(events, EVENT_COLUMNS)
    placed = time_axis.with_times(events[EVENT_COLUMNS].sort_values("at", kind="stable"))
    times = [*drawn["time"], *placed["time"]]
    first, length = min(times), (max(times) - min(times)) or 1
    at = (placed["time"] - first) * USUAL_WIDTH / length
    room = placed["label"].str.len() * theme.LETTER + 12
    placed["late"] = placed["time"] - first > LATE * length
    start, end = at.where(~placed["late"], at - room), at.where(placed["late"], at + room)
    row_of: dict[int, int] = {}
    # From the middle outward: a label then stands above the rules that it would otherwise cross.
    for index in [*placed.index[~placed["late"]][::-1], *placed.index[placed["late"]]]:
        covered = [
            row for other, row in row_of.items() if start[other] < end[index] and start[index] < end[other]
        ]
        row_of[index] = 1 + max(covered, default=-1)
    return placed.assign(row=pd.Series(row_of))


def _events(happened: pd.DataFrame, x: time_axis.Span) -> list[alt.Chart]:
    """A rule for each event, up to its label; late labels stand left of their rule."""
    layers = []
    for row, some in happened.groupby("row", sort=True):
        top = -LABEL_ROW * row - 4
        tooltip = [alt.Tooltip("label:N", title="Event"), alt.Tooltip("moment:N", title="When")]
        rule = alt.Chart(some).mark_rule(color=theme.GREY, strokeDash=[2, 3], strokeWidth=1.5)
        layers.append(rule.encode(x=x.x("time"), y=alt.value(top), y2=alt.value("height"), tooltip=tooltip))
        late = some["late"].astype(bool)
        look = {"baseline": "bottom", "y": top, "fontSize": 12, "fontWeight": "bold", "color": theme.TEXT}
        for side, align in ((some[~late], "left"), (some[late], "right")):
            words = alt.Chart(side).mark_text(align=align, **look)
            layers.append(words.encode(x=x.x("time"), text="label:N"))
    return layers


def _description(told: pd.DataFrame, unit: str, levels: dict[str, float | None]) -> str:
    last = f"{told['value'].iloc[-1]:,.6g} {unit}".strip()
    known = [f"{word} {value:,.6g} {unit}".strip() for word, value in levels.items() if value is not None]
    return f"Time line of {theme.counted(len(told), 'value')}; " + ", ".join([f"last {last}", *known]) + "."

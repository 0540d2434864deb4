"""Small multiples: the course of every metric at a glance, as one chart."""

import altair as alt
import pandas as pd

from models.status import Status
from reports.charts import theme, time_axis

COLUMNS = ["metric", "at", "value", "status", "label"]
ROW = 44
"""Pixels a metric's row is high."""
ROOM = 0.1
"""Part of a line's height that is left free above and below it."""


def sparklines(points: pd.DataFrame) -> alt.LayerChart | alt.Chart:
    """One line a metric over the same time, each on its own scale from its least to its greatest value.

    Columns, one row a value: `metric` (its name, once a metric), `at`, `value` (NaN values are left out),
    `status` (a Status word) and `label` (the latest value in words, "90 s"); the last row of a metric gives
    its status and label. Metrics stand in the order in which they first occur. A few dozen points a metric
    suffice.
    """
    theme.check(points, COLUMNS)
    told = points[COLUMNS].dropna(subset=["at", "value"])
    if told.empty:
        return theme.nothing_yet("No measurements yet.")
    metrics = list(dict.fromkeys(told["metric"]))
    drawn = time_axis.with_times(told).sort_values("time", kind="stable")
    drawn["status"] = [Status(word).value for word in drawn["status"]]
    drawn["level"] = drawn.groupby("metric")["value"].transform(_level)
    last = drawn.drop_duplicates("metric", keep="last")
    drawn["status"] = drawn["metric"].map(last.set_index("metric")["status"])
    place = {
        "y": theme.rows_of("metric", metrics),
        "yOffset": alt.YOffset("level:Q", scale=alt.Scale(domain=[-ROOM, 1 + ROOM])),
    }
    x = time_axis.span(drawn["time"]).x("time")
    line = alt.Chart(drawn).mark_line(strokeWidth=2)
    end = alt.Chart(last).mark_point(filled=True, size=110, opacity=1)
    words = alt.Chart(last).mark_text(align="left", dx=10, fontSize=13, fontWeight="bold", color=theme.TEXT)
    layers = [
        line.encode(x=x, detail="metric:N", order="time:Q", color=theme.status_colour(), **place),
        end.encode(
            x=x,
            color=theme.status_colour(),
            shape=theme.status_shape(),
            tooltip=["metric:N", "label:N"],
            **place,
        ),
        words.encode(x=alt.value("width"), y=place["y"], text="label:N"),
    ]
    chart = alt.layer(*layers).properties(height=len(metrics) * ROW)
    return theme.finish(chart, f"Course of {theme.counted(len(metrics), 'metric')}: {_latest(last)}.")


def _level(values: pd.Series) -> pd.Series:
    """How far above the least value each lies, 0 to 1; a constant lies in the middle."""
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else values * 0 + 0.5


def _latest(last: pd.DataFrame) -> str:
    return ", ".join(f"{metric} {label}" for metric, label in zip(last["metric"], last["label"], strict=True))

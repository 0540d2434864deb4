"""Baseline -> current -> target: how much better each metric is, and how far it has to go."""

import altair as alt
import numpy as np
import pandas as pd

from reports.charts import theme
from reports.charts.theme import status_colour, status_shape

OUTCOME_COLUMNS = ["metric", "factor", "target_factor", "status", "label"]
BULLET_COLUMNS = ["metric", "baseline", "current", "target", "status", "label"]
ROW = 36
"""Pixels a row is high, with the label above its mark."""


def outcomes(metrics: pd.DataFrame) -> alt.LayerChart | alt.Chart:
    """Times better than baseline on a log scale, one row a metric in the order given.

    Columns: `metric` (its name, once), `factor` and `target_factor` (how many times better than the
    baseline the current value and the target are, lower-is-better inverted; below 1 is worse; NaN where
    there is none; 0 and infinity are drawn at the end of the axis), `status` (a Status word) and `label`
    (in words, "160x"). Optional for the tooltip, as texts with units: `baseline_text`, `current_text`,
    `target_text`.
    """
    theme.check(metrics, OUTCOME_COLUMNS)
    if metrics.empty:
        return theme.nothing_yet("No metrics yet.")
    factors = metrics[["factor", "target_factor"]].to_numpy(dtype=float)
    known = factors[np.isfinite(factors) & (factors > 0)]
    ticks = theme.log_ticks(min([1.0, *known]), max([2.0, *known]))
    low, high = ticks[0], ticks[-1]
    frame = metrics.assign(
        zero=1.0,
        now=metrics["factor"].astype(float).clip(low, high),
        goal=metrics["target_factor"].astype(float).clip(low, high),
    )
    axis = alt.Axis(
        title=None, orient="top", values=ticks, labelExpr="format(datum.value, ',~r') + 'x'",
        labelOverlap="greedy", ticks=False, domain=False, labelPadding=8,
    )  # fmt: skip
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    better = int((metrics["factor"] > 1).sum())
    told = f"{better} of {theme.counted(len(frame), 'metric')} better than baseline"
    return _rows(frame, scale, axis, f"Baseline, current and target, in times better: {told}.")


def bullets(
    metrics: pd.DataFrame, bounds: tuple[float, float] = (0, 100), unit: str = "%"
) -> alt.LayerChart | alt.Chart:
    """Bounded measures, such as percentages, on one linear scale from `bounds[0]` to `bounds[1]`.

    Columns: `metric` (its name, once), `baseline`, `current` and `target` (in the measure's unit; NaN where
    there is none; drawn within the bounds), `status` (a Status word) and `label` (the current value in words,
    "93 %"). `unit` follows the numbers of the axis. Optional for the tooltip as in `outcomes`.
    """
    theme.check(metrics, BULLET_COLUMNS)
    if metrics.empty:
        return theme.nothing_yet("No metrics yet.")
    low, high = bounds
    frame = metrics.assign(
        zero=metrics["baseline"].astype(float).clip(low, high),
        now=metrics["current"].astype(float).clip(low, high),
        goal=metrics["target"].astype(float).clip(low, high),
    )
    axis = alt.Axis(
        title=None, orient="top", tickCount=5, ticks=False, domain=False, labelPadding=8,
        labelOverlap="greedy", labelExpr=theme.NUMBER_WITH_UNIT,
    )  # fmt: skip
    told = f"{theme.counted(len(frame), 'metric')} from {low:g} to {high:g} {unit}".rstrip()
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    return _rows(frame, scale, axis, f"Baseline, current and target of {told}.").add_params(theme.unit(unit))


def _rows(frame: pd.DataFrame, scale: alt.Scale, axis: alt.Axis, description: str) -> alt.LayerChart:
    """A ring at `zero`, a thick rule to the status mark at `now`, a dotted rule on to the tick at `goal`."""
    frame = frame.assign(reached=frame["now"].fillna(frame["zero"]))

    def rows_with(*fields: str) -> alt.Chart:
        rows = alt.Chart(frame.dropna(subset=list(fields)))
        return rows.encode(y=theme.rows_of("metric", frame["metric"]), tooltip=_tooltip(frame))

    def at(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    to_go = rows_with("reached", "goal").mark_rule(strokeDash=[2, 3], strokeWidth=2, color=theme.GREY)
    goal = rows_with("goal").mark_tick(size=24, thickness=3, color=theme.GREY, opacity=1)
    covered = rows_with("zero", "now").mark_rule(strokeWidth=6)
    ring = rows_with("zero").mark_point(filled=False, size=110, strokeWidth=2, color=theme.GREY, opacity=1)
    mark = rows_with("now").mark_point(filled=True, size=160, opacity=1)
    words = rows_with("now").mark_text(dy=-18, fontWeight="bold", fontSize=12, color=theme.TEXT)
    layers = [
        to_go.encode(x=at("reached"), x2="goal:Q"),
        goal.encode(x=at("goal")),
        covered.encode(x=at("zero"), x2="now:Q", color=status_colour()),
        ring.encode(x=at("zero")),
        mark.encode(x=at("now"), color=status_colour(), shape=status_shape()),
        words.encode(x=at("now"), text="label:N"),
    ]
    return theme.finish(alt.layer(*layers).properties(height=len(frame) * ROW), description)


def _tooltip(frame: pd.DataFrame) -> list[alt.Tooltip]:
    told = {
        "metric": "Metric", "status": "Status", "baseline_text": "Baseline", "current_text": "Current",
        "target_text": "Target", "label": "Now",
    }  # fmt: skip
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in told.items() if field in frame.columns]

"""Baseline -> current -> target: how much better each metric is, and how far it has to go."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from models.status import Status
from reports.charts import components, theme
from reports.charts.components import Row, Stretch, mark
from reports.charts.scales import Scale
from reports.charts.ticks import format_number, log_ticks, round_ticks
from reports.charts.value_axis import MAX_VALUE, MIN_VALUE

OUTCOME_COLUMNS = ["metric", "factor", "target_factor", "status", "label"]
BULLET_COLUMNS = ["metric", "baseline", "current", "target", "status", "label"]
TOOLTIP = {
    "baseline_text": "Baseline", "current_text": "Current", "target_text": "Target", "label": "Now",
}  # fmt: skip
ROW_HEIGHT = 36
"""Pixels, with the label above its mark."""
AXIS_HEIGHT = 24
"""Pixels of the axis's labels above the rows."""


def outcomes(metrics: pd.DataFrame) -> Markup:
    """Return the chart of times better than baseline on a log scale, one row a metric in the order given.

    Columns: `metric` (its name, once), `factor` and `target_factor` (how many times better than the
    baseline the current value and the target are, lower-is-better inverted; below 1 is worse; NaN where
    there is none; 0 and infinity are drawn at the end of the axis), `status` (a Status word) and `label`
    (as text, "160x"). Optional: `baseline_text`, `current_text`, `target_text` (with units, for the tooltip) and `href`
    (the page of the metric). Raises ValueError if a column is missing.
    """
    theme.check(metrics, OUTCOME_COLUMNS)
    if metrics.empty:
        return components.nothing_yet("No metrics yet.")
    factors = metrics[["factor", "target_factor"]].to_numpy(dtype=float)
    known = factors[np.isfinite(factors) & (factors > 0)].clip(MIN_VALUE, MAX_VALUE)
    ticks = log_ticks(min([1.0, *known]), max([2.0, *known]))
    frame = metrics.assign(
        zero=1.0, now=metrics["factor"].astype(float), goal=metrics["target_factor"].astype(float)
    )
    better = int((metrics["factor"] > 1).sum())
    counts = f"{better} of {theme.counted(len(frame), 'metric')} better than baseline"
    description = f"Baseline, current and target, in times better: {counts}."
    return _rows(frame, Scale(ticks[0], ticks[-1], log=True), ticks, "x", description)


def bullets(metrics: pd.DataFrame, bounds: tuple[float, float] = (0, 100), unit: str = "%") -> Markup:
    """Return the chart of bounded measures, such as percentages, on one linear scale from `bounds[0]` to `bounds[1]`.

    Columns: `metric` (its name, once), `baseline`, `current` and `target` (in the measure's unit; NaN where
    there is none; drawn within the bounds), `status` (a Status word) and `label` (the current value as text,
    "93 %"). `unit` follows the numbers of the axis. Optional columns as in `outcomes`.
    Raises ValueError if a column is missing.
    """
    theme.check(metrics, BULLET_COLUMNS)
    if metrics.empty:
        return components.nothing_yet("No metrics yet.")
    low, high = bounds
    columns = {"zero": "baseline", "now": "current", "goal": "target"}
    frame = metrics.assign(**{column: metrics[given].astype(float) for column, given in columns.items()})
    counts = f"{theme.counted(len(frame), 'metric')} from {low:g} to {high:g} {unit}".rstrip()
    description = f"Baseline, current and target of {counts}."
    return _rows(frame, Scale(low, high), round_ticks(low, high), f" {unit}".rstrip(), description)


def _rows(frame: pd.DataFrame, scale: Scale, ticks: Sequence[float], unit: str, description: str) -> Markup:
    """Return a ring at `zero`, a thick rule to the status mark at `now`, a dotted rule on to the tick at `goal`."""
    places = [scale.place(tick) for tick in ticks]
    axis = components.labels([f"{format_number(tick)}{unit}" for tick in ticks], places)
    return components.rows(
        [_row(row, scale) for row in frame.to_dict("records")],
        description,
        background=[mark("hw-grid-line", left=place) for place in places],
        margins=components.Margins(above=axis, top=AXIS_HEIGHT),
        row_height=ROW_HEIGHT,
    )


def _row(row: dict[str, Any], scale: Scale) -> Row:
    facts = {"Status": Status(row["status"]).label} | {
        title: row.get(field) for field, title in TOOLTIP.items()
    }
    name = str(row["metric"])
    return Row(name, _marks(row, scale), components.row_tooltip(name, facts), row.get("href", ""))


def _marks(row: dict[str, Any], scale: Scale) -> list[Markup]:
    status = Status(row["status"])
    zero, now, goal = (
        None if np.isnan(row[name]) else scale.place(row[name]) for name in ("zero", "now", "goal")
    )
    reached = zero if now is None else now
    marks = []
    if reached is not None and goal is not None:
        marks.append(mark("hw-to-go", **_between(reached, goal)))
    if goal is not None:
        marks.append(mark("hw-goal", left=goal))
    if zero is not None and now is not None:
        marks.append(mark("hw-covered", colour=theme.LOOKS[status].colour, **_between(zero, now)))
    if zero is not None:
        marks.append(mark("hw-ring", left=zero))
    if now is not None:
        marks += [components.status_mark(status, now), mark("hw-word", row["label"], left=now)]
    return marks


def _between(one: float, other: float) -> Stretch:
    return {"left": min(one, other), "width": abs(one - other)}

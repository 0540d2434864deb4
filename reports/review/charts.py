"""The charts of a weekly review on its page, from its data alone. On paper `reports.exports.drawing` draws the same."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from models.units import Unit, unit
from reports.charts.process_behaviour import PHASE_COLUMNS, POINT_COLUMNS, process_behaviour

# Letters of a unit that stand behind every number of an axis; a longer one stands above the chart, once.
LONGEST_ON_AXIS = 9


def unit_above(row: dict[str, Any]) -> str:
    """The unit that is said above a metric's chart, because its axis has no room for it; "" where it has."""
    measure = unit(row["unit"])
    return "" if _in_seconds(measure) or len(_on_axis(measure)) <= LONGEST_ON_AXIS else row["unit"]


def _in_seconds(measure: Unit) -> bool:
    return measure.kind == "time" and measure.per is None and measure.measure.family != "working"


def _on_axis(measure: Unit) -> str:
    return measure.name.removeprefix("/ ") if measure.kind != "share" else "%"


def drawn(row: dict[str, Any]) -> bool:
    """Whether a metric's row has points to draw."""
    return bool(row["chart"]["points"])


def chart_of(row: dict[str, Any]) -> Markup:
    """The process behaviour chart of a metric's row, with its frozen limits and its target."""
    measure, chart = unit(row["unit"]), row["chart"]
    in_seconds = _in_seconds(measure)
    scale = float(measure.size) if in_seconds else 1.0
    points = pd.DataFrame(chart["points"], columns=POINT_COLUMNS)
    points = points.assign(
        at=pd.to_datetime(points["at"], utc=True), value=points["value"].astype(float) * scale
    )
    phases = pd.DataFrame(chart["phases"], columns=PHASE_COLUMNS)
    for column in ("start", "end", "frozen"):
        phases[column] = pd.to_datetime(phases[column], utc=True)
    for column in ("mean", "lower", "upper"):
        phases[column] = phases[column].astype(float) * scale
    target = chart["target"]
    return process_behaviour(
        points,
        phases,
        target=None if target is None else target * scale,
        target_label=f"Target {row['target']}",
        unit="" if in_seconds or unit_above(row) else _on_axis(measure),
        in_seconds=in_seconds,
        sentence=row["sentence"],
    )

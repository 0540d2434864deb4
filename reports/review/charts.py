"""The charts of a weekly review on its page, from its data alone; on paper `reports.exports.svg_charts` draws them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from models.units import unit
from reports.charts.process_behaviour import PHASE_COLUMNS, POINT_COLUMNS, process_behaviour


def drawn(row: dict[str, Any]) -> bool:
    """Return whether a metric's row has points to draw."""
    return bool(row["chart"]["points"])


def chart_of(row: dict[str, Any]) -> Markup:
    """Return the process behaviour chart of a metric's row, with its frozen limits and its target."""
    chart = row["chart"]
    points = pd.DataFrame(chart["points"], columns=POINT_COLUMNS)
    points = points.assign(at=pd.to_datetime(points["at"], utc=True), value=points["value"].astype(float))
    if own := chart.get("limits"):
        limits = pd.DataFrame(own, columns=["lower", "upper", "small"]).astype(
            {"lower": float, "upper": float}
        )
        points = pd.concat([points, limits], axis=1)
    phases = pd.DataFrame(chart["phases"], columns=[*PHASE_COLUMNS, "sampled"])
    phases["sampled"] = phases["sampled"].eq(True)
    for column in ("start", "end", "frozen"):
        phases[column] = pd.to_datetime(phases[column], utc=True)
    for column in ("mean", "lower", "upper"):
        phases[column] = phases[column].astype(float)
    return process_behaviour(
        points,
        phases,
        unit(row["unit"]),
        target=chart["target"],
        target_label=f"Target {row['target']}",
        sentence=row["sentence"],
    )

"""Whether a target was met, is being met or will be, in one short sentence."""

import numpy as np
import pandas as pd

from analysis.dates_text import day_text
from analysis.series_analysis import CLAIMS, SeriesAnalysis

LIKELY = 0.9  # chance; beyond it the 80% interval lies wholly on one side of the target
# Median days between points, at most, and what such a period is called.
PERIODS = ((1.5, "days"), (8.0, "weeks"), (32.0, "months"))


def target_text(analysis: SeriesAnalysis) -> str:
    """Return the sentence; "" without a target or a point."""
    if analysis.target is None or analysis.capability is None:
        return ""
    due = None if analysis.target_on is None else pd.Timestamp(analysis.target_on, tz="UTC")
    if due is not None and analysis.at[-1] >= due:
        return _due(analysis, due)
    return f"The target of {analysis.format_value(analysis.target)} {_held(analysis)}{_outlook(analysis)}."


def _due(analysis: SeriesAnalysis, due: pd.Timestamp) -> str:
    """Return whether the value of the day on which it was due met it: "Due 24 Oct: missed (82.7 % then, 91.3 % now)."."""
    assert analysis.target is not None, "what is due is a target"
    day_end = due + pd.Timedelta(days=1)
    position = int(analysis.at.searchsorted(day_end)) - 1
    when = day_text(due, analysis)
    now = analysis.format_value(float(analysis.values[-1]))
    if position < 0:
        return f"Due {when}: not measured by then ({now} now)."
    then = float(analysis.values[position])
    met = then <= analysis.target if analysis.direction == "lower" else then >= analysis.target
    is_latest = position == len(analysis.at) - 1
    values = f"{analysis.format_value(then)} then" + ("" if is_latest else f", {now} now")
    return f"Due {when}: {'met' if met else 'missed'} ({values})."


def _held(analysis: SeriesAnalysis) -> str:
    """Return what the limits of the current phase say of the target."""
    periods = _periods(analysis)
    phase = analysis.current
    before = phase is not None and phase.limits.n < phase.n and analysis.word in CLAIMS
    held = {
        "consistently meets": "is met consistently",
        "consistently misses": "is missed consistently",
        "hit or miss": f"is met in some {periods}, missed in others",
        "trial": "can't be judged yet: fewer than 12 steady points",
    }[analysis.capability or "trial"]
    return f"{held}, as it ran before go-live" if before and analysis.capability != "trial" else held


def _periods(analysis: SeriesAnalysis) -> str:
    apart = float(np.median(np.diff(analysis.days))) if len(analysis.days) > 1 else 0.0
    return next((name for most, name in PERIODS if 0 < apart <= most), "periods")


def _outlook(analysis: SeriesAnalysis) -> str:
    forecast = analysis.forecast
    if forecast is None or analysis.target_on is None or analysis.forecast_on is None:
        return ""
    when = day_text(analysis.forecast_on, analysis)
    if forecast.interval is None or forecast.chance is None:
        return f"; {when} is not forecastable yet: {forecast.why_not}"
    low, high = (analysis.format_value(end) for end in forecast.interval)
    return f"; on {when} it {_likelihood(forecast.chance)} (80% interval {low} to {high})"


def _likelihood(chance: float) -> str:
    if chance >= LIKELY:
        return "will likely be met"
    if chance <= 1 - LIKELY:
        return "will likely be missed"
    return f"may be met or missed, a {round(100 * chance)}% chance"

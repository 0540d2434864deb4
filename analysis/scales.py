"""The scale on which a metric is judged: linear, logarithms, or log odds for a percentage near an end.

The scale belongs to a metric's definition. Data that arrive later never change it.
"""

import math
from typing import Literal

import numpy as np

from analysis.arrays import Floats

JudgedScale = Literal["linear", "log", "logit"]
Bounds = tuple[float, float]
# Part of the range (5 points of 100 %) from an end within which a percentage is judged by its log odds.
NEAR_AN_END = 0.05


def default_scale(
    *, duration_or_rate: bool, bounds: Bounds | None, baseline: float | None, target: float | None
) -> JudgedScale:
    """Return the scale for a definition: log for durations and rates, linear for other numbers.

    A percentage of a whole (`bounds`) is linear, or logit if its baseline or target lies within 5 points of
    an end.
    """
    if bounds is None:
        return "log" if duration_or_rate and (baseline is None or baseline > 0) else "linear"
    margin = NEAR_AN_END * (bounds[1] - bounds[0])
    stated = [value for value in (baseline, target) if value is not None]
    near = any(min(value - bounds[0], bounds[1] - value) <= margin for value in stated)
    return "logit" if near else "linear"


def usable_scale(scale: JudgedScale, baseline: Floats, bounds: Bounds | None) -> JudgedScale:
    """Return the scale, or linear where the baseline's points rule it out: zero or less has no logarithm.

    Logit needs bounds, and points within them.
    """
    if scale == "log":
        return "log" if len(baseline) and baseline.min() > 0 else "linear"
    if scale == "logit":
        inside = bounds and len(baseline) and bounds[0] <= baseline.min() and baseline.max() <= bounds[1]
        return "logit" if inside else "linear"
    return "linear"


def on_scale(values: Floats, baseline: int, scale: JudgedScale, bounds: Bounds | None) -> Floats:
    """Return the values on the scale; `baseline` counts the first points, which belong to the baseline.

    Zero has no logarithm: it counts as half of the smallest distance from zero that was measured up to
    then.
    """
    if scale == "log":
        logs: Floats = np.log(_above_zero(values, baseline))
        return logs
    if scale == "logit" and bounds:
        low, high = bounds
        below, above = _above_zero(values - low, baseline), _above_zero(high - values, baseline)
        log_odds: Floats = np.log(below) - np.log(above)
        return log_odds
    return values


def off_scale(number: float, scale: JudgedScale, bounds: Bounds | None) -> float:
    """Return what `on_scale` turns into this number."""
    if scale == "log":
        return math.exp(number) if number < 709 else math.inf
    if scale == "logit" and bounds:
        part = 1 / (1 + math.exp(-number)) if number > -700 else 0.0
        return bounds[0] + (bounds[1] - bounds[0]) * part
    return number


def _above_zero(distances: Floats, baseline: int) -> Floats:
    """Return distances with each that is zero or less replaced by half of the smallest one up to then.

    The baseline is known as a whole. Without any in it, the smallest of all points counts.
    """
    positive = np.where(distances > 0, distances, np.inf)
    smallest = np.minimum.accumulate(positive)
    smallest[:baseline] = smallest[baseline - 1] if baseline else np.inf
    smallest = np.where(np.isfinite(smallest), smallest, min(positive.min(initial=np.inf), 1.0))
    return np.where(distances > 0, distances, smallest / 2)

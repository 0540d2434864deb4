"""What a later measurement will be, from three points since the change on: its level, with an 80 % Student
interval.

The interval is Student's for one more point, widened because neighbours resemble each other (as in
`analysis.estimate`). A level holds however far ahead; while the change itself goes on, nothing is forecast.
On simulated series, three to thirteen points after a step, the interval held 79 to 89 of 100 later points;
where a ramp of four points can't be told from a step yet, 66 of 100 (tests/bench/false_claims.py).
"""

import math
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats
from analysis.noise import MAX_VALUE, effective_df, inflation
from analysis.odds import Odds
from analysis.progress import Direction
from analysis.scales import Bounds, JudgedScale, off_scale, on_scale
from analysis.student_t import cdf, quantile

CONFIDENCE = 0.80
MIN_POINTS = 3
MOVING = "it is still moving"


@dataclass(frozen=True)
class LevelForecast:
    """One later measurement, in the metric's unit. `chance` is that of meeting the target, None without
    one.

    `why_not` says why there is no forecast, or is empty. `n` points carry it.
    """

    n: int
    why_not: str = ""
    value: float | None = None
    interval: tuple[float, float] | None = None
    chance: float | None = None


def settled_from(odds: Odds) -> int:
    """Return the position since the date from which the change is complete, by at least half of the weight
    of one series.
    """
    complete = odds.changes.start + odds.changes.length - 1
    order = np.argsort(complete, kind="stable")
    reached = np.searchsorted(odds.weights[order].cumsum(), 0.5)
    return int(complete[order][min(int(reached), len(order) - 1)])


def level_forecast(
    points: Floats,
    *,
    since: int,
    scale: JudgedScale,
    bounds: Bounds | None,
    phi: float,
    never_negative: bool,
    target: float | None,
    direction: Direction,
) -> LevelForecast:
    """Return the forecast from the points of the settled level, on the scale; `since` counts all points
    since the date.

    A measure that was never negative isn't forecast below zero, and one with bounds stays within them.
    """
    n = len(points)
    if n and np.abs(points).max() > MAX_VALUE:
        return LevelForecast(n, "the numbers are too large")
    if since < MIN_POINTS:
        return LevelForecast(n, f"{since} of the {MIN_POINTS} points since the date that a forecast needs")
    if n < MIN_POINTS:
        return LevelForecast(n, MOVING)
    mean, g = float(points.mean()), inflation(n, phi)
    error = math.sqrt(float(((points - mean) ** 2).sum()) / (n - g) * (1 + g / n))
    df = effective_df(n - g, phi)
    half = quantile((1 + CONFIDENCE) / 2, df) * error
    low, value, high = (off_scale(x, scale, bounds) for x in (mean - half, mean, mean + half))
    if not all(map(math.isfinite, (low, value, high))):
        return LevelForecast(n, "the numbers are too large")
    least, most = bounds or (0.0 if never_negative else -math.inf, math.inf)
    interval = (min(max(low, least), most), min(max(high, least), most))
    chance = None if target is None else _chance(mean, error, df, target, direction, scale, bounds)
    return LevelForecast(n, "", value, interval, chance)


def _chance(
    mean: float,
    error: float,
    df: float,
    target: float,
    direction: Direction,
    scale: JudgedScale,
    bounds: Bounds | None,
) -> float:
    """Return the chance that one more point is at least as good as the target."""
    lowest = bounds[0] if bounds else 0.0
    if scale != "linear" and (target <= lowest or (bounds and target >= bounds[1])):
        return float((direction == "lower") is (target > lowest))
    room = float(on_scale(np.array([target]), 0, scale, bounds)[0]) - mean
    room = room if direction == "lower" else -room
    return cdf(room / error, df) if error > 0 else float(room >= 0)

"""A metric's measurements as the points that are judged: sorted, on their scale, daily ones by weeks."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.arrays import Floats
from analysis.counts import FEW_EVENTS, few_events
from analysis.odds import Looks, look_after_each
from analysis.scales import Bounds, JudgedScale, on_scale, usable_scale
from analysis.weeks import DAYS, Weeks, is_daily, weekly

Taken = Literal["points", "weeks", "counts"]
# First points that are taken as the baseline where neither a date nor a baseline is given.
FIRST_POINTS = 8
MAX_DAY = 1e8  # days further from the origin are no dates


@dataclass(frozen=True)
class Series:
    """values: (points,), on `scale`, counts as they are; days: (points,); `baseline`: points before the date.

    measured_days, measured: the same before they were taken in weeks. looks, look_days: when somebody could look since.
    date: the day on which the points since begin, if any.
    """

    days: Floats
    values: Floats
    measured_days: Floats
    measured: Floats
    baseline: int
    looks: Looks
    look_days: Floats
    taken: Taken
    scale: JudgedScale
    date: float | None
    date_found: bool

    @property
    def since(self) -> int:
        return len(self.values) - self.baseline


def series_of(
    days: Floats,
    values: Floats,
    *,
    date: float | None,
    baseline_until: float | None,
    scale: JudgedScale,
    bounds: Bounds | None,
    counts: bool,
) -> Series:
    """Return the points to be judged, from measurements in any order; what isn't finite is left out."""
    days, values = _sorted(np.asarray(days, dtype=float), np.asarray(values, dtype=float))
    start = _start(days, date, baseline_until)
    baseline = len(days) if start is None else int(np.searchsorted(days, start))
    daily = start is not None and is_daily(days[:baseline])
    taken: Taken = "weeks" if daily else "points"
    if counts and _few(values, baseline, daily):
        taken, scale = "counts", "linear"
    else:
        scale = usable_scale(scale, values[:baseline], bounds)
        values = on_scale(values, baseline, scale, bounds)
    if taken == "weeks" and start is not None:
        points = weekly(days, values, start)
    else:
        points = Weeks(values, days, baseline, look_after_each(values, baseline), days[baseline:])
    return Series(
        points.days,
        points.values,
        days,
        values,
        points.baseline,
        points.looks,
        points.look_days,
        taken=taken,
        scale=scale,
        date=start,
        date_found=date is None,
    )


def _sorted(days: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return what is finite, in order of time; of one moment by value, so that arrival says nothing."""
    usable = (np.abs(days) < MAX_DAY) & np.isfinite(values)
    order = np.lexsort((values[usable], days[usable]))
    return days[usable][order], values[usable][order]


def _start(days: Floats, date: float | None, baseline_until: float | None) -> float | None:
    """Return the day from which a change is asked for: the date, else that after the baseline or 8 points."""
    if date is not None:
        return date
    if baseline_until is not None:
        return baseline_until + 1
    if is_daily(days[: FIRST_POINTS * DAYS]):
        return float(np.floor(days[0])) + FIRST_POINTS * DAYS
    return float(days[FIRST_POINTS]) if len(days) > FIRST_POINTS else None


def _few(values: Floats, baseline: int, daily: bool) -> bool:
    """Return whether the points are few events each, also where a week's are added up."""
    together = DAYS if daily else 1
    return few_events(values, baseline) and float(values[:baseline].mean()) * together < FEW_EVENTS

"""Daily points taken in whole weeks, counted outward from a date, so that weekdays weigh alike on both
sides of it.

A week's value is the mean of its days. A week that isn't over yet counts from its first day on: what its
days so far usually lack of the whole week is added, and its variance is larger by what the missing days
would have averaged out.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Bools, Floats, Ints
from analysis.odds import Looks

DAYS = 7
# Median of the days between points up to which a series is daily. Workdays alone are daily too.
DAILY = 1.5
# A past week with fewer than this part of the usual days is left out.
MIN_PART = 0.5


@dataclass(frozen=True)
class Weeks:
    """values: (weeks,), in order of time; days: (weeks,), the first day of each.

    baseline: weeks before the date. looks, look_days: one for each day that was measured since.
    """

    values: Floats
    days: Floats
    baseline: int
    looks: Looks
    look_days: Floats


def is_daily(days: Floats) -> bool:
    """Return whether points on these rising days, those of the baseline, are daily."""
    measured = np.unique(np.floor(days))
    return len(measured) > DAYS and float(np.median(np.diff(measured))) <= DAILY


def weekly(days: Floats, values: Floats, date: float) -> Weeks:
    """Return daily points as weeks outward from `date`, which is the first day of the first week since.

    `days` rise and count from any origin; `values` are on the scale on which they are judged.
    """
    grid, week = _grid(np.floor(days - date).astype(int), values)
    usual = _usual_days(grid[week < 0])
    whole = _kept(grid, week, usual)
    grid, week = grid[whole], week[whole]
    baseline = int((week < 0).sum())
    so_far, extra = _so_far(grid, baseline, usual)
    row, slot = np.nonzero(np.isfinite(grid))
    since = row >= baseline
    looks = Looks(row[since] - baseline, so_far[row, slot][since], extra[row, slot][since])
    means: Floats = np.nanmean(grid, axis=1)
    if since.any():
        means[-1] = looks.value[-1]
    first_days: Floats = date + DAYS * week.astype(float)
    return Weeks(means, first_days, baseline, looks, (first_days[row] + slot)[since])


def _grid(offsets: Ints, values: Floats) -> tuple[Floats, Ints]:
    """Return the mean of each day, (weeks, 7), NaN where nothing was measured; and each week's number.

    `offsets` are days since the date, which begins week 0.
    """
    week, slot = offsets // DAYS, offsets % DAYS
    weeks, row = np.unique(week, return_inverse=True)
    sums, counts = np.zeros((len(weeks), DAYS)), np.zeros((len(weeks), DAYS))
    np.add.at(sums, (row, slot), values)
    np.add.at(counts, (row, slot), 1)
    return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0), weeks


def _usual_days(grid: Floats) -> int:
    """Return the median number of days measured a week."""
    counts = np.isfinite(grid).sum(axis=1)
    return int(np.median(counts)) if len(counts) else DAYS


def _kept(grid: Floats, week: Ints, usual: int) -> Bools:
    """Return which weeks count: the first if it is whole, the newest since the date, others with half their
    days.
    """
    counts = np.isfinite(grid).sum(axis=1)
    whole: Bools = counts >= MIN_PART * usual
    whole[0] = counts[0] >= usual
    whole[-1] = whole[-1] or week[-1] >= 0
    return whole


def _so_far(grid: Floats, baseline: int, usual: int) -> tuple[Floats, Floats]:
    """Return each week's mean up to each of its days, with what those days usually lack, and extra variance.

    The mean of j of 7 independent days has 7 / j times the variance of the whole week's; what the days lack
    is itself an average over the baseline's weeks.
    """
    measured = np.isfinite(grid)
    days = np.maximum(measured.cumsum(axis=1), 1)
    running = np.where(measured, grid, 0.0).cumsum(axis=1) / days
    lacking = np.where(measured.cumsum(axis=1) > 0, running[:, -1:] - running, 0.0)[:baseline]
    extra = np.maximum(usual / days - 1, 0.0)
    so_far = running + np.where(extra > 0, lacking.mean(axis=0) if baseline else 0.0, 0.0)
    return so_far, extra * (1 + 1 / max(baseline, 1))

"""How large a change is: one factor, or one difference, with its own 95 % interval, from the points that
the odds rest on.

Levels are plain means on the metric's scale (geometric ones on logarithms), so that anybody can work them
out again. The interval is Student's with one spread for both sides, as in the odds, widened because
neighbours resemble each other: a mean of n AR(1) points has g / n times their variance (`noise.inflation`),
the squares around it have the expectation (n - g) sigma^2, and fewer degrees of freedom
(`noise.effective_df`).
"""

import math
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats
from analysis.noise import MAX_VALUE, effective_df, inflation
from analysis.odds import ROUNDING
from analysis.progress import Direction
from analysis.scales import Bounds, JudgedScale, off_scale
from analysis.student_t import quantile, regularised_beta

CONFIDENCE = 0.95

Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class Estimate:
    """Before and since the change, in the metric's unit. An end of an interval that the points don't bound
    is None.

    `factor` is above 1 where the metric got better; it is None where a factor means nothing: a percentage
    of a whole, values or means of zero or less. `difference` is since minus before; its interval is None on
    logarithms, where the factor has it.
    """

    n_before: int
    n_since: int
    before: float
    since: float
    difference: float
    difference_interval: Interval | None
    factor: float | None
    factor_interval: Interval | None


@dataclass(frozen=True)
class _Level:
    """A mean on the scale, `g` as above, and the sum of squares around the mean."""

    n: int
    mean: float
    g: float
    squares: float


@dataclass(frozen=True)
class _Pair:
    """Two levels with one spread: variances of their means, and half the width of an interval a unit of
    standard error.
    """

    before: _Level
    since: _Level
    variances: tuple[float, float]
    t: float

    @property
    def difference(self) -> float:
        return self.since.mean - self.before.mean

    @property
    def half(self) -> float:
        return self.t * math.sqrt(sum(self.variances))


def estimate_of(
    before: Floats,
    since: Floats,
    *,
    direction: Direction,
    scale: JudgedScale,
    bounds: Bounds | None,
    phi: float,
) -> Estimate | None:
    """Return the size of the change from the points before and since, both on the scale; None without two
    and one.
    """
    if len(before) < 2 or not len(since) or max(np.abs(before).max(), np.abs(since).max()) > MAX_VALUE:
        return None
    pair = _paired(_level(before, phi), _level(since, phi), phi)
    old, new = (off_scale(level.mean, scale, bounds) for level in (pair.before, pair.since))
    factor, factor_interval = (
        _factor(pair, before, since, direction, scale) if bounds is None else (None, None)
    )
    return Estimate(
        n_before=len(before),
        n_since=len(since),
        before=old,
        since=new,
        difference=new - old,
        difference_interval=_difference_interval(pair, scale, bounds),
        factor=factor,
        factor_interval=factor_interval,
    )


def _level(points: Floats, phi: float) -> _Level:
    mean = float(points.mean())
    squares = float(((points - mean) ** 2).sum())
    rounding = (ROUNDING * float(np.abs(points).max())) ** 2 * len(points)
    return _Level(len(points), mean, inflation(len(points), phi), squares if squares > rounding else 0.0)


def _paired(before: _Level, since: _Level, phi: float) -> _Pair:
    free = before.n - before.g + since.n - since.g
    variance = (before.squares + since.squares) / free
    variances = (variance * before.g / before.n, variance * since.g / since.n)
    return _Pair(before, since, variances, quantile((1 + CONFIDENCE) / 2, effective_df(free, phi)))


def _difference_interval(pair: _Pair, scale: JudgedScale, bounds: Bounds | None) -> Interval | None:
    if scale == "log" or not pair.half > 0:
        return None
    low, high = (
        off_scale(pair.before.mean + end, scale, bounds) - off_scale(pair.before.mean, scale, bounds)
        for end in (pair.difference - pair.half, pair.difference + pair.half)
    )
    return _finite(low), _finite(high)


def _factor(
    pair: _Pair, before: Floats, since: Floats, direction: Direction, scale: JudgedScale
) -> tuple[float | None, Interval | None]:
    if scale == "log":
        sign = -1 if direction == "lower" else 1
        ends = sorted(sign * end for end in (pair.difference - pair.half, pair.difference + pair.half))
        return _exp(sign * pair.difference), (_exp(ends[0]), _exp(ends[1])) if pair.half > 0 else None
    levels = (pair.before.mean, pair.since.mean)
    if min(before.min(), since.min()) < 0 or min(levels) <= 0:
        return None, None
    top, bottom = (0, 1) if direction == "lower" else (1, 0)
    return _finite(levels[top] / levels[bottom]), _fieller(pair, levels, top, bottom)


def _fieller(pair: _Pair, levels: tuple[float, float], top: int, bottom: int) -> Interval | None:
    """Return the ratios r of levels with |top - r bottom| <= t sqrt(v_top + r^2 v_bottom) (Fieller,
    1954).
    """
    unit = levels[bottom]  # squares of very small or large numbers would vanish or overflow
    ratio, v_top, v_bottom = levels[top] / unit, *(pair.variances[i] / unit / unit for i in (top, bottom))
    a, c = 1 - pair.t**2 * v_bottom, ratio * ratio - pair.t**2 * v_top
    under = ratio * ratio - a * c
    if not pair.half > 0 or not math.isfinite(under) or under < 0:
        return None
    root = math.sqrt(under)
    low = c / (ratio + root) if c > 0 else None
    return low, (ratio + root) / a if a > 0 else None


def estimate_of_counts(
    events: tuple[float, float], points: tuple[int, int], *, direction: Direction, spread: float
) -> Estimate | None:
    """Return the size of a change of a rate of events, before and since, per point.

    The interval is Clopper and Pearson's for the part of all events that came since (Biometrika 1934), in
    units of `spread` events where they cluster.
    """
    if min(points) < 1:
        return None
    before, since = events[0] / points[0], events[1] / points[1]
    low, high = _ratio_interval(events[0] / spread, events[1] / spread, points[1] / points[0])
    better, ends = (since, before), (low, high)
    if direction == "lower":
        better, ends = (before, since), (high and 1 / high, low and 1 / low)
    return Estimate(
        n_before=points[0],
        n_since=points[1],
        before=before,
        since=since,
        difference=since - before,
        difference_interval=None,
        factor=better[0] / better[1] if min(better) > 0 else None,
        factor_interval=None if not sum(events) else ends,
    )


def _ratio_interval(k0: float, k1: float, exposure: float) -> Interval:
    """Return the bounds of since / before; `exposure` is the points since over those before."""
    tail = (1 - CONFIDENCE) / 2
    low = _beta_quantile(tail, k1, k0 + 1) if k1 > 0 else 0.0
    high = _beta_quantile(1 - tail, k1 + 1, k0) if k0 > 0 else 1.0
    bounds = [part / (1 - part) / exposure if 0 < part < 1 else None for part in (low, high)]
    return bounds[0], bounds[1]


def _beta_quantile(chance: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if regularised_beta(middle, a, b) < chance else (low, middle)
    return (low + high) / 2


def _exp(number: float) -> float | None:
    return math.exp(number) if number < 709 else None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None

"""How large a change is: Welch's comparison of two groups of points, as a factor and as a difference.

On the linear scale the factor is the ratio of the means with Fieller's interval, taken at Welch's degrees of
freedom; on the log scale the ratio of the geometric means with Welch's interval on logarithms. Either
interval leaves 1 out exactly when p < 0.05. All of it assumes independent points; in real series neighbours
resemble each other, which makes intervals too narrow: the false-claim rates beside a verdict include that.
"""

import math
from dataclasses import dataclass

import numpy as np

from analysis.progress import Direction, Scale
from analysis.student_t import quantile, two_sided_p

CONFIDENCE = 0.95
MIN_SKEWNESS = 1.0  # sample skewness from which a positive measure is compared by its logarithms
MIN_POINTS_FOR_SKEWNESS = 8  # points


@dataclass(frozen=True)
class Effect:
    """`factor` > 1 is better; intervals are (low, high), an end that has none is None; values in the metric's
    unit.

    `baseline` and `current` are means (geometric ones on the log scale); `p` is Welch's, two-sided, None
    where the points don't vary at all.
    """

    scale: Scale
    n_baseline: int
    n_current: int
    baseline: float
    current: float
    difference: float
    difference_interval: tuple[float, float] | None
    factor: float | None
    factor_interval: tuple[float | None, float | None] | None
    p: float | None


@dataclass(frozen=True)
class _Welch:
    means: tuple[float, float]
    variances: tuple[float, float]  # of the means
    df: float | None

    @property
    def difference(self) -> float:
        return self.means[1] - self.means[0]

    @property
    def error(self) -> float:
        return math.sqrt(sum(self.variances))

    @property
    def t(self) -> float:
        assert self.df is not None, "points that don't vary have no t"
        return quantile((1 + CONFIDENCE) / 2, self.df)

    @property
    def p(self) -> float | None:
        return None if self.df is None else two_sided_p(self.difference / self.error, self.df)

    @property
    def interval(self) -> tuple[float, float] | None:
        if self.df is None:
            return None
        return self.difference - self.t * self.error, self.difference + self.t * self.error


def scale_of(baseline: np.ndarray, others: np.ndarray) -> Scale:
    """Log for a measure that is always positive and whose baseline is skewed to the right, else linear."""
    if min(baseline.min(initial=math.inf), others.min(initial=math.inf)) <= 0:
        return "linear"
    return "log" if _skewness(baseline) > MIN_SKEWNESS else "linear"


def effect_of(
    baseline: np.ndarray, current: np.ndarray, direction: Direction, scale: Scale, *, bounded: bool = False
) -> Effect | None:
    """Current points against baseline points; None if either has fewer than two.

    No factor for a bounded measure, nor where values or means make it meaningless (negative, or zero).
    """
    baseline, current = np.asarray(baseline, dtype=float), np.asarray(current, dtype=float)
    if min(len(baseline), len(current)) < 2:
        return None
    if scale == "log" and min(baseline.min(), current.min()) <= 0:
        scale = "linear"
    linear = _welch(baseline, current)
    welch = _welch(np.log(baseline), np.log(current)) if scale == "log" else linear
    means = tuple(math.exp(mean) for mean in welch.means) if scale == "log" else linear.means
    factor, factor_interval = None, None
    if not bounded and min(baseline.min(), current.min()) >= 0 and min(means) > 0:
        better, worse = (0, 1) if direction == "lower" else (1, 0)
        factor = means[better] / means[worse]
        factor_interval = _on_logs(welch, direction) if scale == "log" else _fieller(linear, better, worse)
    return Effect(
        scale=scale,
        n_baseline=len(baseline),
        n_current=len(current),
        baseline=means[0],
        current=means[1],
        difference=means[1] - means[0],
        difference_interval=linear.interval if scale == "linear" else None,
        factor=factor,
        factor_interval=factor_interval,
        p=welch.p,
    )


def _welch(one: np.ndarray, other: np.ndarray) -> _Welch:
    means = (float(one.mean()), float(other.mean()))
    # Variance relative to size below double precision is what rounding leaves of a constant.
    floor = (1e-12 * max(np.abs(one).max(), np.abs(other).max())) ** 2
    variances = tuple(float(v) if (v := x.var(ddof=1)) > floor else 0.0 for x in (one, other))
    a, b = variances[0] / len(one), variances[1] / len(other)
    if not a + b > 0 or not math.isfinite(a + b):
        return _Welch(means, (a, b), None)
    # Shares first: squares of very small variances would vanish.
    share = a / (a + b)
    df = 1 / (share**2 / (len(one) - 1) + (1 - share) ** 2 / (len(other) - 1))
    return _Welch(means, (a, b), df)


def _on_logs(welch: _Welch, direction: Direction) -> tuple[float | None, float | None] | None:
    if welch.interval is None:
        return None
    low, high = welch.interval
    if direction == "lower":
        low, high = -high, -low
    return _exp(low), _exp(high)


def _fieller(welch: _Welch, top: int, bottom: int) -> tuple[float | None, float | None] | None:
    """Return the positive ratios r of means that the data don't refute: |top - r bottom| <= t sqrt(v_top + r^2
    v_bottom).
    """
    if welch.df is None:
        return None
    unit = welch.means[bottom]  # in units of the lower mean, so that squares neither vanish nor overflow
    ratio, t2 = welch.means[top] / unit, welch.t * welch.t
    v_top, v_bottom = welch.variances[top] / unit / unit, welch.variances[bottom] / unit / unit
    a, c = 1 - t2 * v_bottom, ratio * ratio - t2 * v_top
    under = ratio * ratio - a * c
    if under < 0 or not math.isfinite(under):
        return None
    root = math.sqrt(under)
    if a > 0:
        return max((ratio - root) / a, 0.0), (ratio + root) / a
    return (c / (ratio + root) if c > 0 else 0.0), None


def _skewness(values: np.ndarray) -> float:
    n = len(values)
    if n < MIN_POINTS_FOR_SKEWNESS:
        return 0.0
    centred = values - values.mean()
    spread = math.sqrt(float((centred**2).mean()))
    if spread <= 1e-9 * float(np.abs(values).max()):
        return 0.0
    return float(((centred / spread) ** 3).mean()) * math.sqrt(n * (n - 1)) / (n - 2)


def _exp(number: float) -> float | None:
    return math.exp(number) if number < 700 else None

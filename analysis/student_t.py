"""Student's t distribution without a statistics library: distribution, two-sided p, quantile.

The distribution is the regularised incomplete beta function, I_x(df/2, 1/2) with x = df / (df + t^2),
evaluated by its continued fraction (NIST DLMF 8.17.22) with Lentz's method. Degrees of freedom may be broken,
as Welch's are.
"""

import math
from functools import lru_cache

TINY = 1e-300
PRECISION = 1e-15
MAX_STEPS = 10_000


def two_sided_p(t: float, df: float) -> float:
    """Return the chance of a |T| at least this large."""
    square = t * t
    if square < 1:  # there df / (df + t^2) is so near 1 that it forgets t
        return 1 - regularised_beta(square / (df + square), 0.5, df / 2)
    return regularised_beta(df / (df + square), df / 2, 0.5) if math.isfinite(square) else 0.0


def cdf(t: float, df: float) -> float:
    """Return the chance of a T of at most t."""
    half = two_sided_p(t, df) / 2
    return 1 - half if t > 0 else half


@lru_cache(maxsize=4096)
def quantile(chance: float, df: float) -> float:
    """Return the t that T stays below with this chance, by bisection, to about 1e-12.

    Raises ValueError unless 0 < chance < 1 and df > 0.
    """
    if not 0 < chance < 1 or not df > 0:
        raise ValueError("A quantile needs a chance between 0 and 1 and degrees of freedom above 0.")
    if chance < 0.5:
        return -quantile(1 - chance, df)
    low, high = 0.0, 1.0
    while cdf(high, df) < chance:
        low, high = high, high * 2
    while high - low > 1e-13 * max(1.0, high):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if cdf(middle, df) < chance else (low, middle)
    return (low + high) / 2


def regularised_beta(x: float, a: float, b: float) -> float:
    """I_x(a, b), for 0 <= x <= 1."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    # The fraction converges fast only on the near side of the mean; beyond it, I_x(a, b) = 1 - I_{1-x}(b, a).
    if x < (a + 1) / (a + b + 2):
        return front * _continued_fraction(x, a, b) / a
    return 1 - front * _continued_fraction(1 - x, b, a) / b


def _continued_fraction(x: float, a: float, b: float) -> float:
    value = c = 1.0
    d = 1 / _apart_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, MAX_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for numerator in (even, odd):
            d = 1 / _apart_from_zero(1 + numerator * d)
            c = _apart_from_zero(1 + numerator / c)
            value *= c * d
        if abs(c * d - 1) < PRECISION:
            return value
    return value


def _apart_from_zero(number: float) -> float:
    return number if abs(number) > TINY else TINY

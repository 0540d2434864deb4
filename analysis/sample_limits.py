"""Process limits of points that sum up different numbers of observations, n: Laney's p' and u' charts.

A share or rate of n observations varies by itself as 1 / sqrt(n), yet real processes vary more, or less, than that. Laney
("Improved control charts for attributes", Quality Engineering 2002) standardises each point, z = (value - mean) / sd(n),
with sd(n) = sqrt(p (1 - p) / n) for shares (p') and sqrt(u / n) for rates (u'), takes sigma of z from the moving range as
in any chart of individuals, and draws mean +- 3 sigma_z sd(n). What sd(n) holds besides n cancels out of that product, so
that both charts have the same limits:

    mean +- 3 sigma / sqrt(n)      sigma: of the moving range of (value - mean) sqrt(n);  mean: weighted by n

With one n throughout they are those of the XmR chart.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Bools, Floats
from analysis.limits import ROUNDING, SCALING, Limits

SMALL_SAMPLE = 20  # observations; a point of fewer says little by itself


@dataclass(frozen=True)
class SampleLimits:
    """Limits of each point of a phase, in the metric's unit: `lower` and `upper`, (points,).

    average: the limits of a point of an average number of observations. small: points of fewer than 20.
    deviations: (value - mean) sqrt(n), n as a part of the largest, on which rules are applied with the limits
    `standard`, whose mean is 0.
    """

    mean: float
    lower: Floats
    upper: Floats
    average: tuple[float, float]
    small: Bools
    deviations: Floats
    standard: Limits


def sample_limits(values: Floats, n: Floats, baseline: int) -> SampleLimits | None:
    """Return the limits of a phase's points, resting on its first `baseline`; None unless each n is known and positive,
    and two points or more carry them."""
    if baseline < 2 or not (np.isfinite(n) & (n > 0)).all():
        return None
    first, part = slice(baseline), n / n.max()
    size = np.sqrt(part)
    mean = float(np.average(values[first], weights=part[first]))
    deviations = (values - mean) * size
    moving_range = float(np.abs(np.diff(deviations[first])).mean())
    width = SCALING * moving_range
    tolerance = ROUNDING * float(np.abs(values * size).max())
    usual = width / float(np.sqrt(part.mean()))
    return SampleLimits(
        mean=mean,
        lower=mean - width / size,
        upper=mean + width / size,
        average=(mean - usual, mean + usual),
        small=n < SMALL_SAMPLE,
        deviations=deviations,
        standard=Limits(0.0, moving_range, -width, width, baseline, tolerance),
    )

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

    small: points of fewer than 20 observations. deviations: (value - mean) sqrt(n), on which rules are applied with
    the limits `standard`, whose mean is 0.
    """

    mean: float
    lower: Floats
    upper: Floats
    small: Bools
    deviations: Floats
    standard: Limits

    def average(self, n: Floats) -> tuple[float, float]:
        """Return the limits of a point of as many observations as the phase's points `n` have on average."""
        width = 3 * self.standard.sigma / float(np.sqrt(n.mean()))
        return self.mean - width, self.mean + width


def sample_limits(values: Floats, n: Floats, baseline: int) -> SampleLimits | None:
    """Return the limits of a phase's points, resting on its first `baseline`; None unless each n is known and positive,
    and two points or more carry them."""
    if baseline < 2 or not (np.isfinite(n) & (n > 0)).all():
        return None
    first, size = slice(baseline), np.sqrt(n)
    mean = float(np.average(values[first], weights=n[first]))
    deviations = (values - mean) * size
    moving_range = float(np.abs(np.diff(deviations[first])).mean())
    width = SCALING * moving_range
    tolerance = ROUNDING * float(np.abs(values * size).max())
    standard = Limits(0.0, moving_range, -width, width, baseline, tolerance)
    return SampleLimits(
        mean, mean - width / size, mean + width / size, n < SMALL_SAMPLE, deviations, standard
    )

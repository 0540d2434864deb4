"""The natural process limits of an XmR chart (Wheeler, "Understanding Variation").

Limits are mean +- 2.66 x mean moving range, a moving range being the distance between successive points; 2.66
is 3 / 1.128, so that a third of the way from the mean to a limit is one sigma.
"""

from dataclasses import dataclass

import numpy as np

SCALING = 2.66
# Values closer than this, as a part of the largest, are the same number: what arithmetic on doubles leaves
# over.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Limits:
    """All in the metric's unit; `n` points they rest on. One point has a mean and no limits (None)."""

    mean: float
    mean_moving_range: float | None
    lower: float | None
    upper: float | None
    n: int
    tolerance: float

    @property
    def sigma(self) -> float:
        """One standard deviation as the moving ranges tell it; 0 for a single point."""
        return (self.mean_moving_range or 0.0) * SCALING / 3

    def beyond(self, values: np.ndarray, distance: float) -> np.ndarray:
        """+1 where a value lies further than `distance` above the mean, -1 where below, 0 within."""
        from_mean = np.asarray(values, dtype=float) - self.mean
        return np.where(np.abs(from_mean) > distance + self.tolerance, np.sign(from_mean), 0).astype(int)


def limits_of(values: np.ndarray) -> Limits | None:
    """Return the limits that rest on these successive points; None without any."""
    values = np.asarray(values, dtype=float)
    if not len(values):
        return None
    mean, tolerance = float(values.mean()), ROUNDING * float(np.abs(values).max())
    if len(values) == 1:
        return Limits(mean, None, None, None, 1, tolerance)
    mean_moving_range = float(np.abs(np.diff(values)).mean())
    width = SCALING * mean_moving_range
    return Limits(mean, mean_moving_range, mean - width, mean + width, len(values), tolerance)

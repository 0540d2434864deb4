"""Fewer points with the same shape, for charts of long series."""

import numpy as np

MAX_POINTS = 2_000


def downsample(values: np.ndarray, most: int = MAX_POINTS) -> np.ndarray:
    """Return the positions to keep, ascending and at most `most` (4 or more), so that `values` still looks the same.

    `values` are finite numbers in order of time. The first and last point stay, and of each of (most - 2) / 2
    equal stretches the lowest and the highest, so no extreme is ever lost. Short series are kept whole.
    Raises ValueError if `most` is below 4.
    """
    if most < 4:
        raise ValueError("A series can't be shown with fewer than 4 points.")
    values = np.asarray(values, dtype=float)
    if len(values) <= most:
        return np.arange(len(values))
    chosen = {0, len(values) - 1}
    for stretch in np.array_split(np.arange(len(values)), (most - 2) // 2):
        chosen.update((stretch[values[stretch].argmin()], stretch[values[stretch].argmax()]))
    return np.array(sorted(chosen))

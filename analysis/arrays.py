"""Types of the arrays that the rules take and return.

Values are in the metric's own unit (h, %, USD). Where a function takes a scale or says "on the scale", they are
logarithms or log odds of that (analysis/scales.py). Days are floats: calendar days from an origin that the caller chose,
the same for all days of a call, with the time of day as the fraction (1.5 is noon of the day after the origin). An array
of points has them on its last axis.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

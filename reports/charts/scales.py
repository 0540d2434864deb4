"""Where a number lies on an axis: one scale for pages (percent), paper (points) and slides."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """The numbers from the beginning of an axis to its end; `log` spaces them by their ratios (both above 0)."""

    low: float
    high: float
    log: bool = False

    def along(self, value: float, start: float, end: float) -> float:
        """Return the position of `value` on an axis drawn from `start` to `end`, also beyond its ends."""
        low, high = self._spaced(self.low), self._spaced(self.high)
        return start + (end - start) * (self._spaced(value) - low) / (high - low)

    def place(self, value: float) -> float:
        """Return the position in percent of the axis; a number beyond an end is placed at that end."""
        if self.low == self.high:
            return 50.0
        return self.along(min(max(value, self.low), self.high), 0.0, 100.0)

    def _spaced(self, value: float) -> float:
        return math.log(value) if self.log else value

"""The changes that a series is asked about: when each begins, how it goes, how likely it is beforehand."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.arrays import Floats, Ints

# A change begins at the date, or up to 12 points later, each of those as likely as the others.
WEIGHT_OF_DATE = 0.5
LATER_STARTS = 12
# It is a step (a ramp over 1 point) or a ramp over so many points.
STEP = 1
SHAPES = {STEP: 0.5, 4: 0.25, 13: 0.25}
MAX_LENGTH = max(SHAPES)
# Points since its start that a change needs to be told from chance, and a ramp from a step.
MIN_POINTS = {STEP: 2, 4: 3, 13: 3}
# Starts that are tried one by one where a date is looked for; of later ones every second, fourth, eighth.
DENSE_STARTS = 32
# Points since the baseline up to which ramps are tried at every start as well.
MAX_RAMPS = 200


@dataclass(frozen=True)
class Changes:
    """Parallel arrays: the first point of each change, counted from the date; points until it is complete;
    its weight before any point is seen.
    """

    start: Ints
    length: Ints
    weight: Floats

    def columns(self, points: int) -> Floats:
        """Return which part of each change is done at each of `points` since the date: (changes, points)."""
        done = np.arange(points) - self.start[:, None] + 1
        parts: Floats = np.clip(done / self.length[:, None], 0, 1)
        return parts

    @cached_property
    def min_points(self) -> Ints:
        """Points since the date from which on each change counts."""
        needed: Ints = self.start + np.array(
            [MIN_POINTS[length] for length in self.length.tolist()], dtype=int
        )
        return needed


def changes_at(starts: Ints, weights: Floats, shapes: dict[int, float] = SHAPES) -> Changes:
    """Return each shape at each of the starts, which share `weights`."""
    start, length = np.meshgrid(starts, np.array(list(shapes)), indexing="ij")
    weight = weights[:, None] * np.array(list(shapes.values()))
    return Changes(start.ravel(), length.ravel(), weight.ravel())


FROM_DATE = changes_at(
    np.arange(LATER_STARTS + 1),
    np.array([WEIGHT_OF_DATE, *[(1 - WEIGHT_OF_DATE) / LATER_STARTS] * LATER_STARTS]),
)


def changes_anywhere(points: int) -> Changes:
    """Return the changes that may begin at any of `points` since the baseline, all alike.

    Of many points only steps are tried: a ramp is found as a step within it.
    """
    starts = [0]
    while starts[-1] < points:
        starts.append(starts[-1] + 2 ** (starts[-1] // DENSE_STARTS).bit_length())
    shapes = SHAPES if points <= MAX_RAMPS else {STEP: 1.0}
    return changes_at(np.array(starts[:-1]), np.diff(starts) / starts[-1], shapes)

"""Weekly values of the sample's metrics: a level that steps when something goes live, with routine variation."""

from __future__ import annotations

import random
from collections.abc import Mapping

WEEKS_BEFORE = 8
"""Weeks of history before day 1."""
_SIGNIFICANT = 3


def weekly_values(
    name: str, levels: Mapping[int, float], variation: float, last_week: int
) -> dict[int, float]:
    """Return the value of each week up to `last_week`; the same `name` gives the same values.

    `levels` has the level from each week on; `variation` is one standard deviation as a share of the level.
    """
    # A text is hashed by the generator itself, the same way in every process.
    chance = random.Random(name)
    values = {}
    for week in range(1 - WEEKS_BEFORE, last_week + 1):
        level = levels[max((since for since in levels if since <= week), default=min(levels))]
        values[week] = float(f"{level * (1 + variation * chance.gauss(0, 1)):.{_SIGNIFICANT}g}")
    return values

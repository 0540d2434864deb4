"""What the sample's metrics came to week by week: a level that steps when something goes live, and routine variation."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import count

WEEKS_BEFORE = 8
"""So many weeks before day 1 reaches the history that was found when a metric was defined."""
_SIGNIFICANT = 3


def weekly_values(
    name: str, levels: Mapping[int, float], variation: float, last_week: int
) -> dict[int, float]:
    """The value of each week up to `last_week`, the same ones for the same `name`.

    `levels` says from which week on which level holds; `variation` is one standard deviation as a share of the level.
    """
    # A text is hashed by the generator itself, the same way in every process.
    chance = random.Random(name)
    found = {}
    for week in count(1 - WEEKS_BEFORE):
        if week > last_week:
            return found
        level = levels[max((since for since in levels if since <= week), default=min(levels))]
        found[week] = float(f"{level * (1 + variation * chance.gauss(0, 1)):.{_SIGNIFICANT}g}")
    return found

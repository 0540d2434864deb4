"""From which day a change can be confirmed at the earliest, for a metric that is being defined."""

from functools import lru_cache

import numpy as np

from analysis.confirmation import CONFIRMED, MIN_BASELINE
from analysis.odds import odds_of
from analysis.weeks import DAYS, weekly

# Points since a date that are tried before giving up.
MAX_POINTS = 13


def first_confirmable_day(go_live: int, cadence_days: int, measured_periods: int = 0) -> int | None:
    """Return the first day of the plan on which a change at `go_live` can be confirmed, or None.

    The metric is measured every `cadence_days` days from day 1 on, or has `measured_periods` points before `go_live`
    already (weeks where measured daily). What a period came to is known on the day after its end; of daily measurements
    the second week counts from its first day. None means that fewer than four points come before `go_live`.
    """
    daily = cadence_days <= 1
    every = DAYS if daily else cadence_days
    needed = periods_needed(max((go_live - 1) // every, measured_periods), daily=daily)
    return None if needed is None else go_live + needed * cadence_days


@lru_cache(maxsize=256)
def periods_needed(baseline: int, *, daily: bool) -> int | None:
    """Return how many days (daily) or points since a date the odds need for the clearest step there can be.

    `baseline` is the number of points before, weeks where measured daily.
    """
    if baseline < MIN_BASELINE:
        return None
    if daily:
        days = np.arange(-baseline * DAYS, MAX_POINTS * DAYS, dtype=float)
        weeks = weekly(days, (days >= 0).astype(float), 0.0)
        odds = odds_of(weeks.values, weeks.baseline, looks=weeks.looks)
    else:
        odds = odds_of((np.arange(baseline + MAX_POINTS) >= baseline).astype(float), baseline)
    enough = odds.log_odds >= np.log(CONFIRMED)
    return int(enough.argmax()) + 1 if enough.any() else None

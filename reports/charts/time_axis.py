"""A time axis that shows every moment as it is written, whatever the time zone of the browser.

Moments are milliseconds since 1970 of the written (wall) time.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd

from models.wording import day_month
from reports.charts.scales import Scale

MAX_DAYS_NAMED = 6
DAY_STEPS = [1, 2, 7, 14, 28, 56, 91, 182, 365, 730, 1_825, 3_650, 36_500]
"""Days from one named day to the next."""
A_YEAR = 365
"""Days; a longer axis names the year of each day."""
MAX_HOURS_NAMED = 10
HOUR_STEPS = [1, 3, 6, 12]
HOURS_UP_TO = pd.Timedelta(days=3)
"""A longer axis isn't named by the hour."""
MARGIN = 0.02
"""Part of the axis that is free before its first moment and after its last."""
HALF_A_DAY_S = 43_200.0
HOUR_MS, DAY_MS = 3_600_000.0, 86_400_000.0


def scale(first: float, last: float, min_margin: float) -> Scale:
    """Return the axis from `first` to `last` with a margin at both ends, at least `min_margin` (in their unit)."""
    margin = max((last - first) * MARGIN, min_margin)
    return Scale(first - margin, last + margin)


def day_ticks(first: date, last: date) -> dict[date, str]:
    """Return the days to name from `first` to `last` with their labels ("20 Nov"), at most about `MAX_DAYS_NAMED`,
    counted back from the last one."""
    days = (last - first).days + 1
    step = next((step for step in DAY_STEPS if days / step <= MAX_DAYS_NAMED), DAY_STEPS[-1])
    named = [last - timedelta(days=ago) for ago in range(0, days, step)]
    return {day: day_month(day) + (f" {day.year}" if days > A_YEAR else "") for day in named}


def ticks(times: Sequence[float]) -> dict[float, str]:
    """Return the moments (milliseconds) to name on the axis of `times`, in order, with their labels."""
    start, end = (pd.Timestamp(one, unit="ms") for one in (min(times), max(times)))
    if start < end <= start + HOURS_UP_TO:
        return _hours(start, end)
    named = day_ticks(start.date(), end.date())
    moments = {max(_milliseconds(pd.Timestamp(day)), float(min(times))): text for day, text in named.items()}
    return dict(sorted(moments.items()))


def _hours(start: pd.Timestamp, end: pd.Timestamp) -> dict[float, str]:
    for step in HOUR_STEPS:
        hours = pd.date_range(start.normalize(), end, freq=f"{step}h")
        hours = hours[hours >= start]
        if len(hours) <= MAX_HOURS_NAMED:
            break
    return {_milliseconds(hour): f"{hour.day} {hour:%b %H:%M}" for hour in hours}


def _milliseconds(at: pd.Timestamp) -> float:
    return float(at.timestamp()) * 1000


def with_times(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` with its moments `at` as `time` (milliseconds) and as `moment` ("20 Nov 2026", for people)."""
    written = pd.to_datetime(frame["at"])
    if written.dt.tz is not None:
        written = written.dt.tz_localize(None)
    days_only = (written == written.dt.normalize()).all()
    clock = "" if days_only else " %H:%M"
    moments = [f"{moment.day} {moment.strftime('%b %Y' + clock)}" for moment in written]
    milliseconds = (written - pd.Timestamp(0)) / pd.Timedelta(milliseconds=1)
    return frame.assign(time=milliseconds, moment=moments).drop(columns="at").reset_index(drop=True)

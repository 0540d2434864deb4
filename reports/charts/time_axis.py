"""A time axis that shows every moment as it is written, whatever the time zone of the browser.

Moments are milliseconds since 1970 of the written (wall) time.
"""

from collections.abc import Sequence

import pandas as pd

from reports.charts.components import Scale

MOST_TICKS = 10
STEPS = [
    ("1h", "%-d %b %H:%M"), ("6h", "%-d %b %H:%M"), ("1D", "%-d %b"), ("2D", "%-d %b"), ("7D", "%-d %b"),
    ("14D", "%-d %b"), ("MS", "%b %Y"), ("QS", "%b %Y"), ("2QS", "%b %Y"),
    ("YS", "%Y"), ("10YS", "%Y"),
]  # fmt: skip
"""Steps between ticks, with the format of their labels; the first that needs no more than MOST_TICKS is
taken.
"""
HOURS_UP_TO = pd.Timedelta(days=3)
"""Longer stretches of time aren't labelled by the hour."""
ROOM = 0.02
"""Part of the stretch that is free before its first moment and after its last."""
A_DAY = 86_400_000


def scale(times: Sequence[float]) -> Scale:
    """The stretch that `times` (milliseconds, at least one) cover, with a little room at both ends."""
    first, last = float(min(times)), float(max(times))
    room = (last - first or A_DAY) * ROOM
    return Scale(first - room, last + room)


def with_times(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with its moments `at` as `time` (milliseconds) and as `moment` ("20 Nov 2026", for people)."""
    written = pd.to_datetime(frame["at"])
    if written.dt.tz is not None:
        written = written.dt.tz_localize(None)
    days_only = (written == written.dt.normalize()).all()
    clock = "" if days_only else " %H:%M"
    moments = [f"{moment.day} {moment.strftime('%b %Y' + clock)}" for moment in written]
    milliseconds = (written - pd.Timestamp(0)) / pd.Timedelta(milliseconds=1)
    return frame.assign(time=milliseconds, moment=moments).drop(columns="at").reset_index(drop=True)


def ticks(times: Sequence[float]) -> dict[float, str]:
    """Moments to name on the axis of `times`, with their labels, such as "20 Nov"."""
    start, end = (pd.Timestamp(one, unit="ms") for one in (min(times), max(times)))
    if start == end:
        return {float(min(times)): start.strftime("%-d %b %Y")}
    for step, label in STEPS:
        if step.endswith("h") and end - start > HOURS_UP_TO:
            continue
        found = pd.date_range(start.normalize(), end, freq=step)
        found = found[found >= start]
        if len(found) <= MOST_TICKS:
            return {tick.timestamp() * 1000: tick.strftime(label) for tick in found}
    return {float(one): pd.Timestamp(one, unit="ms").strftime("%Y") for one in (min(times), max(times))}

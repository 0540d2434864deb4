"""A time axis that shows every moment as it is written, whatever the time zone of the browser.

Moments are milliseconds since 1970 of the written (wall) time, on a plain number scale labelled in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

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


@dataclass(frozen=True)
class Span:
    """A stretch of time, in milliseconds."""

    first: float
    last: float

    def x(self, field: str) -> alt.X:
        """The field's place in time, with labels such as "20 Nov"."""
        ticks, label = _ticks(self.first, self.last)
        axis = alt.Axis(
            title=None, values=ticks, labelExpr=f"utcFormat(datum.value, '{label}')", grid=False, ticks=True,
            labelOverlap="greedy", labelFlush=False, labelPadding=6,
        )  # fmt: skip
        room = (self.last - self.first or 86_400_000) * 0.02
        scale = alt.Scale(domain=[self.first - room, self.last + room], nice=False, zero=False)
        return alt.X(f"{field}:Q", scale=scale, axis=axis)


def span(times: Sequence[float]) -> Span:
    """The stretch that `times` (milliseconds, at least one) cover."""
    return Span(float(min(times)), float(max(times)))


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


def _ticks(first: float, last: float) -> tuple[list[float], str]:
    start, end = pd.Timestamp(first, unit="ms"), pd.Timestamp(last, unit="ms")
    if start == end:
        return [first], "%-d %b %Y"
    for step, label in STEPS:
        if step.endswith("h") and end - start > HOURS_UP_TO:
            continue
        ticks = pd.date_range(start.normalize(), end, freq=step)
        ticks = ticks[ticks >= start]
        if len(ticks) <= MOST_TICKS:
            return [tick.value / 1_000_000 for tick in ticks], label
    return [first, last], "%Y"

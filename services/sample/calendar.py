"""The days of a story: "3 tue" is the Tuesday of the plan's third week, on whatever day the sample is created.

Day 1 is a Monday, so that nobody works at weekends; the story's present week decides which Monday.
A week begins to be told on its Tuesday: before, nobody has acted in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]
_FIRST_HOUR = 9
_BETWEEN_ACTS = timedelta(minutes=11)


@dataclass(frozen=True)
class Calendar:
    """`day_1` is a Monday in `zone` (an IANA name); `today` is the day on which the sample is created."""

    day_1: date
    zone: str
    today: date

    @classmethod
    def of_week(cls, week: int, zone: str, now: datetime) -> Calendar:
        """Return the calendar in which yesterday, up to which the story is told, is in that week (the first one is 1)."""
        today = now.astimezone(ZoneInfo(zone)).date()
        yesterday = today - timedelta(days=1)
        return cls(yesterday - timedelta(days=7 * (week - 1) + yesterday.weekday()), zone, today)

    def date_of(self, when: str) -> date:
        """Return the date of a text such as "3 tue". Weeks before day 1 are 0, -1 and so on."""
        week, day = when.split()
        return self.day_1 + timedelta(days=7 * (int(week) - 1) + _WORKDAYS.index(day))

    def monday(self, week: int) -> date:
        return self.date_of(f"{week} mon")

    def moment(self, on: date, nth: int) -> datetime:
        """Return the time of the nth act (the first is 0) of a working day."""
        return datetime.combine(on, time(_FIRST_HOUR), ZoneInfo(self.zone)) + nth * _BETWEEN_ACTS

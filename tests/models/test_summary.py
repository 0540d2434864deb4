"""What an engagement's counts and dates say in words."""

from datetime import date, timedelta

import pytest

from tests.builders import a_summary, on_day


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (-4, "Starts in 5 days"),
        (0, "Starts tomorrow"),
        (1, "Day 1 of 90"),
        (90, "Day 90 of 90"),
        (91, "Day 91, past day 90"),
    ],
)
def test_the_day_is_said_as_people_say_it(day: int, said: str):
    assert a_summary().day_text(on_day(1) + timedelta(days=day - 1)) == said


def test_a_later_cycle_is_named_and_a_closed_one_says_so():
    assert a_summary(cycle=2).day_text(on_day(36)) == "Cycle 2, day 36 of 90"
    assert a_summary(closed_on=date(2026, 1, 1)).day_text(on_day(36)) == "Closed"

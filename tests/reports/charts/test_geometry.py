"""The geometry that page, paper, slide and explored chart share: scales, segments, causes and days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.units import unit
from reports.charts import time_axis
from reports.charts.scales import Scale
from reports.charts.segments import Cause, causes, segments
from reports.charts.ticks import MAX_LOG_TICKS
from reports.charts.value_axis import log_value_axis, value_axis

PHASES = [
    {"start": 0, "end": 10, "frozen": 5, "mean": 4.0, "lower": -1.0, "upper": 9.0, "cause": ""},
    {"start": 10, "end": 20, "frozen": 20, "mean": 2.0, "lower": None, "upper": None, "cause": "Go-live"},
]
UNITS = st.sampled_from([unit(name) for name in ("h", "weeks", "%", "EUR", "/ min", "touches")])


def test_a_scale_leads_from_its_start_to_its_end_and_beyond():
    upward = Scale(10, 20)
    assert [upward.along(value, 100, 0) for value in (10, 15, 20, 25)] == [100, 50, 0, -50]
    assert Scale(1, 100, log=True).along(10, 0, 8) == pytest.approx(4)


def test_each_phase_is_a_segment_and_the_first_has_no_beginning():
    first, second = segments(PHASES, 0, 20, non_negative=False)
    assert (first.begins, second.begins, second.cause) == (False, True, "Go-live")
    assert list(first.bands()) == [(0, 5, False), (5, 10, True)]
    assert list(second.bands()) == []
    assert second.levels() == {"mean": 2.0}


def test_of_phases_what_lies_outside_is_left_out():
    (only,) = segments(PHASES, 12, 15, non_negative=False)
    assert (only.start, only.end, only.frozen, only.begins) == (12, 15, 15, False)


def test_limits_of_what_is_never_negative_end_at_zero():
    assert segments(PHASES, 0, 20, non_negative=True)[0].lower == 0
    assert segments(PHASES, 0, 20, non_negative=False)[0].lower == -1


def test_a_cause_without_room_is_left_out_and_a_late_one_ends_at_its_beginning():
    written = causes([(10, "Intake live"), (15, "Scoring live"), (90, "Payout live")], letter=2)
    assert written == [Cause(10, "Intake live", False), Cause(90, "Payout live", True)]


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=6, unique=True), st.text("ab ", min_size=1, max_size=9)
)
def test_no_two_causes_lie_upon_each_other(places, text):
    spans = [
        (cause.place - len(text), cause.place) if cause.late else (cause.place, cause.place + len(text))
        for cause in causes([(place, text) for place in sorted(places)], letter=1)
    ]
    assert all(end <= start for (_, end), (start, _) in zip(spans, spans[1:], strict=False))


def test_days_are_named_back_from_the_last_one_with_their_year_on_a_long_axis():
    quarter = time_axis.day_ticks(date(2026, 8, 17), date(2026, 11, 9))
    assert list(quarter.values()) == ["9 Nov", "12 Oct", "14 Sep", "17 Aug"]
    assert list(time_axis.day_ticks(date(2024, 1, 1), date(2026, 1, 1)).values())[0] == "1 Jan 2026"


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(0, 20_000))
def test_there_are_never_too_many_days_and_the_last_one_is_among_them(last, days):
    first = date.fromordinal(max(last.toordinal() - days, 1))
    named = list(time_axis.day_ticks(first, last))
    assert named[0] == last
    assert len(named) <= time_axis.MAX_DAYS_NAMED
    assert named[-1] >= first


@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=9), UNITS)
def test_levels_surround_the_values_and_are_told_apart(values, measure):
    for axis in (value_axis(values, measure), log_value_axis(values, measure)):
        slack = 1e-6 * max(values)
        assert axis.levels[0] <= min(values) + slack
        assert axis.levels[-1] >= max(values) - slack
        assert 2 <= len(axis.levels) <= MAX_LOG_TICKS + 1
        assert len({axis.text(level) for level in axis.levels}) == len(axis.levels)

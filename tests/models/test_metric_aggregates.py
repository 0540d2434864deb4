"""Readings: what is concluded from them without all the rows holds for any rows."""

from datetime import UTC, datetime, timedelta
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from models.metrics import MetricAggregate

START = datetime(2026, 10, 5, tzinfo=UTC)


@given(st.sets(st.integers(0, 20_000), min_size=2, max_size=30))
def test_the_next_measurement_is_never_due_later_than_the_reading_says(hours):
    at = [START + timedelta(hours=hour) for hour in sorted(hours)]
    gaps = [later - earlier for earlier, later in zip(at, at[1:], strict=False)]
    aggregate = MetricAggregate(len(at), at[0].date(), at[-1].date(), 4, 0, None)
    assert (at[-1] + median(gaps)).date() <= aggregate.next_by


def test_a_series_of_last_year_is_not_due_today():
    week = MetricAggregate(7, START.date(), START.date() + timedelta(days=6), 4, 0, None)
    assert week.next_by < START.date() + timedelta(days=12)

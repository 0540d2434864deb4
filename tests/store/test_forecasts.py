"""Logged forecasts are read by who may read the engagement, and only those of its own metrics."""

import pytest

from models.errors import NotFound
from services.measurements.batches import Rows, record
from store.forecasts import past_forecasts
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator

pytestmark = pytest.mark.usefixtures("database")

DAY = 12
CALM = [4.0, 4.4, 3.8, 4.1, 4.3, 3.9, 4.2, 3.7, 4.0, 4.1, 3.9, 4.2]


@pytest.fixture
def metric_id() -> int:
    """A metric of the engagement acme that was measured daily, so that forecasts of it were logged."""
    an_engagement()
    an_engagement("secret", name="Somebody else's")
    metric_id = a_metric(target="2 h 30 min", cadence_days=1, target_day=90, baseline="4 h")
    moments = [on_day(1 + i) for i in range(len(CALM))]
    record(the_operator(DAY), "acme", Rows([metric_id] * len(CALM), moments, CALM), "a.csv")
    return metric_id


def test_a_member_reads_the_forecasts_of_a_metric_the_newest_day_first(metric_id):
    forecasts = past_forecasts(an_actor("lead", day=DAY), "acme", metric_id)
    assert [each.on for each in forecasts] == sorted((each.on for each in forecasts), reverse=True)
    assert {each.points for each in forecasts} == {len(CALM)}


def test_a_metric_of_another_engagement_has_no_forecasts_here(metric_id):
    assert past_forecasts(the_operator(DAY), "acme", metric_id) != []
    assert past_forecasts(the_operator(DAY), "secret", metric_id) == []


def test_who_is_no_member_reads_no_forecast(metric_id):
    with pytest.raises(NotFound):
        past_forecasts(an_actor("nobody", role=None, day=DAY), "acme", metric_id)

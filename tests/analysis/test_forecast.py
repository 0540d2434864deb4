import numpy as np
import pytest
import scipy  # whose parts are imported when they are asked for

from analysis.forecast import forecast_of
from analysis.rule_sets import WHEELER

DAYS = np.arange(14) * 7.0
NOISE = np.array([0.3, -0.8, 0.9, -0.2, 0.5, -1.1, 0.7, -0.4, 0.1, 0.6, -0.9, 0.4, -0.3, 0.2])


def test_a_level_is_forecast_with_the_usual_prediction_interval():
    values = 50 + NOISE
    forecast = forecast_of(DAYS, values, DAYS[-1] + 28, WHEELER, target=51, direction="lower")
    half = scipy.stats.t.ppf(0.9, 13) * values.std(ddof=1) * np.sqrt(1 + 1 / 14)
    assert (forecast.model, forecast.value) == ("level", pytest.approx(values.mean()))
    assert forecast.interval == pytest.approx((values.mean() - half, values.mean() + half))
    assert forecast.chance == pytest.approx(
        scipy.stats.t.cdf((51 - values.mean()) / (half / scipy.stats.t.ppf(0.9, 13)), 13)
    )


def test_a_line_is_continued():
    forecast = forecast_of(DAYS, 50 - DAYS / 7 + NOISE, DAYS[-1] + 28, WHEELER, target=30, direction="lower")
    line = scipy.stats.linregress(DAYS, 50 - DAYS / 7 + NOISE)
    assert (forecast.model, forecast.value) == (
        "line",
        pytest.approx(line.intercept + line.slope * (DAYS[-1] + 28)),
    )
    assert forecast.chance < 0.1


def test_lower_and_higher_share_the_chance():
    chances = [
        forecast_of(DAYS, 50 + NOISE, 95, WHEELER, target=50.2, direction=way).chance
        for way in ("lower", "higher")
    ]
    assert sum(chances) == pytest.approx(1)


@pytest.mark.parametrize(
    ("days", "values", "on", "why"),
    [
        (DAYS[:9], 50 + NOISE[:9], 70, "has 9 of the 10 points"),
        (DAYS, 50 + NOISE, 91, "its day has passed"),
        (DAYS, 50 + NOISE, 200, "further ahead than the current phase is long"),
        (DAYS, 50 + NOISE + 9 * (DAYS > 45), 100, "neither one level nor one line"),
    ],
)
def test_what_cannot_be_forecast_says_why(days, values, on, why):
    forecast = forecast_of(days, values, on, WHEELER, target=40)
    assert not forecast.possible
    assert why in forecast.why_not
    assert (forecast.value, forecast.interval, forecast.chance) == (None, None, None)


def test_a_measure_never_negative_stays_so_and_a_bounded_one_within_its_bounds():
    low, _ = forecast_of(DAYS, np.where(NOISE > 0.5, 2.0, 0.0), 95, WHEELER).interval
    assert low == 0
    _, high = forecast_of(DAYS, np.where(NOISE > 0.5, 98.0, 100.0), 95, WHEELER, bounds=(0, 100)).interval
    assert high == 100


def test_a_series_that_does_not_vary_is_forecast_as_it_is():
    forecast = forecast_of(DAYS, np.full(14, 5.0), 95, WHEELER, target=5, direction="lower")
    assert (forecast.interval, forecast.chance) == ((5, 5), 1)
    straight = forecast_of(DAYS, DAYS / 7 + 1, 98, WHEELER, target=15, direction="higher")
    assert straight.interval == pytest.approx((15, 15))


def test_on_logarithms_an_interval_is_positive_and_wider_above():
    low, high = (forecast := forecast_of(DAYS, np.exp(NOISE), 95, WHEELER, scale="log")).interval
    assert 0 < low < forecast.value < high
    assert high - forecast.value > forecast.value - low

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statprocon import XmR

from analysis.limits import Limits, limits_of
from analysis.rule_sets import NHS, WHEELER, rule_set

PUBLISHED = {
    # The US trade deficit by month, 1987 and 1988, in billions of dollars: W. A. Taylor, "Change-Point Analysis: A
    # Powerful New Tool for Detecting Changes", variation.com/cpa/tech/changepoint.html, after Wheeler.
    "trade deficit": [
        10.7, 13.0, 11.4, 11.5, 12.5, 14.1, 14.8, 14.1, 12.6, 16.0, 11.7, 10.6,
        10.0, 11.4, 7.9, 9.5, 8.0, 11.8, 10.5, 11.2, 9.2, 10.1, 10.4, 10.5,
    ],
    # Hospital infections per 10,000 patient days by month, November 2012 to October 2015: data set cdi of the R package
    # qicharts2; an intervention took place at the start of November 2014.
    "infections": [
        11.5111, 8.2986, 16.6904, 14.0583, 13.4987, 12.5564, 14.7014, 13.2609, 14.3933, 17.3215,
        12.3238, 11.371, 16.5553, 13.2568, 12.7286, 16.4644, 17.7833, 13.2054, 11.5856, 4.2392, 18.0757,
        11.996, 7.5147, 9.5153, 6.1014, 7.3916, 4.6041, 9.566, 3.3087, 3.6417, 2.1614, 3.5982, 6.849,
        2.9911, 3.5818, 6.3464,
    ],
    # The example in statprocon's own README, which says what its limits are.
    "statprocon's README": [10, 50, 40, 30],
}  # fmt: skip
LIMITS = Limits(mean=10.0, mean_moving_range=3 / 2.66, lower=7.0, upper=13.0, n=20, tolerance=1e-9)


def by_statprocon(values, frozen=None):
    chart = XmR(counts=values, subset_end_index=frozen)
    marks_by_rule = {
        "outside the limits": chart.rule_1_x_indices_beyond_limits(),
        "8 on one side": chart.rule_2_runs_about_central_line(),
        "3 of 4 near a limit": chart.rule_3_runs_near_limits(),
    }
    return {(i, rule) for rule, marks in marks_by_rule.items() for i, marked in enumerate(marks) if marked}


def by_us(values, frozen=None):
    limits = limits_of(values[:frozen])
    return {(signal.index, signal.rule) for signal in WHEELER.signals(values, limits)}


def agrees(values, frozen=None):
    chart, limits = XmR(counts=values, subset_end_index=frozen), limits_of(values[:frozen])
    assert limits.mean == pytest.approx(float(chart.x_central_line()[0]), abs=0.0006)
    assert limits.mean_moving_range == pytest.approx(float(chart.mr_central_line()[0]), abs=0.0006)
    assert limits.lower == pytest.approx(float(chart.lower_natural_process_limit()[0]), abs=0.003)
    assert limits.upper == pytest.approx(float(chart.upper_natural_process_limit()[0]), abs=0.003)
    assert by_us(values, frozen) == by_statprocon(values, frozen)


@pytest.mark.parametrize("series", PUBLISHED)
def test_limits_and_wheelers_signals_equal_statprocons_on_published_series(series):
    agrees(PUBLISHED[series])


def test_the_limits_are_those_that_were_published():
    limits = limits_of(PUBLISHED["statprocon's README"])
    assert (limits.lower, limits.upper) == pytest.approx((-20.7, 85.7), abs=0.05)


def test_the_infections_fell_after_the_intervention_and_not_before():
    values = np.array(PUBLISHED["infections"])
    marked = {signal.index for signal in WHEELER.signals(values, limits_of(values[:24]))}
    assert min(marked) >= 19
    assert {*range(26, 36)} <= marked


@pytest.mark.parametrize("seed", range(60))
def test_limits_and_wheelers_signals_equal_statprocons_on_random_series(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(500, 80, int(rng.integers(2, 60)))
    values[len(values) // 2 :] += rng.choice([0, 120, -200])
    agrees(values.round(2).tolist())
    if len(values) > 12:
        agrees(values.round(2).tolist(), frozen=10)


@pytest.mark.parametrize("seed", range(20))
def test_points_on_the_mean_are_taken_as_statprocon_takes_them(seed):
    rng = np.random.default_rng(seed)
    half = rng.integers(-4, 5, 16)
    values = (100 + np.concatenate([half, -half])).tolist()
    assert by_us(values) == by_statprocon(values)


def nhs(*values):
    return [(signal.index, signal.rule) for signal in NHS.signals(np.array(values, dtype=float), LIMITS)]


def test_nhs_a_point_outside_the_limits_is_a_signal_and_one_on_a_limit_is_not():
    assert nhs(10.5, 13.1, 9.5, 6.9, 13.0) == [(1, "outside the limits"), (3, "outside the limits")]


def test_nhs_seven_on_one_side_are_a_shift_and_six_are_not():
    assert nhs(*[10.5, 10.2] * 3) == []
    assert nhs(9, *[10.5, 10.2] * 3, 10.4) == [(i, "7 on one side") for i in range(1, 8)]


def test_nhs_a_point_on_the_mean_ends_a_shift():
    assert nhs(10.5, 10.2, 10.5, 10, 10.2, 10.5, 10.2) == []


def test_nhs_seven_rising_or_falling_points_are_a_trend_and_an_equal_one_breaks_it():
    assert nhs(9.7, 9.8, 9.9, 10.1, 10.2, 10.3, 10.4) == [(i, "trend of 7") for i in range(7)]
    assert nhs(10.4, 10.3, 10.2, 10.1, 9.9, 9.8, 9.7) == [(i, "trend of 7") for i in range(7)]
    assert nhs(9.7, 9.8, 9.9, 10.1, 10.2, 10.3) == []
    assert nhs(9.7, 9.8, 9.9, 10.1, 10.1, 10.2, 10.3) == []


def test_nhs_two_of_three_near_one_limit_mark_those_near_it():
    assert nhs(9, 12.5, 10.5, 12.4, 9) == [(1, "2 of 3 near a limit"), (3, "2 of 3 near a limit")]
    assert nhs(9, 12.5, 9.5, 12.4, 9) == []
    assert nhs(12.5, 7.5, 12.5, 7.5) == []
    assert nhs(11, 12.0, 12.0, 11, 9) == []


@given(st.lists(st.floats(-1e6, 1e6), max_size=40), st.sampled_from([WHEELER, NHS]))
def test_turning_a_series_over_turns_its_signals_over(values, rules):
    values = np.array(values)
    up = {(s.index, s.rule, s.side) for s in rules.signals(values, limits_of(values))}
    down = {(s.index, s.rule, -s.side) for s in rules.signals(-values, limits_of(-values))}
    assert up == down


@given(st.integers(0, 30), st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9))
def test_a_constant_series_has_no_signals(length, value):
    values = np.full(length, value)
    for rules in (WHEELER, NHS):
        assert rules.signals(values, limits_of(values)) == []


def test_an_unknown_rule_set_is_named():
    with pytest.raises(ValueError, match="“western”.*wheeler, nhs"):
        rule_set("western")

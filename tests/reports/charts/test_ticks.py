"""Round numbers for axes."""

import pytest

from reports.charts.ticks import (
    format_clock,
    format_number,
    log_clock_ticks,
    log_ticks,
    round_step,
    round_ticks,
    steps_around,
)

DAY = 86_400


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (1, 2, [1, 2]),
        (1, 160, [1, 2, 5, 10, 20, 50, 100, 200]),
        (0.3, 1, [0.2, 0.5, 1]),
        (1, 1, [1, 2]),
        (1e-3, 1e6, [1e-3, 1e-2, 1e-1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6]),
        (999, 1001, [500, 1000, 2000]),
    ],
)
def test_log_ticks_are_one_two_five_around_what_they_cover(low, high, ticks):
    assert log_ticks(low, high) == ticks


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (90, 4 * 3600, [60, 120, 300, 600, 1800, 3600, 7200, 21600]),
        (30, 30, [30, 60]),
        (1, 200 * DAY, [1, 5, 30, 120, 600, 3600, 21600, DAY, 5 * DAY, 20 * DAY, 100 * DAY, 200 * DAY]),
        (0.001, 0.004, [0.001, 0.002, 0.005]),
        (190 * DAY, 210 * DAY, [1e7, 2e7]),
    ],
)
def test_log_ticks_of_durations_are_those_that_people_have_words_for(low, high, ticks):
    assert log_clock_ticks(low, high) == ticks


@pytest.mark.parametrize(
    ("minimum", "steps", "step"),
    [(3, [], 5), (0.011, [], 0.02), (7, [1, 15, 60], 15), (61, [1, 15, 60], 100), (0.1, [], 0.1)],
)
def test_a_step_is_the_smallest_round_one_that_is_large_enough(minimum, steps, step):
    assert round_step(minimum, steps) == pytest.approx(step)


def test_steps_cover_both_ends_and_have_no_rounding_in_them():
    assert steps_around(0.1, 0.3, 0.1) == [0.1, 0.2, 0.3]
    assert steps_around(-0.05, 0.25, 0.1) == [-0.1, 0.0, 0.1, 0.2, 0.3]
    assert steps_around(0, 3e-15, 1e-15) == [0, 1e-15, 2e-15, 3e-15]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (46.8, 55.2, [46, 48, 50, 52, 54, 56]),
        (0, 9_400, [0, 2_000, 4_000, 6_000, 8_000, 10_000]),
        (3, 3, [3, 3]),
    ],
)
def test_ticks_of_numbers_are_round(low, high, ticks):
    assert round_ticks(low, high) == ticks


@pytest.mark.parametrize(
    ("seconds", "step", "text"),
    [
        (0, 3600, "0 h"),
        (5_400, 1_800, "90 min"),
        (7_200, 3_600, "2 h"),
        (30, 15, "30 s"),
        (86_400 * 30, 86_400, "30 d"),
        (0.5, 0.5, "0.5 s"),
    ],
)
def test_a_duration_is_written_in_the_largest_unit_that_its_step_is_whole_in(seconds, step, text):
    assert format_clock(seconds, step) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (8_500, "8,500"), (0.25, "0.25"), (1 / 3, "0.333333"), (-2.5, "-2.5"), (1e7, "10,000,000")],
)
def test_a_number_has_no_exponent_and_no_empty_decimals(value, text):
    assert format_number(value) == text

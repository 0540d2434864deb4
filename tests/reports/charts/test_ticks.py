"""Round numbers for axes."""

import pytest

from reports.charts.ticks import duration_ticks, format_duration, format_number, log_ticks, round_ticks


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
        (90, 4.7 * 3600, [0, 3600, 7200, 10800, 14400, 18000]),
        (0, 90, [0, 30, 60, 90]),
        (86400 * 14, 86400 * 91, [86400 * n for n in (0, 30, 60, 90, 120)]),
        (60, 60, [30, 45, 60, 75, 90]),
        (0, 1e300, [0, 2.5e299, 5e299, 7.5e299, 1e300]),
    ],
)
def test_ticks_of_durations_are_steps_that_people_have_words_for(low, high, ticks):
    assert duration_ticks(low, high) == ticks


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (46.8, 55.2, [46, 48, 50, 52, 54, 56]),
        (-0.3, 0.3, [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]),
        (0, 9_400, [0, 2_000, 4_000, 6_000, 8_000, 10_000]),
        (-1e308, 1e308, [-1e308, 1e308]),
    ],
)
def test_ticks_of_numbers_are_round(low, high, ticks):
    assert round_ticks(low, high) == ticks


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.5, "0.5 s"),
        (30, "30 s"),
        (60, "1 min"),
        (5_400, "1.5 h"),
        (14_400, "4 h"),
        (86_400 * 30, "30 d"),
    ],
)
def test_a_duration_is_said_in_the_largest_unit_that_it_reaches(seconds, said):
    assert format_duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (8_500, "8,500"), (0.25, "0.25"), (1 / 3, "0.333333"), (-2.5, "-2.5"), (1e7, "10,000,000")],
)
def test_a_number_has_no_exponent_and_no_empty_decimals(value, said):
    assert format_number(value) == said

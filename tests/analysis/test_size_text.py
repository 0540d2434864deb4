"""The size of a change in words: smaller numbers first, and an end that the points don't bound said as one."""

import pytest

from analysis.estimate import Estimate
from analysis.size_text import size_text
from models.units import unit


def sized(factor=None, interval=None, difference=0.0, ends=None, direction="lower", bounds=None):
    estimate = Estimate(8, 4, 10.0, 5.0, difference, ends, factor, interval)
    return size_text(estimate, direction, lambda number: f"{number:g} h", bounds)


@pytest.mark.parametrize(
    ("factor", "interval", "text"),
    [
        (2.6, (2.0, 3.6), "2.6x better (2x to 3.6x)"),
        (0.5, (0.4, 0.7), "2x worse (1.4x to 2.5x)"),
        (1.3, (0.8, 1.9), "1.3x better (from 1.2x worse to 1.9x better)"),
        (5.0, (4.0, None), "5x better (at least 4x better)"),
        (0.2, (None, 0.43), "5x worse (at least 2.3x worse)"),
        (0.2, (0.0, 0.43), "5x worse (at least 2.3x worse)"),
        (1.5, (None, 1.9), "1.5x better (at most 1.9x better, or any worse)"),
        (1.5, (0.8, None), "1.5x better (at most 1.2x worse, or any better)"),
        (1.4, (1.001, 2.0), "1.4x better (from the same to 2x better)"),
        (5e6, None, "over 1,000x better"),
    ],
)
def test_a_factor_is_said_with_its_interval(factor, interval, text):
    assert sized(factor, interval) == text


def test_a_factor_near_1_is_said_as_per_cent_of_the_value():
    assert sized(1 / 1.026, (1 / 1.05, 1 / 1.01)) == "2.6% higher (1% to 5%)"
    assert sized(1.026, (0.99, 1.06), direction="higher") == "2.6% higher (from 1% lower to 6% higher)"
    assert sized(1.0, None) == "about the same"


def test_percentages_of_a_whole_differ_by_points_and_other_values_by_their_unit():
    whole = {"bounds": (0.0, 100.0)}
    assert (
        sized(difference=-12.7, ends=(-15.0, -10.5), **whole) == "12.7 percentage points lower (10.5 to 15)"
    )
    assert (
        sized(difference=1.0, ends=(-3.0, 2.0), **whole)
        == "1 percentage point higher (from 3 lower to 2 higher)"
    )
    assert sized(difference=-2.0, ends=(-3.0, -1.0)) == "2 h lower (1 h to 3 h)"
    assert sized(difference=0.0) == "the same"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"difference": 10.9, "ends": (5.5, 16.2)}, "10.9 percentage points higher (5.5 to 16.2)"),
        (
            {"factor": 1.04, "interval": (1.01, 1.07), "difference": 2.0, "ends": (0.5, 3.5)},
            "2 percentage points higher (0.5 to 3.5)",
        ),
        ({"factor": 2.0, "interval": (1.5, 2.5)}, "2x better (1.5x to 2.5x)"),
        ({"difference": -1.0}, "1 percentage point lower"),
    ],
)
@pytest.mark.parametrize("name", ["% change", "% of plan", "% / week"])
def test_percentages_that_are_no_part_of_a_whole_differ_by_points_as_well(name, change, text):
    given = {"factor": None, "interval": None, "difference": 0.0, "ends": None} | change
    estimate = Estimate(
        8, 4, 10.0, 5.0, given["difference"], given["ends"], given["factor"], given["interval"]
    )
    size = size_text(estimate, "higher", unit(name).format, unit(name).bounds)
    assert size.replace(" / week", "") == text

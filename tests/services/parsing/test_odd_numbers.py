import numpy as np
import pytest

from models.units import unit
from services.parsing.displayed import NumberCell
from services.parsing.odd_numbers import (
    FRACTIONS,
    MIXED_PERCENT,
    PercentColumn,
    is_percentage,
    odd_percentages,
)
from services.parsing.value_column import value_column


def doubts(values, signs=None, usual=()):
    signs = np.zeros(len(values), bool) if signs is None else np.array(signs)
    return odd_percentages(
        PercentColumn(np.arange(2, len(values) + 2), np.array(values, float), signs, usual)
    )


def test_percentages_that_all_lie_within_0_and_1_are_told():
    (doubt,) = doubts([0, 0.62, 0.64])
    assert (doubt.kind, doubt.rows, doubt.seen, doubt.read) == (FRACTIONS, (2, 3, 4), "0.62", "0.62 %")
    assert doubt.full_sentence() == (
        "Lines 2 to 4, value: all values of this metric lie within 0 and 1. “0.62” was read as 0.62 %; "
        "as a share of one it is 62 %."
    )


@pytest.mark.parametrize("values", [[62, 64], [0.62, 64], [0, 1], [], [np.nan]])
def test_other_percentages_are_not(values):
    assert doubts(values) == []


def test_a_metric_whose_values_are_as_small_is_left_alone():
    assert doubts([0.62], usual=[0.7]) == []
    assert doubts([0.62], usual=[62, 0]) != []


def test_percent_cells_among_plain_ones_are_told_by_the_plain_ones():
    (doubt,) = doubts([62, 64, 0.71, 0.74], [True, True, False, False])
    assert (doubt.kind, doubt.rows) == (MIXED_PERCENT, (4, 5))
    assert doubt.sentence == (
        "2 cells have a % and 2 cells have none. “0.71” was read as 0.71 %; as a share of one it is 71 %."
    )


def test_what_is_in_percent():
    assert [name for name in ("%", "% change", "ratio", "h", "% / day") if is_percentage(unit(name))] == [
        "%",
        "% change",
    ]


def test_percentages_are_told_as_they_were_written():
    column = PercentColumn(np.array([2, 3]), np.array([0.62, 0.7]), np.zeros(2, bool), (), ["0,62", "0,70"])
    (doubt,) = odd_percentages(column)
    assert (doubt.seen, doubt.read) == ("0,62", "0.62 %")
    assert "“0,62” was read as 0.62 %; as a share of one it is 62 %." in doubt.sentence


@pytest.mark.parametrize(
    "cells", [["62 percent", "64%"], ["62 Prozent", "64 %"], [NumberCell(62, '0" bps"'), "1%"]]
)
def test_a_word_for_the_unit_is_as_good_as_its_sign(cells):
    read = value_column(cells, [2, 3]).read([unit("%")], np.zeros(2, np.int64))
    assert not read.refused
    assert read.doubts == []

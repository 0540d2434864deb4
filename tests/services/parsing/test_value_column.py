import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.units import unit
from services.parsing.cell import BadCell
from services.parsing.displayed import NumberCell
from services.parsing.displayed_number import reader_for
from services.parsing.number_result import Refusal
from services.parsing.value_column import UNKNOWN, value_column


def read(cells, name="h", hints=(), **more):
    return value_column(cells, range(2, len(cells) + 2), hints).read(
        [unit(name)], np.zeros(len(cells), int), **more
    )


def test_plain_numbers_and_those_with_words_come_as_one_array():
    values = read(["4", "90 s", 2.5, NumberCell(1.5, "[h]:mm"), "1.5"])
    assert values.value.tolist() == [4, 0.025, 2.5, 36, 1.5]
    assert (values.refused, values.doubts) == ({}, [])


def test_blank_and_bad_cells_are_left_to_the_caller():
    values = read(["", None, BadCell("a value"), "4"])
    assert np.isnan(values.value).tolist() == [True, True, True, False]
    assert values.refused == {}


def test_what_is_refused_has_its_row_and_reason():
    values = read(["4", "1.5 T"])
    assert values.refused[1].reason.startswith("a value in h has no scale such as “T”")
    assert np.isnan(values.value[1])


def test_each_row_is_in_the_unit_of_its_metric():
    column = value_column(["2 h", "2 h", "2 h", "5"], range(4))
    values = column.read([unit("min"), unit("s")], np.array([0, 1, UNKNOWN, 0]))
    assert values.value[[0, 1, 3]].tolist() == [120, 7200, 5]
    assert np.isnan(values.value[2])
    assert values.refused == {}


def test_plain_numbers_of_three_decimals_are_open_until_the_column_tells():
    (doubt,) = read(["8.500", "7.250"]).doubts
    assert (doubt.kind, doubt.rows, doubt.seen, doubt.read) == ("decimal mark", (2, 3), "8.500", "8.5")
    assert read(["8.500", "7.25"]).doubts == []
    assert read(["8.500", "7,25"]).value.tolist() == [8500, 7.25]


def test_percentages_are_looked_at_metric_by_metric():
    column = value_column(["0.62", "0.64", "5", "62 %", "0.71"], range(2, 7))
    units = [unit("%"), unit("h"), unit("% of orders")]
    values = column.read(units, np.array([0, 0, 1, 2, 2]))
    assert [(doubt.kind, doubt.rows) for doubt in values.doubts] == [
        ("fractions in a percentage", (2, 3)),
        ("percent cells among plain ones", (6,)),
    ]
    assert column.read(units, np.array([0, 0, 1, 2, 2]), usual={0: [0.5]}).doubts[0].rows == (6,)


CELLS = [
    "4",
    "1.5",
    "8.500",
    "8,500",
    "1,5",
    "2 h",
    "90 s",
    "1d 4h",
    "x",
    "5 %",
    "3 Mio",
    "3 mil",
    "-7",
    "1 234,5",
    "12.-",
]


@given(
    st.lists(st.sampled_from(CELLS), max_size=8),
    st.sampled_from(["h", "count", "EUR", "% change", "working days"]),
)
def test_whole_columns_say_what_the_reader_says_of_each_cell(cells, name):
    values, reader = read(cells, name), reader_for(cells)
    for i, cell in enumerate(cells):
        number = reader.read(cell, unit(name))
        if isinstance(number, Refusal):
            assert values.refused[i] == number
        else:
            assert values.value[i] == pytest.approx(number.value)

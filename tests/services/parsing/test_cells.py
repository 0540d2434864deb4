from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.units import unit
from services.parsing.cell import BadCell
from services.parsing.cells import PARAGRAPH, Choice, Names, Slug, Text, YesNo
from services.parsing.dates import DOUBTFUL, Day, Moment
from services.parsing.displayed import NumberCell
from services.parsing.number_parsers import Number, Quantity, WholeNumber
from services.parsing.number_result import Refusal


def column(parser, *cells):
    """The cells of one column, parsed; "bad" for a bad one."""
    read = parser.for_column(cells)
    return ["bad" if isinstance(value := read(cell), BadCell) else value for cell in cells]


def alone(parser, cell):
    return column(parser, cell)[0]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12", 12),
        ("-1.5", -1.5),
        ("+3", 3),
        (".5", 0.5),
        ("1e3", 1000),
        (7, 7),
        (2.5, 2.5),
        ("0,125", 0.125),
        ("8,500", 8500),
        ("8.500", 8.5),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u00a0234\u202f567", 1234567),
        ("1'234.5", 1234.5),
        ("1’234", 1234),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("12,34,567.5", 1234567.5),
        ("−4", -4),
        ("1,5", 1.5),
        ("1234,567", 1234.567),
    ],
)
def test_numbers_as_people_write_them(cell, number):
    assert alone(Number(), cell) == number


@pytest.mark.parametrize(
    "cell",
    [
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "1e999",
        "-1e400",
        float("nan"),
        float("inf"),
        1e301,
        "1_000",
        "1.2.3",
        "1,2,3",
        "12 h",
        "--1",
        "",
        "0x10",
        "1,23.4",
        True,
        date(2026, 1, 1),
        "1" * 50,
    ],
)
def test_what_is_no_number(cell):
    assert alone(Number(), cell) == "bad"


def test_the_column_decides_which_mark_is_the_decimal_one():
    assert column(Number(), "8,500", "1,5") == [8.5, 1.5]
    assert column(Number(), "8,500", "1.5") == [8500, 1.5]
    assert column(Number(), "8.500", "1.234,5") == [8500, 1234.5]
    assert column(Number(), "8,500", "120") == [8500, 120]
    assert column(Number(), "8,500", "1.5", "2,5", "7") == ["bad", 1.5, 2.5, 7]


@given(st.floats(-1e12, 1e12).map(lambda x: round(x, 2)), st.sampled_from([",.", ".,", " ,", "'."]))
def test_a_grouped_number_with_decimals_reads_back(number, marks):
    written = f"{number:,.2f}".replace(",", "g").replace(".", marks[1]).replace("g", marks[0])
    assert alone(Number(), written) == number


def test_whole_numbers_keep_to_their_range():
    assert column(WholeNumber(1, 5), 1, "5", 3.0, "4.0") == [1, 5, 3, 4]
    assert column(WholeNumber(1, 5), "0", "6", "2.5", 1e999, True) == ["bad"] * 5
    assert WholeNumber(1, 5).expected == "a whole number from 1 to 5"


@pytest.mark.parametrize(
    ("cell", "unit_name", "value"),
    [
        ("4 h", "h", 4),
        ("90 min", "h", 1.5),
        ("8,500", "h", 8500),
        ("8,500 / min", "applications / min", 8500),
        (2.5, "h", 2.5),
        ("$2B", "USD", 2e9),
        ("93%", "%", 93),
        ("1,5 h", "h", 1.5),
        ("3 h 20 min", "h", 10 / 3),
        ("1 234,5 €", "EUR", 1234.5),
        (timedelta(hours=6), "h", 6),
        (NumberCell(0.93, "0%"), "%", 93),
    ],
)
def test_quantities_are_read_in_the_unit_of_their_metric(cell, unit_name, value):
    assert alone(Quantity(), cell).read(unit(unit_name)).value == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "cell", ["h", "1:3:0:0", "NaN h", "1e999 s", "4 \0", "4 h " * 40, date(2026, 1, 1), time(1), True, "4 €"]
)
def test_what_is_no_quantity(cell):
    assert isinstance(alone(Quantity(), cell).read(unit("h")), Refusal)


DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-20",
        "2026/11/20",
        "2026.11.20",
        " 2026-11-20 ",
        "2026-11-20T14:30",
        "2026-11-20 14:30:05.25",
        "2026-11-20T14:30:00Z",
        "2026-11-20 14:30+02:00",
        "20261120",
        20261120,
        46346,
        46346.75,
        "46346",
        "46346.5",
        "20 Nov 2026",
        "20 November 2026",
        "20-Nov-26",
        "20.November 2026",
        "Nov 20, 2026",
        "20/11/2026",
        "11/20/2026",
        "20.11.2026",
        "20-11-2026",
        "20/11/2026 2:30 PM",
        DAY,
        datetime(2026, 11, 20, 3),
    ],
)
def test_days_as_spreadsheets_write_them(cell):
    assert alone(Day(), cell) == DAY


@pytest.mark.parametrize(
    "cell",
    [
        "2026-13-01",
        "2026-02-30",
        "31/31/2026",
        "20/11/26",
        "tomorrow",
        "9999-01-01",
        "1999-12-31",
        "2101-01-01",
        0,
        -1,
        36525,
        1e999,
        73416,
        "20 Foo 2026",
        "2026-11",
        "2026",
        "2026-11-20 25:00",
        "20/11/2026 13:00 pm",
        True,
        time(1),
        timedelta(1),
        date(1900, 1, 1),
        "2026-11-20" * 20,
    ],
)
def test_what_is_no_day(cell):
    assert alone(Day(), cell) == "bad"


def test_the_column_decides_whether_the_day_is_first():
    assert column(Day(), "03/04/2026", "20/11/2026") == [date(2026, 4, 3), DAY]
    assert column(Day(), "03/04/2026", "11/20/2026") == [date(2026, 3, 4), DAY]
    assert column(Day(), "03.04.2026") == [date(2026, 4, 3)]
    assert column(Day(), "05/05/2026") == [date(2026, 5, 5)]
    assert column(Day(), "03/04/2026", "20/11/2026", "11/20/2026") == ["bad", DAY, DAY]
    doubtful = f"{DOUBTFUL}: it can be 3 Apr 2026 or 4 Mar 2026"
    assert Day().for_column(["03/04/2026"])("03/04/2026") == BadCell(doubtful)


def test_years_out_of_range_get_a_sentence():
    assert "from 2000 to 2100" in Day().for_column([])("9999-01-01").expected


def test_moments_keep_the_time_and_the_offset_given():
    assert column(
        Moment(), "2026-11-20 2:30 pm", 46346.5, "2026-11-20T14:30:00.5Z", "12/31/2026 12:05 AM"
    ) == [
        datetime(2026, 11, 20, 14, 30),
        datetime(2026, 11, 20, 12),
        datetime(2026, 11, 20, 14, 30, 0, 500_000, UTC),
        datetime(2026, 12, 31, 0, 5),
    ]


@given(
    st.dates(date(2000, 1, 1), date(2100, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%B %d, %Y"]),
)
def test_any_day_reads_back(day, form):
    assert alone(Day(), day.strftime(form)) == day


def test_texts_are_stripped_and_control_characters_refused():
    assert column(Text(), "  Ann\u00a0", "a\r\nb", 2024, 2024.0, 1.5, DAY) == [
        "Ann",
        "a b",
        "2024",
        "2024",
        "1.5",
        "2026-11-20",
    ]
    assert column(Text(PARAGRAPH), " a\r\n\r\nb \u00ade\u0301\u200b ") == ["a\n\nb \u00e9"]
    assert column(Text(5), "\0", "a\x07b", "\ud800", "\u200b", "toolong", "#N/A") == ["bad"] * 6
    assert "it has 7" in Text(5).for_column([])("toolong").expected


def test_slugs_are_lower_case():
    assert column(Slug(), "Lead-Time", "p95") == ["lead-time", "p95"]
    assert column(Slug(), "lead time", "-a", "é", "a--b") == ["bad"] * 4


def test_choices_are_loose_about_case_and_hyphens():
    choice = Choice(("low", "shared data"))
    assert column(choice, "LOW", "Shared_Data", "shared-data ") == ["low", "shared data", "shared data"]
    assert choice.for_column([])("blue") == BadCell("one of low, shared data")


def test_yes_and_no():
    assert column(YesNo(), "Yes", "y", "TRUE", 1, 1.0, "x", True) == [True] * 7
    assert column(YesNo(), "no", "N", "false", 0, "0", False) == [False] * 6
    assert column(YesNo(), "maybe", 2, "2") == ["bad"] * 3


def test_lists_name_each_once():
    assert alone(Names(), " kafka; Ledger ;;KAFKA;") == ["kafka", "Ledger"]
    assert alone(Names(2), "a;b;c") == "bad"
    assert alone(Names(), "a;\0") == "bad"

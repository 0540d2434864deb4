"""One reader of a number: its value in the unit of its metric, both values where it is open, or a refusal."""

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.units import unit
from services.parsing.displayed import NumberCell
from services.parsing.displayed_number import read_number, reader_for
from services.parsing.number_result import Refusal
from tests.models.test_units import EVERY_UNIT


def column(declared, *cells, hints=()):
    """The values of a column; the reason where one is refused."""
    reader = reader_for(cells, hints)
    read = [reader.read(cell, unit(declared)) for cell in cells]
    return [each.reason if isinstance(each, Refusal) else each.value for each in read]


@pytest.mark.parametrize(
    ("declared", "cell", "value"),
    [
        ("h", "4", 4),
        ("h", "-1.5", -1.5),
        ("h", "+3 h", 3),
        ("h", "\u22124 h", -4),
        ("min", "2.0 h", 120),
        ("h", "90 s", 0.025),
        ("h", "3 Std.", 3),
        ("days", "2 Tage", 2),
        ("working days", "2 PT", 2),
        ("h", "1 1/2 h", 1.5),
        ("h", "1 h 30 min", 1.5),
        ("h", "1h30m", 1.5),
        ("h", "36:30:00", 36.5),
        ("h", "1 day 02:30:00", 26.5),
        ("h", "PT1H30M", 1.5),
        ("h", "PT2H", 2),
        ("min", "PT90S", 1.5),
        ("h", "1h30", 1.5),
        ("min", "2 h 05", 125),
        ("h", timedelta(hours=6), 6),
        ("EUR", "1\u00a0234,56\u00a0€", 1234.56),
        ("EUR", "1\u202f234,56 €", 1234.56),
        ("EUR", "€ 1.199,00", 1199),
        ("EUR", "EUR 998,10", 998.1),
        ("CHF", "CHF 1’234.50", 1234.5),
        ("EUR", "12.-", 12),
        ("EUR", "(5,00 €)", -5),
        ("USD", "($5)", -5),
        ("EUR", "5,00- €", -5),
        ("EUR", "€ -5", -5),
        ("EUR", "2 T€", 2000),
        ("EUR", "2 TEUR", 2000),
        ("EUR", "3 k€", 3000),
        ("EUR", "3 Mio. €", 3e6),
        ("EUR", "Mio. € 3", 3e6),
        ("EUR million", "3 Mio. €", 3),
        ("EUR", "2 Mrd. €", 2e9),
        ("USD", "$2B", 2e9),
        ("USD", "$2T", 2e12),
        ("USD million", "2B", 2000),
        ("CAD", "$5", 5),
        ("GBP", "£3bn", 3e9),
        ("INR", "₹ 2 lakh crore", 2e12),
        ("INR", "2 Cr", 2e7),
        ("JPY", "5億円", 5e8),
        ("USD per invoice", "$12.50", 12.5),
        ("USD / year", "2B a year", 2e9),
        ("EUR / h", "€ 5 / Std.", 5),
        ("count", "2 lakh", 2e5),
        ("count", "1.5 crore", 1.5e7),
        ("count", "3 Mio", 3e6),
        ("count", "4 Tsd", 4000),
        ("count", "1.23 K", 1230),
        ("count", "1.4 Bil", 1.4e9),
        ("count", "5 млн", 5e6),
        ("count", "12,34,567", 1234567),
        ("touches", "1 touch", 1),
        ("applications / min", "8.5k applications a minute", 8500),
        ("applications / min", "120/min", 120),
        ("infections / 10,000 bed days", "5 infections per 1,000 bed days", 50),
        ("thousand invoices", "2k", 2),
        ("% change", "1.2%", 1.2),
        ("%", "62,500 %", 62.5),
        ("% of orders", "12,5 %", 12.5),
        ("ratio", "93 %", 0.93),
    ],
)
def test_a_text_is_read_as_a_person_reads_it(declared, cell, value):
    number = read_number(cell, declared)
    assert not isinstance(number, Refusal), number.sentence
    assert number.value == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("declared", "number", "code", "value"),
    [
        ("% change", 1.2, '0.0"%"', 1.2),
        ("% change", 1.2, "0.0\\%", 1.2),
        ("%", 0.62, "0.0%", 62),
        ("ratio", 0.62, "0.0%", 0.62),
        ("min", 2, '0.0" h"', 120),
        ("EUR", 1234.5, "#,##0.00 [$€-407]", 1234.5),
        ("EUR", -5, "0;(0)", -5),
        ("EUR", 2_500_000, '[>=1000000]0.0,,"M";0', 2.5e6),
        ("EUR", 2.5, '0.0"M"', 2.5e6),
        ("USD million", 2_500_000, "0.0,,", 2.5),
        ("h", 1.5, "[h]:mm", 36),
        ("min", 0.0625, "h:mm", 90),
        ("count", 1.5, "# ?/?", 1.5),
        ("count", 1200, "0.0E+0", 1200),
        ("%", 0.123, "0.000%", 12.3),
    ],
)
def test_a_number_of_a_workbook_is_read_as_its_format_shows_it(declared, number, code, value):
    read = read_number(NumberCell(number, code), declared)
    assert not isinstance(read, Refusal), read.sentence
    assert (read.value, read.doubt) == (pytest.approx(value, rel=1e-12), "")


@pytest.mark.parametrize(
    ("declared", "cell", "why"),
    [
        ("count", "1.31 Mil", "“Mil” can mean 1,000 or 1,000,000; write the number out, such as 1,310 or 1,310,000"),
        ("h", "1.5 T", "a value in h has no scale such as “T”; write the number in h, such as 12.5 h"),
        ("EUR", "2 T", "“T” can mean 1,000 or 1,000,000,000,000; write the number out"),
        ("count", "1.4 Bazillion", "“Bazillion” is no unit, currency or scale that is known for a value in count"),
        ("count", "12 invoices", "“invoices” is no unit, currency or scale that is known for a value in count"),
        ("invoices", "12 touches", "“touches” is no unit, currency or scale that is known for a value in invoices"),
        ("/ min", "8.5 Mil / min", "“Mil” can mean"),
        ("USD", "€5", "it is in EUR, but the metric is measured in USD"),
        ("USD", "$5 CAD", "it is in CAD, but the metric is measured in USD"),
        ("h", "12%", "it is in %, but the metric is measured in h"),
        ("%", "3 k", "a value in % has no scale such as “k”"),
        ("%", "120", "it is outside 0 to 100 %"),
        ("%", "5 % growth", "“% growth” is no unit"),
        ("h", "3 m", "“m” could mean minutes, months or millions"),
        ("h", "1:30", "it can be 1 h 30 min or 1 min 30 s; write it such as 1 h 30 min"),
        ("h", "1/2", "it could be a fraction, a day or a share of something"),
        ("infections / 10,000 bed days", "1/2", "it could be a fraction"),
        ("h", "8-hour", "“-hour” is no unit"),
        ("h", "<5", "“<” is no unit"),
        ("h", "3 - 5", "is no unit"),
        ("h", "--5", "is no unit|more than one sign"),
        ("h", "four", "it holds no number; write a number such as 12.5 h"),
        ("h", "", "it holds no number"),
        ("h", "1e999", "it is no number|too large"),
        ("h", "2026-10-05", "is no unit"),
        ("h", "1" * 200, "it is too long for a number"),
        ("h", True, "it is no number"),
        ("h", date(2026, 1, 1), "it is no number"),
        ("h", math.nan, "it holds no number"),
        ("count", NumberCell(1234567, "0.0,,"), "divides what it holds by 1,000,000 and doesn't say so"),
        ("count", NumberCell(1234567, '0.0,"M"'), "divides what it holds by 1,000"),
        ("count", NumberCell(-5, "0;0"), "it holds -5, so its sign isn't seen"),
        ("count", NumberCell(46000, "yyyy-mm-dd"), "it is a date"),
        ("count", NumberCell(1.5, "[h]:mm"), "it is a duration"),
        ("working days", NumberCell(5, ";;;"), "shows no number"),
        ("USD", NumberCell(5, "#,##0 [$€-407]"), "it is in EUR, but the metric is measured in USD"),
        ("h", NumberCell(5, '0" of 10"'), "is no unit"),
        ("h", NumberCell(5, '"Q"0'), "“Q” is no unit"),
        ("h", NumberCell(5, '"1"0'), "is no unit|more than one"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_what_was_seen(declared, cell, why):
    read = read_number(cell, declared)
    assert isinstance(read, Refusal), read
    assert any(part in read.reason for part in why.split("|")), read.reason
    assert str(cell)[:40] in read.sentence


def test_the_scale_words_of_a_column_tell_what_an_open_one_means():
    assert column("count", "1.23 K", "1.31 Mil", "1.4 Bil") == [1230, 1_310_000, 1.4e9]
    assert column("EUR", "3 mil", "2 millones") == [3000, 2e6]
    assert column("EUR", "5 T", "3 Mrd.") == [5000, 3e9]
    assert column("EUR", "5 M", "2 MM") == [5000, 2e6]
    assert column("EUR", "5 Bio", "3 Mrd.") == [5e12, 3e9]


def test_a_billion_is_open_where_the_decimal_mark_is_a_comma():
    assert column("count", "2 billion") == [2e9]
    read = column("count", "2,5 billion")
    assert read == ["“billion” can mean 1,000,000,000 or 1,000,000,000,000; write the number out, such as "
                    "2,500,000,000 or 2,500,000,000,000"]  # fmt: skip


def test_the_clear_numbers_of_a_column_decide_its_decimal_mark_without_a_doubt():
    reader = reader_for(["8,500", "1,5"])
    number = reader.read("8,500", unit("h"))
    assert (number.value, number.doubt) == (8.5, "")
    assert column("h", "8,500", "1.5") == [8500, 1.5]
    assert column("h", "8.500", "1.234,5") == [8500, 1234.5]


def test_an_open_decimal_mark_comes_with_both_values():
    number = read_number("12,500", "count")
    assert (number.value, number.others, number.doubt) == (12500, (12.5,), "decimal mark")
    assert number.reason == "nothing else tells which mark is the decimal one"


def test_columns_that_contradict_themselves_refuse_what_is_open():
    refused, *clear = column("h", "8,500", "1.5", "2,5", "7")
    assert refused == "it can be 8,500 or 8.5, and the column has decimal points and commas; write one kind"
    assert clear == [1.5, 2.5, 7]
    assert isinstance(column("h", "8.500", "8,500")[0], str)


def test_a_percentage_has_only_the_value_that_a_part_of_a_whole_can_have():
    number = read_number("62,500", "%")
    assert (number.value, number.doubt) == (62.5, "")


def test_money_with_three_decimals_is_thousands_rather():
    number = read_number("1.200 €", "EUR")
    assert (number.value, number.others) == (1200, (1.2,))
    assert number.reason == "hardly any money is written with three decimals"


def test_hours_beside_days_are_working_time_and_said_to_be():
    number = read_number("1d 4h", "h")
    assert (number.value, number.others, number.reason) == (12, (28,), "with a working day of 8 h")
    assert read_number("2w 1d 4h", "h").value == 92
    assert column("h", "1d 4h", "3d") == [12, 24]
    assert column("h", "3d") == [72]
    assert read_number("1d 4h", "working days").value == 1.5
    assert read_number("1d 4h", "days").reason == "with days of 24 h, as the metric is in calendar time"


def test_a_scale_that_only_german_files_have_is_told():
    number = read_number(NumberCell(2, '0 "T€"'), "EUR")
    assert (number.value, number.doubt, number.reason) == (2000, "scale word", "“T” counted as 1,000")
    assert read_number("3 Mio. €", "EUR").doubt == ""


def test_a_number_that_is_far_from_its_digits_is_told():
    rounded = read_number(NumberCell(0.4, '0" h"'), "h")
    assert (rounded.seen, rounded.value, rounded.doubt) == ("0 h", 0.4, "more digits")
    assert read_number(NumberCell(62.04, "0.0"), "h").doubt == ""


def test_a_zero_that_accountants_see_as_a_dash_is_told():
    dash = read_number(NumberCell(0, '#,##0;-#,##0;"-"'), "EUR")
    assert (dash.seen, dash.value, dash.doubt) == ("-", 0, "dash")


def test_words_are_the_unit_of_the_metric_before_they_are_anything_else():
    assert read_number("5 m", "m").value == 5
    assert read_number("5 k", "k").value == 5


@given(st.sampled_from(EVERY_UNIT), st.floats(-1e9, 1e9).map(lambda x: round(x, 3)))
def test_a_plain_number_and_the_same_as_a_text_are_one(name, number):
    declared = unit(name)
    read = [read_number(cell, name) for cell in (number, f"{number:.4f}", f"{number:.4f} {declared.name}")]
    if declared.bounds and not 0 <= number <= 100:
        assert all(isinstance(each, Refusal) for each in read)
    else:
        assert [each.value for each in read] == pytest.approx([number] * 3)


@given(st.text(max_size=60), st.sampled_from(EVERY_UNIT))
def test_any_text_is_read_or_refused_with_a_reason(text, name):
    read = read_number(text, name)
    assert read.reason if isinstance(read, Refusal) else math.isfinite(read.value)


PIECES = [
    "1",
    "12,500",
    "1.5",
    "-",
    "(",
    ")",
    "€",
    "T€",
    "Mio",
    "h",
    "%",
    " / min",
    "1d 4h",
    "k",
    " ",
    "\u00a0",
    "e3",
    "/2",
    ".",
]


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.sampled_from(EVERY_UNIT))
def test_nearly_numbers_are_read_or_refused(text, name):
    read = read_number(text, name)
    assert read.reason if isinstance(read, Refusal) else math.isfinite(read.value)


def test_a_rate_without_its_unit_is_the_metrics_for_things_and_money_only():
    assert read_number("5 / min", "calls / h").value == 300
    assert read_number("5 / h", "EUR / day").value == 120
    assert isinstance(read_number("5 / min", "h / week"), Refusal)
    assert isinstance(read_number("5 / min", "% / week"), Refusal)

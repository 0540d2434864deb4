"""Further inputs of each kind, made up: currencies, scale words of many languages, formats with conditions, durations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.units import unit
from services.parsing.displayed import NumberCell
from services.parsing.displayed_number import read_number, reader_for
from services.parsing.number_result import Refusal


def outcome(cell, unit_name):
    """The value, with the kind of its doubt if it has one; "refused" where it is."""
    read = read_number(cell, unit_name)
    if isinstance(read, Refusal):
        assert read.reason
        return "refused"
    return (pytest.approx(read.value), read.doubt) if read.doubt else pytest.approx(read.value)


@pytest.mark.parametrize(
    ("text", "unit_name", "expected"),
    [
        ("2 mil millones €", "EUR", 2e9),
        ("3 millones", "count", 3e6),
        ("3 mill.", "USD", 3e6),
        ("2 milliards €", "EUR", 2e9),
        ("1,2 Md€", "EUR", 1.2e9),
        ("450 K€", "EUR", 450_000),
        ("5 Mn €", "EUR", 5e6),
        ("EUR 5 Mn", "EUR", 5e6),
        ("5 MEUR", "EUR", 5e6),
        ("1.4 Bn", "count", 1.4e9),
        ("5 TN", "USD", 5e12),
        ("4MM$", "USD", 4e6),
        ("$1.2B", "USD", 1.2e9),
        ("3 mln zł", "PLN", 3e6),
        ("2,5 mld zł", "PLN", 2.5e9),
        ("12 tys. zł", "PLN", 12_000),
        ("tys. zł 5", "PLN", 5000),
        ("2 biliony", "PLN", 2e12),
        ("5 लाख", "count", 500_000),
        ("₹ 5 करोड़", "INR", 5e7),
        ("5 crs", "INR", 5e7),
        ("INR 5 L", "INR", 500_000),
        ("Rs. 1,23,456.78", "INR", 123_456.78),
        ("₹1,23,45,678", "INR", 12_345_678),
        ("१,२३,४५६ रुपये", "INR", 123_456),
        ("३.५ घंटे", "h", 3.5),
        ("٣", "h", 3),
        ("１２３", "count", 123),
        ("3億円", "JPY", 3e8),
        ("R$ 1.234,56", "BRL", 1234.56),
        ("5 Kč", "CZK", 5),
        ("500 sek", "SEK", 500),
        ("30 sek", "s", 30),
        ("12 345,67 €", "EUR", 12_345.67),
        ("1,5 Billionen €", "EUR", 1.5e12),
        ("1 h 75 min", "h", 2.25),
        ("3 miesiące", "months", 3),
        ("5 godz.", "h", 5),
        ("2 semaines", "days", 14),
        ("2 hours and 5 minutes", "min", 125),
        ("12/h", "/ min", 0.2),
        ("12,5 ‰", "%", 1.25),
        ("150 bp", "%", 1.5),
        ("150 %", "x", 1.5),
        ("1.5E+06", "count", 1.5e6),
    ],
)
def test_what_a_person_reads(text, unit_name, expected):
    assert outcome(text, unit_name) == expected


@pytest.mark.parametrize(
    ("text", "unit_name"),
    [
        ("1,5 mil", "EUR"),  # Spanish thousands, English millions
        ("1,5 billion €", "EUR"),  # the comma is French, and so may the billion be
        ("+-5", "count"),
        ("-+5", "count"),
        ("± 5", "count"),
        ("A$ 300", "USD"),
        ("500 SEK", "EUR"),
        ("12 EUR USD", "EUR"),
        ("4 m", "h"),
        ("12 k", "h"),
        ("5 L", "count"),
        ("12.5 pp", "%"),
        ("10-12 h", "h"),
        ("~12 h", "h"),
        ("<5 min", "min"),
        ("1:30", "h"),
        ("1:75", "h"),
        ("12¹", "count"),
        ("12 [1]", "count"),
        ("1 23 456", "count"),
        ("1.2.3", "count"),
        ("1,234,56", "EUR"),
        ("١٢٫٥", "h"),  # digits are known, and their decimal mark isn't
        ("101 %", "%"),
        ("5 dozen", "count"),
    ],
)
def test_what_can_be_read_otherwise_is_refused(text, unit_name):
    assert outcome(text, unit_name) == "refused"


@pytest.mark.parametrize(
    ("text", "unit_name", "value", "doubt"),
    [
        ("¥1,200", "JPY", 1200, "decimal mark"),
        ("12.500 Std.", "h", 12.5, "decimal mark"),
        ("5 TEUR", "EUR", 5000, "scale word"),
        ("1w 2d 3h 4m", "h", 7 * 8 + 3 + 4 / 60, "working time"),
        ("2w 3d", "h", 13 * 8, "working time"),
    ],
)
def test_what_is_read_with_a_doubt(text, unit_name, value, doubt):
    assert outcome(text, unit_name) == (pytest.approx(value), doubt)


def test_a_scale_word_means_what_the_other_words_of_its_column_say():
    cells = ["1 Billion €", "3 Milliarden €"]
    read = reader_for(cells).read(cells[0], unit("EUR"))
    assert (read.value, read.doubt, read.others) == (1e12, "scale word", (1e9,))


LAKHS = "[>=10000000]##\\,##\\,##\\,##0;[>=100000]##\\,##\\,##0;##,##0"


@pytest.mark.parametrize(
    ("number", "code", "unit_name", "expected"),
    [
        (1_234_567, LAKHS, "count", 1_234_567),
        (123_456_789, LAKHS, "INR", 123_456_789),
        (5000, LAKHS, "INR", 5000),
        (1_234_567.5, "#\\ ##0.00", "EUR", 1_234_567.5),
        (5, "#\\ ##0.00", "EUR", 5),
        (12_345, "0\\,000", "count", "refused"),  # 12,345, as those write 12.345 who divide by a thousand
        (5, "##\\,##\\,##0", "count", "refused"),
        (5, "0\\ 000", "count", "refused"),
        (5_551_234, "000-0000", "count", "refused"),
        (12_345, "0\\,00", "EUR", "refused"),
        (1_500_000, '[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', "count", 1.5e6),
        (0.5, "[<1]0%;0", "%", 50),
        (5, "[<1]0%;0", "%", 5),
        (12_345.678, "[$€-407] #,##0.00", "EUR", 12_345.678),
        (12_345.678, "[$$-409]#,##0", "EUR", "refused"),
        (-5, "0;0", "count", "refused"),
        (0, "0;-0;", "count", "refused"),
        (0.123, "0.0%%", "%", "refused"),
        (5, '"≈"0', "h", "refused"),
        (12, '[=12]"twelve";0', "count", "refused"),
        (0.0625, "[h]:mm", "h", 1.5),
        (0.0625, "h:mm AM/PM", "h", "refused"),
        (5, '0" Std."', "min", 300),
        (1500, '0.0,"k€"', "EUR", 1500),
        (1.5, '# ?/?" h"', "min", 90),
    ],
)
def test_a_number_under_a_format(number, code, unit_name, expected):
    assert outcome(NumberCell(number, code), unit_name) == expected


@given(st.integers(0, 10**9))
def test_formats_with_conditions_change_no_number(number):
    """Lakhs and crores have commas by their conditions, and M and K stand for what a section divides by."""
    for code in (LAKHS, '[>=1000000]0.000,,"M";[>=1000]0.000,"K";0'):
        assert read_number(NumberCell(number, code), "count").value == pytest.approx(number)

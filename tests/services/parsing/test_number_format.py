"""What Excel shows under a number format. The texts were compared with two other renderers of these formats."""

import contextlib
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles.numbers import BUILTIN_FORMATS

from services.parsing.number_format import number_format

ACCOUNTING = '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)'
BY_SIZE = '[>=1000000]0.0,,"M";[>=1000]0.0,"K";0'


def text(code, number):
    return " ".join(number_format(code).show(number).text.split())


@pytest.mark.parametrize(
    ("code", "number", "seen"),
    [
        ("General", 1234.5, "1234.5"),
        ("General", 123456789012, "1.23457E+11"),
        ("General", 1 / 3, "0.333333333"),
        ("0", 0.5, "1"),
        ("0", -0.4, "0"),
        ("0.00", 1.005, "1.01"),
        ("#,##0", 1234567, "1,234,567"),
        ("#.##", 0.5, ".5"),
        ("0.0##", 12.345, "12.345"),
        ("00000", 123, "00123"),
        ("0.0%", 0.62, "62.0%"),
        ('0.0"%"', 1.2, "1.2%"),
        ("0.0\\%", 1.2, "1.2%"),
        ('0.0" h"', 2, "2.0 h"),
        ('General" h"', 2.5, "2.5 h"),
        ('#,##0.00 "T€"', 1234.5, "1,234.50 T€"),
        ("#,##0.00 [$€-407]", 1234.5, "1,234.50 €"),
        ("[$USD] #,##0", 1234.5, "USD 1,235"),
        ("[Red]0.0", -1, "-1.0"),
        ('0.0,,"M"', 1234567, "1.2M"),
        ("#,##0,", 1234567, "1,235"),
        ("0;(0)", -5, "(5)"),
        ("#,##0_);(#,##0)", -1234, "(1,234)"),
        ("0;0", -5, "5"),
        (ACCOUNTING, -5, "(5.00)"),
        (ACCOUNTING, 0, "-"),
        (BY_SIZE, 2_500_000, "2.5M"),
        (BY_SIZE, 2500, "2.5K"),
        (BY_SIZE, 25, "25"),
        ("0.00E+00", 1234.5, "1.23E+03"),
        ("##0.0E+0", 123456, "123.5E+3"),
        ("# ?/?", 1.5, "1 1/2"),
        ("# ??/16", 1.5, "1 8/16"),
        ("?/?", 1.5, "3/2"),
        ("[h]:mm", 1.5, "36:00"),
        ("[h]:mm:ss", 1.5, "36:00:00"),
        ("[mm]:ss", 0.0625, "90:00"),
        ("h:mm", 0.0625, "1:30"),
        ("h:mm", 0.333333, "8:00"),
        ("mm:ss.0", 0.00123, "01:46.3"),
        ("000-0000", 5551234, "555-1234"),
        ("@", 7.1, "7.1"),
    ],
)
def test_a_number_is_shown_as_excel_shows_it(code, number, seen):
    assert text(code, number) == seen


@pytest.mark.parametrize(
    ("code", "number", "behind"),
    [
        ("0%", 0.62345, "62.345"),
        ('0"%"', 0.62345, "0.62345"),
        ('0.0,"k"', 1234.5, "1.2345"),
        ("[h]:mm", 1.5, "129600"),
        ("0;(0)", -5.25, "-5.25"),
    ],
)
def test_the_number_behind_is_exact_and_in_the_scale_that_is_seen(code, number, behind):
    assert number_format(code).show(number).behind == Fraction(behind)


@pytest.mark.parametrize(
    ("code", "number", "why"),
    [
        (";;;", 5, "shows no number"),
        ("0;;", -5, "shows no number"),
        ('"closed"', 5, "shows no number"),
        ("yyyy-mm-dd", 46000, "date"),
        ("0.0 h", 1.5, "more time|isn't Excel's"),
        ("000-0000", 5551234, "between its digits"),
        ("h:mm", 1.5, "more time"),
        ("[h]:mm", -1, "below zero"),
        ("h:mm AM/PM", 0.5, "date"),
        ("[DBNum1]0", 5, "digits other than 0 to 9"),
        ("*-0", 5, "filled up"),
        ("0,.0", 1234, "between its digits"),
        ("0;0;0;0;0", 1, "isn't Excel's"),
        ("0" * 300, 1, "too long"),
    ],
)
def test_what_can_not_be_seen_as_a_number_has_a_reason(code, number, why):
    assert re.search(why, number_format(code).show(number).problem)


def test_only_general_is_plain():
    assert [code for code in BUILTIN_FORMATS.values() if number_format(code).is_plain] == ["General"]


PARTS = [
    "0",
    "#",
    "?",
    ".",
    ",",
    "%",
    "E+",
    "/",
    "h",
    "m",
    "s",
    "[h]",
    "AM/PM",
    "General",
    "@",
    ";",
    '"x"',
    "\\",
    "_",
    "*",
]
PARTS += ["[Red]", "[>=5]", "[$€-407]", " ", "-", "(", ")", "d", "y", '"', "[", "]", "k", "€", "0.0", "#,##0"]


@given(
    st.lists(st.sampled_from(PARTS), max_size=12).map("".join),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_any_format_shows_any_number_or_says_why_not(code, number):
    seen = number_format(code).show(number)
    assert seen.problem or seen.behind is not None
    if seen.behind is not None and seen.shown and not seen.problem and abs(number) < 1e15:
        assert (seen.behind < 0) == (seen.shown < 0)


@given(st.floats(-1e12, 1e12), st.integers(0, 5))
def test_decimals_are_rounded_as_python_rounds_but_for_halves(number, places):
    code = "0." + "0" * places if places else "0"
    shown = number_format(code).show(number)
    with contextlib.suppress(ValueError):
        assert abs(float(shown.text) - number) <= 0.5 * 10**-places * (1 + 1e-9) + abs(number) * 1e-15

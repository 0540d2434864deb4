"""Any number, in any number format that a workbook can hold, with any unit: read as a person reads it, or refused.

What a person reads is worked out here without the program's own renderer: by Python's formatting, and by what the
words beside the number mean.
"""

import io
from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles.numbers import BUILTIN_FORMATS

from models.errors import Invalid
from models.unit_table import CURRENCIES, DURATIONS, SHARES
from models.units import unit
from services.parsing.displayed import NumberCell, displayed
from services.parsing.displayed_number import NumberReader, read_number
from services.parsing.number_result import Refusal

UNITS = [
    *DURATIONS,
    *SHARES,
    *sorted(CURRENCIES),
    "count",
    "touches",
    "/ min",
    "applications / min",
    "EUR million",
]
UNITS += ["% change", "USD per invoice", "h / week"]
SCALES = {
    "": 1,
    "k": 10**3,
    " K": 10**3,
    " Tsd.": 10**3,
    "M": 10**6,
    " Mio.": 10**6,
    " bn": 10**9,
    " lakh": 10**5,
}
WORDS = [
    "",
    *(f" {word}" for word in DURATIONS),
    *(f" {sign}" for sign in ("€", "EUR", "$", "CHF")),
    "%",
    " %",
    " x",
    " bp",
]
WORDS += [" touches", " / min", " applications / min", " Std.", " Mil", " furlongs", " of 10"]


@dataclass(frozen=True)
class Written:
    """A number format, and what a person sees of a number under it: the digits' value times `scale`, in `word`."""

    code: str
    percents: int
    divided: int
    places: int
    scale: int
    word: str

    def seen(self, number):
        """The number that the digits say."""
        return Fraction(repr(number)) * 100**self.percents / self.divided


@st.composite
def formats(draw):
    """A format of digits with literals: quoted or escaped, scaled or not, with a sign for numbers below zero."""
    places = draw(st.integers(0, 4))
    whole = draw(st.sampled_from(["0", "#,##0", "#0", "00", "#\\ ##0", "##\\,##\\,##0"]))
    commas = draw(st.sampled_from(["", "", "", ",", ",,"]))
    scale = draw(st.sampled_from(list(SCALES)))
    word = draw(st.sampled_from(WORDS))
    percents = int(word.strip() == "%" and draw(st.booleans()))
    literal = f"{scale}{'' if percents else word}"
    quoted = "".join(f"\\{c}" for c in literal) if draw(st.booleans()) else f'"{literal}"' if literal else ""
    digits = f"{whole}{'.' + '0' * places if places else ''}{commas}{quoted}{word if percents else ''}"
    code = draw(st.sampled_from(["{0}", "{0};-{0}", "{0};({0})", "{0};[Red]-{0};{0}", "{0};{0}"])).format(
        digits
    )
    return Written(code, percents, 1000 ** len(commas), places, SCALES[scale], word.strip())


NUMBERS = st.one_of(st.integers(-(10**7), 10**7), st.floats(-1e7, 1e7).map(lambda x: round(x, 5)))


@given(NUMBERS, formats(), st.sampled_from(UNITS))
def test_a_number_in_any_format_is_read_as_it_is_seen_or_refused(number, written, name):
    declared = unit(name)
    read = read_number(NumberCell(number, written.code), name)
    if isinstance(read, Refusal):
        event("refused")
        assert read.reason
        return
    event("read")
    digits = abs(written.seen(number))
    rounding = Fraction(1, 2) / 10**written.places
    assert abs(abs(read.value) - float(digits * expected_factor(written, declared))) <= float(
        rounding * expected_factor(written, declared)
    ) + 1e-9 * abs(read.value)
    if digits >= rounding:
        sign_is_seen = written.code.count(";") != 1 or "-" in written.code or "(" in written.code
        below = number < 0 and sign_is_seen
        assert (read.value < 0) == below


def expected_factor(written, declared):
    """What a person takes the digits times, in the metric's unit: the words' scale, and their unit if they have one."""
    word = {"Std.": "h", "€": "EUR", "$": "USD"}.get(written.word, written.word)
    if written.word == "$" and declared.kind == "money":
        word = declared.measure.family
    size = declared.size / declared.measure.size if declared.kind in ("money", "count") else 1
    if not word:
        return Fraction(written.scale) / (size if written.scale > 1 else 1)
    try:
        given_unit = unit(word)
    except Invalid:
        pytest.fail(f"{written.code} was read, though nobody knows “{word}”")
    if given_unit.per is None and declared.per is not None and declared.per.kind == "count":
        return Fraction(written.scale)
    if given_unit.per is not None and not given_unit.noun and declared.noun:
        return Fraction(written.scale) * declared.per.size / given_unit.per.size
    return written.scale * given_unit.factor(declared)


PLAIN = st.sampled_from(["0", "0.0", "#,##0.00", "0.000", "#,##0;-#,##0", "#,##0.0;(#,##0.0)", "[Red]0.00"])


@given(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), PLAIN, st.sampled_from(UNITS))
def test_a_format_of_digits_alone_is_always_read(number, code, name):
    declared = unit(name)
    assume(declared.bounds is None or 0 <= number <= 100)
    assert read_number(NumberCell(number, code), name).value == number


@given(st.floats(0, 1).map(lambda x: round(x, 6)), st.sampled_from(["0%", "0.0%", "0.00%"]))
def test_a_percent_format_is_always_a_hundred_times_its_number(number, code):
    assert read_number(NumberCell(number, code), "%").value == pytest.approx(number * 100, rel=1e-12)


@given(
    st.floats(0, 1000).map(lambda x: round(x, 4)),
    st.sampled_from(["[h]:mm", "[h]:mm:ss", "[hh]:mm"]),
    st.sampled_from(["h", "min", "s", "days"]),
)
def test_a_clock_that_runs_on_is_a_duration(number, code, name):
    assert read_number(NumberCell(number, code), name).value == pytest.approx(
        number * 86_400 / float(unit(name).size)
    )
    assert isinstance(read_number(NumberCell(number, code), "EUR"), Refusal)


@given(st.floats(0.01, 1000), st.sampled_from(["# ?/?", "# ??/??", "# ?/8", "# ??/100"]))
def test_a_fraction_is_the_number_that_its_cell_holds(number, code):
    assert read_number(NumberCell(number, code), "h").value == pytest.approx(number)


@given(st.floats(-1e9, 1e9), st.sampled_from(list(BUILTIN_FORMATS.values())), st.sampled_from(UNITS))
def test_every_format_of_its_own_is_read_or_refused(number, code, name):
    declared, read = unit(name), read_number(NumberCell(number, code), name)
    if isinstance(read, Refusal):
        assert read.reason
    elif "%" in code:
        assert read.value == pytest.approx(float(unit("%").factor(declared)) * number * 100)
    elif ":" in code or "mm" in code:
        assert read.value == pytest.approx(number * 86_400 / float(declared.size))
    else:
        assert read.value == pytest.approx(number)


CLOCKS = ["[h]:mm", "[h]:mm:ss", "[mm]:ss", "h:mm", "mm:ss.0", '[h]:mm" h"']


@given(
    st.one_of(NUMBERS, st.floats(-1e300, 1e300), st.floats(0, 1)),
    st.one_of(formats().map(lambda written: written.code), st.sampled_from(CLOCKS)),
    st.sampled_from(UNITS),
)
def test_what_is_worked_out_in_one_step_is_what_is_shown(number, code, name):
    reader, declared, cell = NumberReader(), unit(name), NumberCell(number, code)
    quick = reader._linear(cell, declared)
    if quick is not None:
        shown = reader._shown(displayed(cell), declared)
        assert not isinstance(shown, Refusal), shown.reason
        assert (quick.value, quick.doubt) == (pytest.approx(shown.value, rel=1e-14), shown.doubt)


def test_formats_come_out_of_a_workbook_as_they_went_in():
    """The cells that the tests above make are what a workbook really holds."""
    codes = [
        '0.0"%"',
        "0.0\\%",
        '0.0" h"',
        '#,##0.00 "T€"',
        "[h]:mm",
        "# ?/?",
        '0.0,,"M"',
        "[$€-407] #,##0.00",
        "0;(0)",
    ]
    book = Workbook()
    for row, code in enumerate(codes, 1):
        book.active.cell(row, 1, 1.5).number_format = code
    file = io.BytesIO()
    book.save(file)
    assert [cell.number_format for (cell,) in load_workbook(file).active.iter_rows()] == codes

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Invalid
from models.unit_table import CURRENCIES, DURATIONS, SHARES
from models.units import format_factor, progress, times_better, unit

EVERY_UNIT = [*DURATIONS, *SHARES, *sorted(CURRENCIES), "touches", "/ min", "applications / min", "h / week"]


@pytest.mark.parametrize(
    ("declared", "written", "number"),
    [
        ("h", "4 h", 4),
        ("h", "90 s", 0.025),
        ("h", "240", 240),
        ("h", "1.5 days", 36),
        ("h", "1h30m", 1.5),
        ("h", "1 h 30 min", 1.5),
        ("days", "2 weeks and 3 days", 17),
        ("days", "3 months", 90),
        ("days", "2 weeks", 14),
        ("working days", "8 h", 1),
        ("working days", "2 business weeks", 10),
        ("applications / min", "8,500 / min", 8500),
        ("applications / min", "120/min", 120),
        ("applications / min", "8.5k applications a minute", 8500),
        ("applications / min", "2 per second", 120),
        ("a minute", "120 applications / min", 120),
        ("per day", "14 / week", 2),
        ("tps", "120 transactions / min", 2),
        ("%", "12%", 12),
        ("% of orders", "12,5 %", 12.5),
        ("%", "0.5x", 50),
        ("ratio", "93 %", 0.93),
        ("USD", "$2B", 2e9),
        ("USD", "2 million", 2e6),
        ("USD million", "2B", 2000),
        ("USD million", "3", 3),
        ("USD / year", "2B a year", 2e9),
        ("CAD", "$5", 5),
        ("USD per invoice", "$12.50", 12.5),
        ("infections / 10,000 bed days", "5 infections per 1,000 bed days", 50),
        ("touches", "1 touch", 1),
        ("policies", "2 policy", 2),
        ("count", "12 invoices", 12),
        ("touches", "1.234,56", 1234.56),
        ("touches", "1'000", 1000),
        ("touches", "1\u202f000", 1000),
        ("touches", "\u22123", -3),
    ],
)
def test_a_quantity_reads_as_its_number_in_the_declared_unit(declared, written, number):
    assert unit(declared).parse(written) == pytest.approx(number)


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("h", "12%"),
        ("h", "5 invoices"),
        ("invoices", "12 touches"),
        ("USD", "EUR 5"),
        ("USD", "$5 / year"),
        ("applications / min", "120 applications"),
        ("applications / min", "120 h"),
        ("working days", "3 days"),
        ("h / week", "6 h"),
    ],
)
def test_an_impossible_mix_is_refused_with_both_units_named(declared, written):
    with pytest.raises(Invalid) as refused:
        unit(declared).parse(written)
    assert declared in str(refused.value)
    assert written.split(" ", 1)[-1].removeprefix("12").removeprefix("5 ") in str(refused.value)


def test_converting_hours_to_invoices_names_both():
    with pytest.raises(Invalid, match="h and invoices are different things"):
        unit("h").convert(1, unit("invoices"))


@pytest.mark.parametrize(
    "written",
    ["", "nan", "inf", "1e999", "1e99999999", "1e-99999999", "1,2,3", "four", "3 m", "9" * 100, "٣"],
)
def test_what_is_no_measurable_number_is_refused(written):
    with pytest.raises(Invalid):
        unit("h").parse(written)


@pytest.mark.parametrize("written", [math.nan, math.inf, True, None, [1]])
def test_only_finite_numbers_pass_as_numbers(written):
    with pytest.raises(Invalid):
        unit("h").parse(written)


@pytest.mark.parametrize("written", ["101", "-1", "2x"])
def test_a_part_of_a_whole_stays_between_0_and_100(written):
    assert unit("%").bounds == (0, 100)
    assert unit("% change").bounds is None
    with pytest.raises(Invalid, match="0 to 100"):
        unit("%").parse(written)


@pytest.mark.parametrize("text", ["", " ", "/", "per", "5", "x" * 81, "a\x00b", "per 0 days", "--"])
def test_what_is_no_unit_is_refused(text):
    with pytest.raises(Invalid):
        unit(text)


@pytest.mark.parametrize(
    ("declared", "number", "said"),
    [
        ("s", 14400, "4 h"),
        ("s", 90, "90 s"),
        ("s", 1209600, "2 weeks"),
        ("h", 0.025, "90 s"),
        ("h", 4, "4 h"),
        ("h", 24, "24 h"),
        ("h", 60, "2.5 days"),
        ("days", 90, "3 months"),
        ("days", 30, "30 days"),
        ("weeks", 30, "30 weeks"),
        ("month", 1, "1 month"),
        ("s", 0.25, "250 ms"),
        ("s", -10800, "-3 h"),
        ("s", 0, "0 s"),
        ("working days", 1, "1 working day"),
        ("applications / min", 8500.0, "8,500 / min"),
        ("%", 93.0, "93 %"),
        ("%", 99.95, "99.95 %"),
        ("%", 66.66667, "66.7 %"),
        ("USD", 2e9, "$2B"),
        ("USD", 12.5, "$12.50"),
        ("CHF", 1500, "CHF 1,500"),
        ("touches", 12, "12 touches"),
        ("touches", 1, "1 touch"),
        ("ratio", 1.3, "1.3x"),
        ("touches", None, "not known"),
        ("infections / 10,000 bed days", 11.5111, "11.5 / 10,000 bed days"),
    ],
)
def test_numbers_are_said_as_people_say_them(declared, number, said):
    assert unit(declared).say(number) == said


@given(st.sampled_from(EVERY_UNIT), st.floats(0.001, 1e11))
def test_what_is_said_can_be_read_again(name, number):
    declared = unit(name)
    if declared.bounds:
        number = min(number, 100.0)
    assert declared.parse(declared.say(number)) == pytest.approx(number, rel=0.006)


@given(st.sampled_from(list(DURATIONS)), st.sampled_from(list(DURATIONS)), st.floats(-1e12, 1e12))
def test_converting_there_and_back_keeps_the_number(one, other, number):
    a, b = unit(one), unit(other)
    if a.mixes_with(b):
        assert b.convert(a.convert(number, b), a) == pytest.approx(number)


@given(st.text(max_size=90), st.sampled_from(EVERY_UNIT))
def test_any_text_is_read_or_refused_and_never_crashes(written, name):
    with contextlib.suppress(Invalid):
        assert math.isfinite(unit(name).parse(written))
    with contextlib.suppress(Invalid):
        assert unit(written).say(3.5)


@pytest.mark.parametrize(
    ("declared", "baseline", "current", "direction", "said"),
    [
        ("h", "4 h", "90 s", "lower", "160x"),
        ("days", "3 months", "2 weeks", "lower", "6.4x"),
        ("/ min", "120", "8,500 / min", "higher", "71x"),
        ("touches", "13", "10", "lower", "1.3x"),
    ],
)
def test_improvements_are_said_as_factors(declared, baseline, current, direction, said):
    measured_in = unit(declared)
    factor = measured_in.times_better(measured_in.parse(baseline), measured_in.parse(current), direction)
    assert format_factor(factor) == said


@pytest.mark.parametrize(
    ("baseline", "current"), [(0, 1), (1, 0), (-1, 2), (None, 1), (math.nan, 1), (1e-300, 1e300)]
)
def test_a_factor_without_meaning_is_none(baseline, current):
    assert times_better(baseline, current, "higher") is None


def test_a_bounded_percentage_has_no_factor():
    assert unit("%").times_better(90, 99, "higher") is None


def test_progress_of_a_multiplicative_metric_is_counted_in_logarithms():
    assert progress(240, 30, 1.5) == pytest.approx(0.88, abs=0.005)
    assert progress(240, 30, 1.5, "log") == pytest.approx(0.41, abs=0.005)
    assert progress(240, 300, 1.5) < 0
    assert progress(5, 6, 5) is None
    assert progress(0, 1, 2, "log") is None
    assert progress(None, 1, 2) is None

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parsing.moment_text import DAY_FIRST, MONTH_FIRST, YEAR_FIRST, both_readings, order_of, readings

DAY = datetime(2026, 10, 5)
AT = datetime(2026, 10, 5, 14, 30)


def alone(text):
    """The one moment that a text means."""
    moments = set(readings(text).values())
    return moments.pop() if len(moments) == 1 else moments


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("05/Oct/26 2:30 PM", AT),
        ("05-Oct-26", DAY),
        ("5. Okt. 2026", DAY),
        ("5 Oct '26", DAY),
        ("Montag, 5. Oktober 2026", DAY),
        ("Mon, 05 Oct 2026 14:30:00 +0200", AT.replace(tzinfo=timezone(timedelta(hours=2)))),
        ("October 5th, 2026", DAY),
        ("Oct 5, 2026, 2:30 p.m.", AT),
        ("5 de octubre de 2026", DAY),
        ("05/oct./26", DAY),
        ("2026年10月5日", DAY),
        ("05.10.26", DAY),
        ("05.10.2026 14:30 Uhr", AT),
        ("2026-10-05", DAY),
        ("20261005", DAY),
        ("2026-10-05 14:30 UTC", AT.replace(tzinfo=UTC)),
        ("2026-10-05T14:30:00.123456789Z", AT.replace(microsecond=123456, tzinfo=UTC)),
        ("2026-10-05, 14:30", AT),
        ("\u200e05.10.2026\u00a014:30", AT),
        ("10/13/2026", datetime(2026, 10, 13)),
        ("46300.5", datetime(2026, 10, 5, 12)),
    ],
)
def test_moments_as_people_and_programs_write_them(text, moment):
    assert alone(text) == moment


@pytest.mark.parametrize(
    "text",
    ["5 Foo 2026", "31/31/2026", "2026-02-30", "tomorrow", "20/11/2026 13:00 pm", "2026-10", "5.10.",
     "1d 4h", "", "2026-10-05" * 9, "5 listopada 2026"],
)  # fmt: skip
def test_what_is_no_moment(text):
    assert readings(text) == {}


def test_two_digits_of_a_year_can_be_meant_in_more_ways():
    assert readings("05/10/26") == {DAY_FIRST: DAY, MONTH_FIRST: datetime(2026, 5, 10)}
    assert readings("25/10/26") == {DAY_FIRST: datetime(2026, 10, 25), YEAR_FIRST: datetime(2025, 10, 26)}
    assert both_readings(readings("05/10/26")) == "5 Oct 2026 or 10 May 2026"


def test_the_column_tells_the_order_under_which_all_its_cells_are_days():
    assert order_of(map(readings, ["05/10/26", "12/10/26", "19/10/26"])) == DAY_FIRST
    assert order_of(map(readings, ["03/04/2026", "11/20/2026"])) == MONTH_FIRST
    assert order_of(map(readings, ["26/10/05", "26/10/12"])) is None
    assert order_of(map(readings, ["03/04/2026"])) is None
    assert order_of(map(readings, ["20/11/2026", "11/20/2026"])) is None
    assert order_of(map(readings, ["2026-10-05", "nonsense", "20/11/2026"])) == DAY_FIRST


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.sampled_from(
        ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d %b %Y", "%B %d, %Y", "%d/%b/%y", "%d-%B-%Y", "%a, %d %b %Y"]
    ),
)
def test_any_day_reads_back(day, form):
    assert alone(day.strftime(form)).date() == day


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m-%d-%y"]),
)
def test_an_open_day_is_among_its_readings(day, form):
    assert day in {moment.date() for moment in readings(day.strftime(form)).values()}


@given(st.text(alphabet="0123456789/.-: OctAPM\u00a0年月日Z+", max_size=30))
def test_any_text_is_a_moment_or_none(text):
    assert isinstance(readings(text), dict)

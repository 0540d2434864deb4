from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parsing.clock_changes import (
    CLOCK_BACK,
    CLOCK_FORWARD,
    in_utc,
    is_beside_a_change,
    never_reason,
    offsets_of,
    twice_reason,
)

BERLIN = ZoneInfo("Europe/Berlin")
TWICE, NEVER = datetime(2026, 10, 25, 2), datetime(2026, 3, 29, 2, 30)


def test_hours_beside_a_clock_change_are_marked():
    local = np.array(["2026-10-25T01:00", TWICE, "2026-10-25T03:00", NEVER, "NaT"], "datetime64[us]")
    moments = in_utc(local, BERLIN)
    assert moments.at.astype("datetime64[m]").astype(str).tolist() == [
        "2026-10-24T23:00", "2026-10-25T00:00", "2026-10-25T02:00", "2026-03-29T01:00", "NaT",
    ]  # fmt: skip
    assert (moments.twice.tolist(), moments.never.tolist()) == (
        [False, True, False, False, False],
        [False, False, False, True, False],
    )


def test_both_spellings_of_an_hour_shown_twice_are_given():
    assert offsets_of(TWICE, BERLIN) == ("2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00")
    assert twice_reason(TWICE, BERLIN) == (
        "on 25 Oct 2026 the clock in Europe/Berlin goes back and shows 02:00 twice; write which one is meant "
        "with its offset: 2026-10-25T02:00+02:00 or 2026-10-25T02:00+01:00"
    )


def test_an_hour_never_shown_is_given_as_the_clock_shows_it_then():
    assert never_reason(NEVER, BERLIN) == (
        "on 29 Mar 2026 the clock in Europe/Berlin goes forward and never shows 02:30; write the time with its offset: "
        "2026-03-29T03:30+02:00"
    )


@pytest.mark.parametrize(
    ("local", "change"), [(TWICE, CLOCK_BACK), (NEVER, CLOCK_FORWARD), (datetime(2026, 10, 25, 3), "")]
)
def test_one_moment_alone(local, change):
    assert is_beside_a_change(local, BERLIN) == change


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_whole_columns_say_what_one_moment_says(local, name):
    zone = ZoneInfo(name)
    moments = in_utc(np.array([local], "datetime64[us]"), zone)
    change = {(True, False): CLOCK_BACK, (False, True): CLOCK_FORWARD}.get(
        (bool(moments.twice[0]), bool(moments.never[0])), ""
    )
    assert change == is_beside_a_change(local, zone)
    if not change:
        back = moments.at[0].astype(datetime).replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
        assert back.replace(tzinfo=None, fold=0) == local

"""Weeks are keyed by their Fridays: whatever happens to the plan, every Friday can be frozen, and is called rightly."""

import json
from collections.abc import Collection
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Invalid
from models.review import WEEK_DAYS, friday_of, week_heading, week_name, week_of_plan
from reports.exports.week_files import FORMATS, export, file_name
from reports.review.draft import draft
from services.engagement import engagements
from services.plan import cycles
from services.review import reviews
from store import reviews as stored_reviews
from tests.builders import an_actor, an_engagement, on_day, the_operator

FRIDAY = 5  # of the first week: day 1 is a Monday


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(-400, 400))
def test_every_week_of_the_plan_has_one_friday(day_1, day):
    on = day_1 + timedelta(days=day - 1)
    friday = friday_of(on, day)
    assert friday.weekday() == 4
    assert (friday - day_1).days // WEEK_DAYS == (on - day_1).days // WEEK_DAYS


def test_a_week_outside_the_plan_is_called_by_its_date():
    on = date(2026, 11, 20)
    assert [week_name(week, on) for week in (7, 15, -3)] == ["week 7", *["the week of 20 Nov 2026"] * 2]
    assert [week_of_plan(week, on) for week in (13, 14, 0)] == [
        "week 13 of 13",
        *["the week of 20 Nov 2026"] * 2,
    ]
    assert week_heading(14, on) == "week of 20 Nov 2026"


def freeze(day: int, formats: Collection[str] = ("md",)) -> str:
    """Freeze the week of a day, take it away in those formats, and return its title."""
    made = reviews.freeze(the_operator(day), "acme", on_day(day))
    document = stored_reviews.document(the_operator(day), "acme", made.digest)
    text = json.dumps(document.content, ensure_ascii=False)
    texts = "\n".join(export(document, "md").decode().splitlines())
    for wrong in ("of 13", "of 90"):
        number = document.content["head"]["week" if wrong == "of 13" else "day"]
        inside = 1 <= number <= int(wrong.removeprefix("of "))
        assert inside or f"{number} {wrong}" not in text + texts
    assert "day -" not in (text + texts).lower()
    for format in formats:
        assert export(document, format), file_name(document, format)
    return texts.splitlines()[0].strip("* ")


def fridays(first: int, last: int) -> range:
    return range(first, last + 1, WEEK_DAYS)


def test_after_day_1_moved_every_friday_can_be_frozen(sqlite_database):
    an_engagement()
    for day in fridays(FRIDAY, 19):
        freeze(day)
    engagements.move_day_1(the_operator(20), "acme", on_day(15))
    titles = [freeze(26, FORMATS), *map(freeze, fridays(33, 40)), freeze(47, FORMATS)]
    assert titles[0] == "Lending platform: week 2 of 13"
    assert len(stored_reviews.weeks(the_operator(50), "acme")) == 7
    assert [row.on for row in stored_reviews.weeks(the_operator(50), "acme")] == [
        on_day(day) for day in range(47, 0, -7)
    ]


def test_day_1_that_moved_past_today_leaves_the_weeks_before_it_to_be_frozen(sqlite_database):
    an_engagement()
    freeze(FRIDAY)
    engagements.move_day_1(the_operator(6), "acme", on_day(29))
    assert freeze(12, FORMATS) == "Lending platform: week of 16 Oct 2026"
    assert freeze(33) == "Lending platform: week 1 of 13"


def test_after_a_cycle_was_closed_early_every_friday_can_be_frozen(sqlite_database):
    an_engagement()
    for day in fridays(33, 40):
        freeze(day)
    cycles.close_cycle(the_operator(41), "acme")
    titles = [freeze(47, FORMATS), *map(freeze, fridays(54, 96)), freeze(103, FORMATS)]
    assert titles[0] == "Lending platform: week of 20 Nov 2026"
    assert titles[-1] == "Lending platform: week 2 of 13"
    weeks = stored_reviews.weeks(the_operator(104), "acme")
    assert len({row.on for row in weeks}) == len(weeks) == 11


def test_after_the_last_week_reviews_go_on(sqlite_database):
    an_engagement()
    assert freeze(89) == "Lending platform: week 13 of 13"
    assert freeze(103, FORMATS) == "Lending platform: week of 15 Jan 2027"
    assert "day 103, past day 90" in draft(the_operator(103), "acme", on_day(103)).composed.drafts["verdict"]


@pytest.mark.usefixtures("database")
def test_one_week_is_frozen_once_and_what_was_written_stays_with_its_week():
    an_engagement()
    lead = an_actor("Mei Tan", day=26)
    freeze(FRIDAY + 7)
    with pytest.raises(Invalid, match="Week 2 was frozen on 16 Oct"):
        reviews.freeze(the_operator(14), "acme", on_day(13))
    reviews.edit_passages(the_operator(19), "acme", on_day(19), {"note": "Of the third week"})
    engagements.move_day_1(the_operator(20), "acme", on_day(15))
    # 23 Oct was in week 3 and is in week 1 now; 6 Nov is in the new week 3.
    assert draft(lead, "acme", on_day(19)).edits["note"]["text"] == "Of the third week"
    assert draft(the_operator(33), "acme", on_day(33)).edits == {}
    reviews.edit_passages(the_operator(33), "acme", on_day(33), {"note": "Of another third week"})
    assert draft(the_operator(33), "acme", on_day(33)).edits["note"]["text"] == "Of another third week"
    assert draft(the_operator(33), "acme", on_day(19)).edits["note"]["text"] == "Of the third week"


@pytest.mark.usefixtures("database")
def test_a_week_is_superseded_as_itself_also_after_day_1_moved():
    an_engagement()
    first = reviews.freeze(the_operator(12), "acme", on_day(12))
    engagements.move_day_1(the_operator(20), "acme", on_day(15))
    second = reviews.supersede(the_operator(21), "acme", first.id, "Day 1 was moved")
    with pytest.raises(Invalid, match="A newer version"):
        reviews.supersede(the_operator(21), "acme", first.id, "Again")
    with pytest.raises(Invalid, match="was frozen on"):
        reviews.freeze(the_operator(22), "acme", on_day(12))
    assert stored_reviews.week(the_operator(22), "acme", on_day(12)).id == second.id

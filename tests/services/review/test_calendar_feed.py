"""The calendar feed: a person's milestones and reviews, behind a secret that can be revoked."""

from datetime import date, timedelta

import icalendar
import pytest

from models.errors import NotFound
from models.names import clean_name
from models.people import Role
from services.engagement import engagements
from services.people import accounts
from services.plan import cycles
from services.review import calendar_feed, reviews
from tests.builders import an_actor, an_engagement, on_day, the_operator
from tests.stories import NAUGHTY

pytestmark = pytest.mark.usefixtures("database")


def test_the_feed_has_milestones_and_reviews_of_my_engagements_only():
    an_engagement(name="Lending, “fast”; and sure " + "ñ" * 80)
    an_engagement("secret", client="Somebody else")
    secret = calendar_feed.open_feed(an_actor("Dana Ruiz", role=Role.SPONSOR))
    feed = calendar_feed.render_feed(secret).decode()
    assert feed.count("BEGIN:VEVENT") == 9 + 13 + 1
    assert "Somebody else" not in feed
    assert "Lending\\, “fast”\\; and sure" in feed.replace("\r\n ", "")
    assert max(len(line.encode()) for line in feed.split("\r\n")) <= 75
    assert "DTSTART;VALUE=DATE:20261009" in feed
    assert calendar_feed.render_feed(secret).decode() == feed


def test_a_revoked_a_replaced_and_a_wrong_address_answer_nobody():
    an_engagement()
    dana = an_actor("Dana Ruiz", role=Role.SPONSOR)
    first = calendar_feed.open_feed(dana)
    second = calendar_feed.open_feed(dana)
    for secret in (first, "guess"):
        with pytest.raises(NotFound, match="no calendar at this address"):
            calendar_feed.render_feed(secret)
    assert calendar_feed.has_feed(dana)
    calendar_feed.revoke_feed(dana)
    assert not calendar_feed.has_feed(dana)
    with pytest.raises(NotFound):
        calendar_feed.render_feed(second)


def test_a_calendar_program_reads_every_event_with_the_words_as_they_were_typed():
    client = "Line one, line two; {}".format
    for number, text in enumerate(NAUGHTY):
        an_engagement(f"client-{number}", name=clean_name(text), client=clean_name(client(text[:200])))
        dana = an_actor("Dana Ruiz", f"client-{number}", role=Role.VIEWER)
    read = icalendar.Calendar.from_ical(calendar_feed.render_feed(calendar_feed.open_feed(dana)))
    events = read.walk("VEVENT")
    assert len({str(event["UID"]) for event in events}) == len(events) == len(NAUGHTY) * (9 + 13 + 1)
    titles = {str(event["SUMMARY"]).partition(": ")[2] for event in events}
    assert titles == {f"{clean_name(text)} for {clean_name(client(text[:200]))}" for text in NAUGHTY}
    assert all(event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(days=1) for event in events)


def test_who_left_an_engagement_or_the_firm_sees_it_no_more():
    for slug in ("acme", "birch"):
        an_engagement(slug, name=f"Platform {slug}")
        dana = an_actor("Dana Ruiz", slug, role=Role.SPONSOR)
    secret = calendar_feed.open_feed(dana)
    engagements.remove_member(the_operator(), "birch", dana.user_id)
    assert b"Platform acme" in calendar_feed.render_feed(secret)
    assert b"Platform birch" not in calendar_feed.render_feed(secret)
    accounts.disable(the_operator(), "dana.ruiz@example.org")
    with pytest.raises(NotFound):
        calendar_feed.render_feed(secret)


def fridays(slug: str = "acme") -> dict[date, str]:
    """The reviews that a calendar program shows by the end of March 2027, by day."""
    reader = an_actor("Dana Ruiz", slug, role=Role.SPONSOR)
    read = icalendar.Calendar.from_ical(calendar_feed.render_feed(calendar_feed.open_feed(reader)))
    days: dict[date, str] = {}
    for event in read.walk("VEVENT"):
        if not str(event["UID"]).startswith("review-"):
            continue
        first, rule = event.decoded("DTSTART"), event.get("RRULE") or {"UNTIL": [event.decoded("DTSTART")]}
        until = min(rule.get("UNTIL", [date(2027, 3, 31)])[0], date(2027, 3, 31))
        for week in range((until - first).days // 7 + 1):
            on = first + timedelta(days=7 * week)
            assert on not in days, "one review a Friday"
            days[on] = str(event["SUMMARY"]).partition(":")[0]
    assert {on.weekday() for on in days} == {4}
    return days


def test_fridays_after_week_13_are_reviews_until_the_cycle_is_closed():
    an_engagement()
    days = fridays()
    assert days[on_day(89)] == "Weekly review 13 of 13"
    assert days[on_day(96)] == days[on_day(89 + 70)] == "Weekly review"
    assert list(days) == [on_day(day) for day in range(5, 5 + 7 * len(days), 7)]


def test_fridays_before_a_day_1_that_moved_are_reviews_from_the_first_frozen_week_on():
    an_engagement()
    reviews.freeze(the_operator(5), "acme", on_day(5))
    engagements.move_day_1(the_operator(6), "acme", on_day(29))
    days = fridays()
    assert [days[on_day(day)] for day in (5, 12, 19, 26)] == ["Weekly review"] * 4
    assert days[on_day(33)] == "Weekly review 1 of 13"
    assert min(days) == on_day(5)


def test_fridays_between_a_cycle_closed_early_and_the_next_are_reviews():
    an_engagement()
    cycles.close_cycle(the_operator(40), "acme")
    days = fridays()
    assert min(days) == on_day(47)
    assert days[on_day(47)] == days[on_day(89)] == "Weekly review"
    assert days[on_day(96)] == "Weekly review 1 of 13"


def test_a_planned_cycle_takes_over_where_it_begins():
    an_engagement()
    cycles.plan_next_cycle(the_operator(40), "acme", on_day(106))
    days = fridays()
    assert [days[on_day(day)] for day in (89, 96, 103, 110)] == [
        "Weekly review 13 of 13", "Weekly review", "Weekly review", "Weekly review 1 of 13",
    ]  # fmt: skip

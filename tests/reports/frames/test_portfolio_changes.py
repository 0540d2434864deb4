"""What changed across the portfolio since a date, engagement by engagement."""

from datetime import timedelta

import pytest

from models.status import Status
from reports.frames.portfolio import portfolio
from reports.frames.portfolio_changes import changes_since
from services.review import reviews
from tests.builders import an_engagement, on_day, the_operator
from tests.reports.frames.test_portfolio_list import ON, a_frame
from tests.stories import a_story

SINCE = ON - timedelta(days=14)


def test_each_difference_is_said_and_what_is_the_same_is_left_out():
    before = a_frame({"done": 5, "better": 2}, {"slug": "same", "name": "Same"})
    after = a_frame(
        {"slug": "new", "name": "New"},
        {"done": 7, "better": 1, "status": Status.AT_RISK, "closed": True, "reviewed_on": ON - timedelta(days=7)},
        {"slug": "same", "name": "Same", "reviewed_on": SINCE},
    )  # fmt: skip
    before["closed"] = False
    after["closed"] = [False, True, False]
    texts = {row.slug: row.text for row in changes_since(after, before, SINCE)}
    assert texts == {
        "new": "new since then",
        "a": "health on track → at risk; 2 more milestones done; 1 fewer outcome better than its baseline; cycle closed; "
        "reviewed on 13 Nov",
    }


@pytest.mark.usefixtures("sqlite_database")
def test_the_portfolio_of_two_dates_says_what_happened_between_them():
    a_story()
    an_engagement("quiet", name="Quiet", day_1=on_day(1))
    who = the_operator(60)
    reviews.freeze(the_operator(42), "acme", on_day(42))
    texts = {
        row.slug: row.text
        for row in changes_since(portfolio(who, on_day(60)), portfolio(who, on_day(40)), on_day(40))
    }
    assert "more milestones done" in texts["acme"]
    assert f"reviewed on {on_day(42).day} {on_day(42):%b}" in texts["acme"]
    same = changes_since(portfolio(who, on_day(60)), portfolio(who, on_day(60)), on_day(60))
    assert same == []

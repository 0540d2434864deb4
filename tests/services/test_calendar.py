"""The calendar feed: a person's milestones and reviews, behind a secret that can be revoked."""

import pytest

from models.errors import NotFound
from models.people import Role
from services import calendar
from tests.builders import an_actor, an_engagement

pytestmark = pytest.mark.usefixtures("database")


def test_the_feed_has_milestones_and_reviews_of_my_engagements_only():
    an_engagement(name="Lending, “fast”; and\nsure " + "ñ" * 80)
    an_engagement("secret", client="Somebody else")
    secret = calendar.open_feed(an_actor("Dana Ruiz", role=Role.SPONSOR))
    feed = calendar.feed(secret).decode()
    assert feed.count("BEGIN:VEVENT") == 9 + 13
    assert "Somebody else" not in feed
    assert "Lending\\, “fast”\\; and\\nsure" in feed.replace("\r\n ", "")
    assert max(len(line.encode()) for line in feed.split("\r\n")) <= 75
    assert "DTSTART;VALUE=DATE:20261009" in feed
    assert calendar.feed(secret).decode() == feed


def test_a_revoked_a_replaced_and_a_wrong_address_answer_nobody():
    an_engagement()
    dana = an_actor("Dana Ruiz", role=Role.SPONSOR)
    first = calendar.open_feed(dana)
    second = calendar.open_feed(dana)
    for secret in (first, "guess"):
        with pytest.raises(NotFound, match="no calendar at this address"):
            calendar.feed(secret)
    assert calendar.has_feed(dana)
    calendar.revoke_feed(dana)
    assert not calendar.has_feed(dana)
    with pytest.raises(NotFound):
        calendar.feed(second)

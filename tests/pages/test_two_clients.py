"""Every page of another client's engagement and of none: the same words, for the same questions to the database."""

import pytest

from models.people import Role
from services.review import reviews
from tests.builders import a_user, an_actor, an_engagement, on_day
from tests.count_statements import statements
from tests.pages.pages import open_page, words
from tests.pages.test_people import look_as
from ui.navigation import PAGES_BY_KEY

THEIRS, NOWHERE = "corvid", "nowhere"
OF_ENGAGEMENTS = [key for key, place in PAGES_BY_KEY.items() if place.of_engagement]
SECRETS = ("Corvid", "Claims", "Their lead")


@pytest.fixture
def sam(database, monkeypatch):
    """Sam, the lead of acme, is at the screen; corvid, with a frozen week, is another client's."""
    an_engagement()
    an_actor("Sam Okafor", role=Role.LEAD)
    an_engagement(THEIRS, name="Claims rebuild", client="Corvid Insurance")
    reviews.freeze(an_actor("Their lead", THEIRS, day=20), THEIRS, on_day(9))
    look_as("Sam Okafor", monkeypatch)
    open_page("portfolio")  # what is kept of Sam's own engagement is known by now


def look(key: str, **query: str) -> tuple[str, list[str]]:
    """What the page says, and what it asks the database."""
    with statements() as done:
        page_text = words(open_page(key, **query))
    return page_text, [text for text, _ in done]


def test_a_page_tells_no_more_of_another_clients_engagement_than_of_none(sam):
    for key in OF_ENGAGEMENTS:
        theirs, nothing = look(key, engagement=THEIRS), look(key, engagement=NOWHERE)
        assert theirs[0].replace(THEIRS, "…") == nothing[0].replace(NOWHERE, "…"), key
        assert theirs[1] == nothing[1], key
        assert "Not found, or not shared with you" in theirs[0], key


def test_nor_at_any_earlier_moment_or_record_of_it(sam):
    for more in ({"as_of": "2026-10-09"}, {"revision": "1"}, {"week": "1", "version": "1"}, {"metric": "x"}):
        theirs, nothing = (look("review", engagement=slug, **more) for slug in (THEIRS, NOWHERE))
        assert theirs[0].replace(THEIRS, "…") == nothing[0].replace(NOWHERE, "…"), more
        assert theirs[1] == nothing[1], more


def test_what_lists_engagements_and_people_lists_nothing_of_theirs(sam):
    text = words(open_page("portfolio")) + words(open_page("portfolio", show="Table"))
    assert "Lending platform" in text
    (theirs, asked), (nothing, asked_of_nothing) = (
        look("activity", person=str(number)) for number in (a_user("Their lead"), 999)
    )
    assert (theirs, asked) == (nothing, asked_of_nothing)
    assert not [secret for secret in SECRETS if secret in text + theirs]

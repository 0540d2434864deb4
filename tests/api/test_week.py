"""The light page of a frozen week: complete without a script, for members alone, and marked as read by a form."""

import html
from datetime import UTC, datetime

import pytest

from models.errors import Unavailable
from models.people import Actor, Role
from services.review import reviews
from store import reviews as stored_reviews
from tests.api.conftest import COOKIE, HOME
from tests.builders import a_session, an_actor, on_day, the_operator
from tests.stories import METRICS, a_story

OURS = {"origin": HOME}
ADDRESS = "/week/acme/9"


@pytest.fixture
def frozen(client) -> int:
    a_story()
    return reviews.freeze(the_operator(60), "acme", on_day(60)).id


def sign_in(client, name: str, role: Role | None, slug: str = "acme") -> Actor:
    member = an_actor(name, role=role) if slug == "acme" else an_actor(name, role=role, slug=slug)
    _, token = a_session(member.user_id, datetime.now(UTC))
    client.cookies.set(COOKIE, token, domain="localhost.local")
    return member


def test_a_reader_gets_the_whole_week_as_text(client, frozen):
    sign_in(client, "Rae", Role.VIEWER)
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    text = answer.text
    assert "<script" not in text
    headings = ["Decisions needed", "The plan", "Outcomes", "Exceptions", "Next two weeks", "Data caveats"]
    places = [text.index(f"<h2>{heading}</h2>") for heading in headings]
    assert places == sorted(places)
    for name, *_ in METRICS:
        assert name in text
    assert "Fund the parallel run for two more weeks" in text
    assert "6 of 9 milestones are done; Systems inventoried is late." in text
    assert f'href="/api/v1/engagements/acme/reviews/{frozen}.pdf"' in text
    assert 'href="/review?engagement=acme&amp;week=2026-12-03"' in text
    assert "Waits" in text


def test_by_its_date_it_is_the_same_page(client, frozen):
    sign_in(client, "Rae", Role.VIEWER)
    assert client.get("/week/acme/2026-12-03").text == client.get(ADDRESS).text


def test_a_sponsor_reads_no_word_from_the_interviews(client, frozen):
    sign_in(client, "Dana Ruiz", Role.SPONSOR)
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    assert "Waits" not in answer.text


def test_who_isnt_signed_in_is_sent_to_the_sign_in_and_back(client, frozen):
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/session/sign-in?next=/week/acme/9")


def test_who_isnt_a_member_learns_nothing(client, frozen):
    sign_in(client, "Eve", None)
    theirs, nowhere = client.get(ADDRESS), client.get("/week/nowhere/9")
    assert (theirs.status_code, nowhere.status_code) == (404, 404)
    assert theirs.text.replace("acme", "nowhere") == nowhere.text
    assert client.post(ADDRESS, headers=OURS).status_code == 404


@pytest.mark.parametrize(
    "address", ["/week/acme/8", "/week/acme/soon", "/week/acme/99999999999", "/week/acme"]
)
def test_a_week_that_isnt_frozen_isnt_there(client, frozen, address):
    sign_in(client, "Rae", Role.VIEWER)
    assert client.get(address).status_code == 404


def test_it_is_marked_as_read_once_by_our_own_page_alone(client, frozen):
    rae = sign_in(client, "Rae", Role.VIEWER)
    assert "Mark as read" in client.get(ADDRESS).text
    assert client.post(ADDRESS, headers={"origin": "https://elsewhere.example"}).status_code == 403
    assert stored_reviews.readers(rae, "acme", frozen) == []
    for _ in range(2):
        answer = client.post(ADDRESS, headers=OURS)
        assert (answer.status_code, answer.headers["location"]) == (303, ADDRESS)
    assert [reader["name"] for reader in stored_reviews.readers(rae, "acme", frozen)] == ["Rae"]
    text = client.get(ADDRESS).text
    assert "Mark as read" not in text
    assert "Read by Rae" in text


def test_a_superseded_week_says_so_and_leads_to_the_newer_one(client, frozen):
    sign_in(client, "Rae", Role.VIEWER)
    reviews.supersede(the_operator(61), "acme", frozen, "A <b>number</b> was wrong")
    assert (
        "This version corrects an earlier one: A &lt;b&gt;number&lt;/b&gt; was wrong"
        in client.get(ADDRESS).text
    )
    assert "A corrected version replaced this one" in client.get(f"{ADDRESS}?version={frozen}").text


def test_a_week_of_before_bars_were_frozen_is_shown_without_them(client, frozen, monkeypatch):
    sign_in(client, "Rae", Role.VIEWER)
    whole = stored_reviews.document

    def as_frozen_before(*given):
        document = whole(*given)
        for row in document.content["metrics"]:
            del row["drawing"]
        return document

    monkeypatch.setattr(stored_reviews, "document", as_frozen_before)
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    assert "Loan decision time" in answer.text


def test_while_the_database_is_away_the_week_is_not_refused_but_comes_later(client, frozen, monkeypatch):
    def away(*_: object) -> None:
        raise Unavailable("The database can't be reached at the moment. Nothing was saved.", "away")

    sign_in(client, "Rae", Role.VIEWER)
    monkeypatch.setattr(stored_reviews, "document", away)
    answer = client.get(ADDRESS, headers={"accept": "text/html"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "No week here" not in answer.text
    assert "can't be reached at the moment" in html.unescape(answer.text)


def test_what_people_typed_is_text(client):
    from tests.stories import naughty

    naughty()
    reviews.freeze(the_operator(40), "naughty", on_day(40))
    member = an_actor("Rae", role=Role.VIEWER, slug="naughty")
    _, token = a_session(member.user_id, datetime.now(UTC))
    client.cookies.set(COOKIE, token, domain="localhost.local")
    text = client.get("/week/naughty/6").text
    assert "<b>bold</b>" not in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text

"""Downloads of frozen weeks: for who may read them, journalled, and without interviews where those aren't theirs."""

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.current_user import caller
from api.routes import api
from models.database import engine
from models.people import Actor, Role
from models.review import ReviewDownload
from services.review import calendar_feed, packs, reviews
from tests.builders import an_actor, on_day, the_operator
from tests.stories import a_story

pytestmark = pytest.mark.usefixtures("sqlite_database")
Signed = Callable[[Actor], TestClient]


@pytest.fixture
def signed_in() -> Iterator[Signed]:
    """A client of the API, signed in as somebody."""

    def client(actor: Actor) -> TestClient:
        api.dependency_overrides[caller] = lambda: actor
        return TestClient(api)

    yield client
    api.dependency_overrides.clear()


def frozen() -> int:
    a_story()
    return reviews.freeze(the_operator(60), "acme", on_day(60)).id


def test_a_member_takes_a_week_away_and_the_journal_knows(signed_in):
    review_id = frozen()
    answer = signed_in(an_actor("Rae", role=Role.VIEWER, day=60)).get(
        f"/v1/engagements/acme/reviews/{review_id}.md"
    )
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert answer.headers["content-disposition"] == 'attachment; filename="acme-week-9.md"'
    assert "One voice from the interviews" in answer.text
    with Session(engine()) as session:
        assert [(row.format, row.by) for row in session.scalars(select(ReviewDownload))] == [("md", "Rae")]


def test_a_sponsor_gets_it_without_interviews(signed_in):
    review_id = frozen()
    client = signed_in(an_actor("Dana Ruiz", role=Role.SPONSOR, day=60))
    for suffix in ("md", "json"):
        answer = client.get(f"/v1/engagements/acme/reviews/{review_id}.{suffix}")
        assert answer.status_code == 200
        assert "Waits 1" not in answer.text


def test_for_others_there_is_nothing(signed_in):
    review_id = frozen()
    client = signed_in(an_actor("Eve", role=None, day=60))
    assert client.get(f"/v1/engagements/acme/reviews/{review_id}.pdf").status_code == 404
    assert client.get("/v1/engagements/acme/reviews").status_code == 404


def test_a_week_or_format_that_there_is_not(signed_in):
    review_id = frozen()
    client = signed_in(an_actor("Mei Tan", day=60))
    assert client.get(f"/v1/engagements/acme/reviews/{review_id}.exe").status_code == 404
    assert client.get("/v1/engagements/acme/reviews/999.pdf").status_code == 404
    assert [row["week"] for row in client.get("/v1/engagements/acme/reviews").json()] == [9]


def test_nobody_signed_in_gets_nothing_but_a_calendar_by_its_secret():
    frozen()
    client = TestClient(api)
    assert client.get("/v1/engagements/acme/reviews").status_code == 401
    secret = calendar_feed.open_feed(an_actor("Mei Tan", day=60))
    answer = client.get(f"/v1/calendar/{secret}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert client.get("/v1/calendar/guess.ics").status_code == 404


def test_a_portfolio_pack_is_taken_through_the_route_by_who_made_it(signed_in):
    frozen()
    mei = an_actor("Mei Tan", day=60)
    key = packs.build(mei).key
    answer = signed_in(mei).get(f"/v1/portfolio/packs/{key}.pdf")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert answer.content.startswith(b"%PDF")
    assert (
        signed_in(an_actor("Eve", role=None, day=60)).get(f"/v1/portfolio/packs/{key}.pdf").status_code == 404
    )

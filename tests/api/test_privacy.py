"""The copy of an interviewee's data over HTTP, on both databases."""

from datetime import UTC, datetime

import pytest

from models.people import Role
from services.interviews import interviews
from store.journal import JournalFilter, entries
from tests.api.conftest import COOKIE, HOME
from tests.builders import a_session, a_user, an_actor, an_engagement, on_day, the_operator

ROUTE = "/api/v1/engagements/{}/personal-data"
OURS = {"origin": HOME}


@pytest.fixture
def lead(client, signed_in):
    """Mei, the lead of an engagement in which Priya was interviewed, in the browser."""
    an_engagement()
    lead = an_actor("Mei Tan")
    interviews.record_interview(the_operator(9), "acme", {"interviewee": "Priya Nair", "held_on": on_day(9)})
    return lead


def ask(client, slug: str = "acme", headers: dict[str, str] = OURS):
    return client.post(ROUTE.format(slug), data={"person": "priya nair"}, headers=headers)


def test_a_lead_takes_the_copy_as_a_file_and_the_journal_says_so(client, lead):
    answer = ask(client)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="personal-data-acme.json"'
    assert "no-store" in answer.headers["cache-control"]
    assert answer.json()["interviews"][0]["interviewee"] == "Priya Nair"
    assert entries(lead, "acme", JournalFilter(kind="handover"))[1] == 1


@pytest.mark.parametrize("origin", [None, "http://localhost:3000", "null"])
def test_another_sites_page_takes_nothing(client, lead, origin):
    assert ask(client, headers={"origin": origin} if origin else {}).status_code == 401
    assert entries(lead, "acme", JournalFilter(kind="handover"))[1] == 0


def test_nobody_else_takes_it(client, lead):
    an_actor("Vi Ewer", role=Role.VIEWER)
    for name, status in (("Vi Ewer", 403), ("Stranger", 404)):
        _, token = a_session(a_user(name), datetime.now(UTC))
        client.cookies.set(COOKIE, token, domain="localhost.local")
        answer = ask(client)
        assert answer.status_code == status
        assert "Priya" not in answer.text
    nowhere = ask(client, "nowhere")
    assert (nowhere.status_code, nowhere.text) == (404, answer.text.replace("acme", "nowhere"))
    client.cookies.clear()
    assert ask(client).status_code == 401
    assert client.get(ROUTE.format("acme")).status_code == 405

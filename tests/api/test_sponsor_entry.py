"""A sponsor who is new comes by one link: a name, a password, the sheet, the receipt, the overview."""

from datetime import UTC, datetime, timedelta

import pytest

from models.people import Actor
from services.engagement import sponsors
from services.sign_off import links
from tests.api.conftest import COOKIE, HOME, PASSWORD
from tests.api.signing import SIGNING, approval, open_link, seals, sign
from tests.builders import a_metric, a_user, an_actor, an_engagement, the_operator, the_state

OURS = {"origin": HOME}
DANA = "dana@client.example"


@pytest.fixture
def asked(client) -> int:
    """The request to Dana, who has no account."""
    today = datetime.now(UTC).date()
    an_engagement(day_1=today - timedelta(days=9), sponsor="Dana Ruiz", sponsor_email=DANA)
    a_metric(name="Wait", baseline=4, target=1)
    ids = [metric.id for metric in the_state().metrics]
    return sponsors.ask_by_email(mei(), "acme", ids, name="Dana <i>Ruiz</i>", email=DANA)


def mei() -> Actor:
    return Actor("Mei", datetime.now(UTC), "test", an_actor("Mei").user_id)


def enter(client, token: str, **typed: str):
    return client.post("/sign/enter", data={"token": token, **typed}, headers=OURS)


def test_from_one_link_to_the_overview(client, asked):
    token = links.make_link(mei(), "acme", asked)
    page = open_link(client, token)
    assert page.status_code == 200
    for word in ("Mei asks you to sign 1 metric", "Dana &lt;i&gt;Ruiz&lt;/i&gt;", DANA, "Choose a password"):
        assert word in page.text
    assert COOKIE not in client.cookies
    assert SIGNING not in client.cookies
    again = enter(client, token, name="Dana Ruiz", password="short")
    assert again.status_code == 422
    assert "at least 12 characters" in again.text
    assert 'value="Dana Ruiz"' in again.text
    entered = enter(client, token, name="Dana Ruiz", password=PASSWORD)
    where = entered.headers["location"]
    assert (entered.status_code, where) == (303, f"/sign/metrics?engagement=acme&request={asked}")
    signed = sign(client, approval(client.get(where).text), where).headers["location"]
    done = client.get(signed).text
    assert "You signed 1 metric." in done
    assert "See the overview" in done
    assert seals() == ["signed"]
    to_overview = client.get("/sign/overview?engagement=acme")
    assert (to_overview.status_code, to_overview.headers["location"]) == (303, "/overview?engagement=acme")


def test_a_wrong_password_of_somebody_known_leaves_them_outside(client, asked, mei_with_password):
    ids = [metric.id for metric in the_state().metrics]
    sam = Actor("Sam", datetime.now(UTC), "test", an_actor("Sam").user_id)
    request = sponsors.ask_by_email(sam, "acme", ids, name="Known", email="known.one@example.org")
    token = links.make_link(sam, "acme", request)
    assert "Your password" in open_link(client, token).text
    refused = enter(client, token, password="not the password")
    assert refused.status_code == 422
    assert "didn&#x27;t sign you in" in refused.text
    assert COOKIE not in client.cookies
    assert enter(client, token, password=PASSWORD).status_code == 303


@pytest.fixture
def mei_with_password(client):
    from sqlalchemy.orm import Session

    from models.database import engine
    from models.people import User
    from services.people import passwords

    user_id = a_user("Known One")
    with Session(engine()) as session, session.begin():
        session.get(User, user_id).password_hash = passwords.hash_password(PASSWORD, "known.one@example.org")


def test_who_signed_by_a_mailed_link_chooses_a_password_to_see_the_overview(client, asked):
    at = datetime.now(UTC)
    token = links.make_link(
        the_operator().__class__("H", at, "mail", operator=True), "acme", asked, mailed=True
    )
    assert open_link(client, token).headers["location"] == "/sign/metrics"
    signed = sign(client, approval(client.get("/sign/metrics").text)).headers["location"]
    assert "See the overview" in client.get(signed).text
    assert "Choose a password" in client.get("/sign/overview").text
    weak = client.post("/sign/overview", data={"password": "aaaaaaaaaaaa"}, headers=OURS)
    assert weak.status_code == 422
    assert "too easily guessed" in weak.text
    chosen = client.post("/sign/overview", data={"password": PASSWORD}, headers=OURS)
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/overview?engagement=acme")
    assert COOKIE in client.cookies


def test_a_link_that_never_was_or_has_ended_lets_nobody_in(client, asked):
    token = links.make_link(mei(), "acme", asked)
    links.make_link(mei(), "acme", asked)
    for bad in ("x" * 43, token):
        refused = enter(client, bad, name="Dana", password=PASSWORD)
        assert refused.status_code == 401
        assert COOKIE not in client.cookies

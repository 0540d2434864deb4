"""Whoever comes to the sheet: only the sponsor who was asked signs, in a browser of theirs or signed in."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy.orm import Session

from models.database import engine
from models.people import Role, User
from services.people import passwords, security_log
from store.sign_off import record, requests
from tests.api.conftest import COOKIE, PASSWORD
from tests.api.signing import (
    DANA,
    OURS,
    SHEET,
    SIGNING,
    TO_SIGN_IN,
    acting,
    approval,
    open_link,
    seals,
    sign,
    sign_in,
)
from tests.builders import a_user, an_engagement, the_operator, the_state


def test_sixty_altered_tokens_are_refused_alike(client, asked):
    def flipped(place: int) -> str:
        return asked[:place] + ("A" if asked[place] != "A" else "B") + asked[place + 1 :]

    altered = [flipped(place) for place in range(len(asked) - 1)]
    altered += [
        asked[:-1],
        asked + "A",
        asked.swapcase(),
        asked[::-1],
        "",
        " ",
        "é",
        "A" * 43,
        "../" * 9,
        asked + "\n",
    ]
    altered += [asked[:length] for length in range(1, 43, 6)]
    assert len(set(altered)) >= 59
    answers = {
        (answer.status_code, answer.text) for answer in (open_link(client, token) for token in altered)
    }
    assert len(answers) == 1
    ((status, text),) = answers
    assert status == 401
    assert "This link can&#x27;t be opened" in text
    assert SIGNING not in client.cookies
    assert open_link(client, asked).status_code == 303


@pytest.mark.parametrize("role", [Role.LEAD, Role.CONTRIBUTOR, Role.VIEWER, None], ids=str)
def test_nobody_but_the_sponsor_gets_there(client, asked, role):
    an_engagement("other")
    sign_in(client, acting("Someone", role))
    address = "/sign/metrics?engagement=acme"
    assert client.get(address).status_code == (404 if role is None else 403)
    answer = sign(client, {"shown-1": "a.b", "all": "approved", "name": "X"}, address)
    assert answer.status_code == (404 if role is None else 403)
    stranger = client.get("/sign/metrics?engagement=nowhere").text
    if role is None:
        assert client.get(address).text.replace("acme", "…") == stranger.replace("nowhere", "…")
    assert the_state().sign_offs == []


def test_nobody_signed_in_is_asked_to_sign_in_and_led_back(client, asked):
    answer = client.get(SHEET)
    assert (answer.status_code, answer.headers["location"]) == (303, TO_SIGN_IN)
    assert client.get("/sign/metrics").status_code == 401
    assert sign(client, {"name": "X"}).status_code == 401


def in_a_private_window(client, token: str) -> None:
    """Open the link where nobody ever signed in."""
    client.cookies.clear()
    answer = open_link(client, token)
    assert (answer.status_code, answer.headers["location"]) == (303, TO_SIGN_IN)


def test_whoever_made_the_link_gets_nowhere_with_it_in_a_private_window(client, asked):
    data = fields_after_opening(client, asked)
    in_a_private_window(client, asked)
    assert not list(client.cookies)
    assert client.get("/sign/metrics").status_code == 401
    assert sign(client, data).status_code == 401
    assert sign(client, data, SHEET).headers["location"] == TO_SIGN_IN
    # Signing in as who they are doesn't help either.
    sign_in(client, acting("Mei", Role.LEAD))
    assert client.get(SHEET).status_code == 403
    assert sign(client, data, SHEET).status_code == 403
    assert the_state().sign_offs == []
    assert "somebody with the link" in {event.by for event in requests(the_operator(), "acme")[0].events}


def fields_after_opening(client, token: str) -> dict[str, str]:
    open_link(client, token)
    return approval(client.get("/sign/metrics").text)


def test_in_another_browser_the_sponsor_signs_in_first_and_is_led_to_what_to_sign(client, asked):
    with Session(engine()) as session, session.begin():
        session.get(User, a_user("Dana")).password_hash = passwords.hash_password(PASSWORD, DANA)
    in_a_private_window(client, asked)
    page = client.get(TO_SIGN_IN).text
    assert "asks for no password only in a browser in which you signed in before" in page
    assert "asks for no password" not in client.get("/session/sign-in?next=/plan").text
    wanted = unescape(re.search(r'name="next" value="([^"]+)"', page)[1])
    typed = {"email": DANA, "password": PASSWORD, "next": wanted}
    entered = client.post("/session/sign-in", data=typed, headers=OURS)
    assert entered.headers["location"] == SHEET
    done = sign(client, approval(client.get(SHEET).text), SHEET)
    assert done.headers["location"].startswith("/sign/signed/1?engagement=acme")
    assert seals() == ["signed"] * 3
    signer = record(the_operator(), "acme", 1).record["signer"]
    came, _, made = signer["identity"].partition("; ")
    assert came == "signed in to this account with their password"
    assert made.startswith("the last one-time link into this account that was used was made by operator on ")


def test_a_links_session_opens_no_other_door(client, asked):
    open_link(client, asked)
    token = client.cookies[SIGNING]
    html = {"accept": "text/html"}
    for where in ("/", "/metrics?engagement=acme", "/plan", "/account"):
        answer = client.get(where, headers=html)
        assert answer.headers.get("location", f"{answer.status_code} {answer.text}").startswith(
            "/session/sign-in"
        ), where
    for where in ("/api/v1/engagement/acme", "/api/v1/engagements/acme/reviews"):
        assert client.get(where).status_code == 401
    assert client.get("/sign/metrics?engagement=acme").status_code == 303
    assert client.get("/session/password").status_code == 303
    # Its token isn't that of a sign-in either.
    client.cookies.clear()
    client.cookies.set(COOKIE, token, domain="localhost.local")
    assert client.get("/metrics", headers=html).status_code == 303
    assert (
        client.get("/api/v1/engagement/acme", headers={"authorization": f"Bearer {token}"}).status_code == 401
    )


def test_the_link_isnt_for_whoever_else_is_signed_in_here(client, asked):
    sign_in(client, acting("Mei", Role.LEAD))
    answer = open_link(client, asked)
    assert answer.status_code == 401
    assert "Somebody else is signed in here" in answer.text
    events = security_log.events(the_operator())
    assert "one-time link refused" in {event.kind for event in events}


def test_an_expired_link_says_so(client, asked, monkeypatch):
    made = datetime.now(UTC)
    monkeypatch.setattr("api.sign_off.now", lambda: made + timedelta(hours=71, minutes=50))
    open_link(client, asked)
    data = approval(client.get("/sign/metrics").text)
    monkeypatch.setattr("api.sign_off.now", lambda: made + timedelta(hours=72, minutes=1))
    assert "This link has expired" in client.get("/sign/metrics").text
    assert "This link expired on" in sign(client, data).text
    assert "expired on" in open_link(client, asked).text
    assert the_state().sign_offs == []


@pytest.mark.parametrize("origin", [None, "null", "https://elsewhere.example", "http://localhost:3000"])
def test_no_other_site_signs(client, asked, origin):
    open_link(client, asked)
    data = approval(client.get("/sign/metrics").text)
    headers = {} if origin is None else {"origin": origin}
    assert client.post("/sign/metrics", data=data, headers=headers).status_code == 403
    assert client.post("/sign/link", data={"token": asked}, headers=headers).status_code == 403
    assert the_state().sign_offs == []


def test_a_record_is_shown_to_its_signer_only(client, asked):
    open_link(client, asked)
    sign(client, approval(client.get("/sign/metrics").text))
    client.cookies.clear()
    sign_in(client, acting("Sven", Role.SPONSOR))
    assert client.get("/sign/signed/1?engagement=acme").status_code == 404
    client.cookies.clear()
    sign_in(client, acting("Dana", Role.SPONSOR))
    assert client.get("/sign/signed/1?engagement=acme").status_code == 200
    assert (
        client.get("/sign/metrics?engagement=acme&request=1").headers["location"].startswith("/sign/signed/1")
    )
    assert client.get("/sign/signed/7?engagement=acme").status_code == 404

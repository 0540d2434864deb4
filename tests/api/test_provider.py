"""Signing in with the firm's identity provider, against a real one on loopback."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.people import User
from models.sessions import UserSession
from services.engagement.invitations import invite
from services.people import accounts, provider
from tests.api.conftest import COOKIE, HOME
from tests.builders import a_user, an_engagement, the_operator

mock = pytest.importorskip("oidc_provider_mock")
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
PEOPLE = {
    "mei": {"email": "Mei.Tan@example.org", "email_verified": True, "name": "Mei Tan"},
    "eve": {"email": "mei.tan@example.org", "email_verified": False, "name": "Eve"},
    "new": {"email": "new@example.org", "email_verified": True, "name": "Nell Ewing"},
}


@pytest.fixture
def issuer(client, monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # it is on loopback, without TLS
    people = [mock.User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    with mock.run_server_in_thread(user_claims=people) as server:
        url = f"http://localhost:{server.server_port}"
        monkeypatch.setenv("HEADWAY_OIDC_ISSUER", url)
        monkeypatch.setenv("HEADWAY_OIDC_CLIENT_ID", "headway")
        monkeypatch.setenv("HEADWAY_OIDC_CLIENT_SECRET", "secret")
        yield url
        provider._read.cache_clear()


def answer_for(client, who: str, wanted: str = "/plan?engagement=acme") -> str:
    """The address at our side to which the provider sends the browser of that person."""
    asked = client.get("/session/provider", params={"next": wanted})
    assert asked.status_code == 303, asked.text
    return httpx.post(asked.headers["location"], data={"sub": who}).headers["location"].removeprefix(HOME)


def began_by() -> list[str]:
    with Session(engine()) as session:
        return list(session.scalars(select(UserSession.began_by)))


def test_a_user_with_a_verified_e_mail_is_signed_in_and_signs_out_at_both(client, issuer):
    a_user("Mei Tan")
    assert "/session/provider?next=" in client.get("/session/sign-in").text
    entered = client.get(answer_for(client, "mei"))
    assert (entered.status_code, entered.headers["location"]) == (303, "/plan?engagement=acme")
    assert COOKIE in client.cookies
    assert began_by() == ["the identity provider"]
    left = client.post("/session/sign-out", headers={"origin": HOME})
    assert left.status_code == 200
    assert left.headers["refresh"].startswith(f"0; url={issuer}/oauth2/end_session?client_id=headway")
    assert COOKIE not in client.cookies


@pytest.mark.parametrize(("who", "why"), [("eve", "is verified"), ("new", "account or an invitation")])
def test_who_has_no_verified_e_mail_or_no_account_is_refused(who, why, client, issuer):
    a_user("Mei Tan")
    refused = client.get(answer_for(client, who))
    assert refused.status_code == 401
    assert why in refused.text
    assert COOKIE not in client.cookies


def test_who_was_invited_gets_an_account(client, issuer):
    an_engagement()
    invite(the_operator(), "acme", "new@example.org", "viewer")
    assert client.get(answer_for(client, "new")).status_code == 303
    with Session(engine()) as session:
        user = session.scalar(select(User).where(User.email == "new@example.org"))
    assert (user.name, user.administrator) == ("Nell Ewing", False)


def test_whoever_the_provider_vouches_for_takes_an_unverified_account_over(client, issuer):
    """Else its password could be of somebody who opened the sponsor's link first."""
    a_user("Mei Tan")
    with Session(engine()) as session, session.begin():
        user = session.scalar(select(User).where(User.email == "mei.tan@example.org"))
        user.email_verified, user.password_hash = False, "of somebody else"
        session.add(
            UserSession(
                user_id=user.id, token_digest="d" * 64, browser_digest="b" * 64, browser="", address="",
                created_at=NOW, seen_at=NOW, began_by="their link",
            )
        )  # fmt: skip
    assert client.get(answer_for(client, "mei")).status_code == 303
    with Session(engine()) as session:
        user = session.scalar(select(User).where(User.email == "mei.tan@example.org"))
        live = session.scalars(select(UserSession.began_by).where(UserSession.ended_at.is_(None))).all()
    assert (user.email_verified, user.password_hash) == (True, None)
    assert live == ["the identity provider"]


def test_a_disabled_user_stays_outside(client, issuer):
    a_user("Mei Tan")
    a_user("Ada", administrator=True)
    accounts.disable(the_operator(2), "mei.tan@example.org")
    assert client.get(answer_for(client, "mei")).status_code == 401


def test_an_answer_to_another_browsers_request_or_a_made_up_one_signs_nobody_in(client, issuer):
    a_user("Mei Tan")
    others = answer_for(client, "mei")
    client.cookies.clear()
    assert client.get(others).status_code == 401, "no request of this browser"
    own = answer_for(client, "mei")
    state = parse_qs(urlsplit(others).query)["state"][0]
    assert client.get(own.replace(parse_qs(urlsplit(own).query)["state"][0], state)).status_code == 401
    assert client.get("/session/provider/callback?code=made-up").status_code == 401
    assert COOKIE not in client.cookies


def test_a_provider_that_is_away_leaves_the_password(client, monkeypatch):
    monkeypatch.setenv("HEADWAY_OIDC_ISSUER", "http://localhost:9")
    monkeypatch.setenv("HEADWAY_OIDC_CLIENT_ID", "headway")
    answer = client.get("/session/provider")
    assert answer.status_code == 503
    assert "sign in with your password" in answer.text
    assert 'name="password"' in answer.text

"""Programs at the API, on both databases."""

from datetime import UTC, datetime

import pytest

from models.people import Actor, Role, operator
from services.people import security_log, tokens
from tests.builders import a_user, an_actor, an_engagement


@pytest.fixture
def token(client) -> str:
    """A token that may read acme; there is another engagement, too."""
    an_engagement()
    an_engagement("secret", name="Somebody else's")
    return tokens.make_token(lead(), "acme", name="CI", scope="read", days=9)


def lead() -> Actor:
    actor = an_actor("Mei Tan", role=Role.LEAD)
    return Actor(actor.name, datetime.now(UTC), "test", actor.user_id)


def get(client, slug: str, token: str):
    return client.get(f"/api/v1/engagement/{slug}", headers={"authorization": f"Bearer {token}"})


def test_a_token_reads_its_engagement_and_finds_no_other(client, token):
    assert get(client, "acme", token).json()["name"] == "Lending platform"
    secret, nowhere = get(client, "secret", token), get(client, "nowhere", token)
    assert (secret.status_code, nowhere.status_code) == (404, 404)
    assert secret.text.replace("secret", "…") == nowhere.text.replace("nowhere", "…")


@pytest.mark.parametrize("given", ["", "headway_wrong", "Bearer", "x" * 5000])
def test_a_wrong_token_is_told_nothing(client, token, given):
    answer = get(client, "acme", given)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "Lending" not in answer.text


def test_a_cookie_lends_a_wrong_token_nothing(client, signed_in):
    an_engagement()
    lead()
    assert client.get("/api/v1/engagement/acme").status_code == 200
    assert get(client, "acme", "headway_wrong").status_code == 401
    assert (
        client.get("/api/v1/engagement/acme", headers={"authorization": "Basic bWVpOm1laQ=="}).status_code
        == 401
    )


def test_a_revoked_token_is_told_nothing(client, token):
    tokens.revoke_token(lead(), "acme", 1)
    assert get(client, "acme", token).status_code == 401


def test_a_tokens_last_use_is_told_and_the_token_itself_is_kept_nowhere(client, token):
    get(client, "acme", token)
    (one,) = tokens.list_tokens(lead(), "acme")
    assert one.used_at is not None
    assert token.startswith(one.shown)
    assert token not in str(tokens.list_tokens(lead(), "acme"))


def test_what_was_refused_at_the_api_is_in_the_security_log(client, token):
    get(client, "secret", token)
    newest = security_log.events(operator(datetime.now(UTC)))[0]
    assert (newest.kind, newest.by) == ("action refused", "token CI")


def test_a_person_who_is_no_member_is_told_what_everybody_is_told(client, signed_in):
    an_engagement()
    a_user("Mei Tan")
    answer = client.get("/api/v1/engagement/acme")
    assert answer.status_code == 404
    assert "Lending" not in answer.text

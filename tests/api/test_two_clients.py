"""An engagement that isn't one's own and one that doesn't exist: the same answers, for the same work, at every route."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from api.routes import api
from models.api_tokens import Scope
from models.people import Actor
from services.people import tokens
from services.review import reviews
from tests.api.conftest import COOKIE, HOME
from tests.builders import a_session, a_user, an_actor, an_engagement, on_day
from tests.count_statements import statements

ROUTES = [
    (method.upper(), f"/api{path}")
    for path, methods in api.openapi()["paths"].items()
    for method in methods
    if "{slug}" in path
]
THEIRS, NOWHERE = "corvid", "nowhere"
BODY = b'{"measurements": [{"metric": "cycle", "at": "2026-10-10", "value": 1}]}'


@pytest.fixture
def callers(client) -> dict[str, dict[str, str]]:
    """Ways of coming, by the headers: Mei in her browser, and programs of her engagement. Corvid is another client's."""
    for slug in ("acme", THEIRS):
        an_engagement(slug)
        reviews.freeze(an_actor(f"Lead of {slug}", slug, day=20), slug, on_day(9))
    mei = a_user("Lead of acme")
    lead = Actor("Mei", datetime.now(UTC), "test", mei)
    _, token = a_session(mei, datetime.now(UTC))
    client.cookies.set(COOKIE, token, domain="localhost.local")
    made = {scope: tokens.make_token(lead, "acme", name="CI", scope=scope, days=9) for scope in Scope}
    programs = {f"a token to {scope}": {"authorization": f"Bearer {one}"} for scope, one in made.items()}
    return {"Mei": {"origin": HOME}, **programs}


def asked(client, method: str, path: str, headers: dict[str, str]) -> Callable[[str], tuple]:
    """Asks the route of an engagement: its status, words and headers, and the statements that it took."""

    def ask(slug: str) -> tuple:
        address = re.sub(r"\{\w+\}", "2", path.replace("{slug}", slug).replace("{suffix}", "pdf"))
        if "authorization" in headers:
            client.cookies.clear()
        of_body = {"idempotency-key": "once", "content-type": "application/json"}
        with statements() as done:
            answer = client.request(method, address, headers=headers | of_body, content=BODY)
        response_headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return (
            answer.status_code,
            answer.text.replace(slug, "…"),
            response_headers,
            [text for text, _ in done],
        )

    return ask


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
def test_a_route_tells_no_more_of_another_clients_engagement_than_of_none(client, callers, method, path):
    for who, headers in callers.items():
        ask = asked(client, method, path, headers)
        ask("acme")  # what is looked up once a process or a minute is known by now
        theirs, nothing = ask(THEIRS), ask(NOWHERE)
        assert theirs[0] in (403, 404), who
        assert theirs == nothing, who
        assert "Acme" not in theirs[1]


def test_an_unknown_address_of_the_api_says_so_to_everybody(client):
    assert client.get("/api/v1/engagements").status_code == 404
    assert client.get("/api/v1/engagements").json()["detail"] == "There is nothing at this address."

"""What people and programs are answered, at every door, while the database is away or something unexpected happens."""

import html

import pytest

from services.people import authentication, provider
from tests.api.conftest import HOME

AWAY = "postgresql://nobody@127.0.0.1:9/none"
PAGE = {"accept": "text/html", "origin": HOME}
FORM = {"email": "mei.tan@example.org", "password": "correct horse battery", "token": "abc", "name": "Mei"}
DOORS = [
    ("POST", "/session/sign-in"),
    ("POST", "/session/enter"),
    ("POST", "/session/sign-out"),
    ("GET", "/session/password"),
    ("GET", "/sign/metrics?engagement=acme"),
    ("POST", "/sign/link"),
    ("GET", "/sign/receipt/1.pdf?engagement=acme"),
    ("GET", "/week/acme/3"),
    ("POST", "/week/acme/3"),
]


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_a_person_is_told_to_come_back(client, signed_in, monkeypatch, method, path):
    monkeypatch.setenv("DATABASE_URL", AWAY)
    answer = client.request(method, path, headers=PAGE, data=FORM if method == "POST" else None)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "The database can't be reached at the moment." in html.unescape(answer.text)


@pytest.mark.parametrize(
    ("module", "name", "path"),
    [(authentication, "sign_in", "/session/sign-in"), (provider, "request_sign_in", "/session/provider")],
)
def test_what_is_unexpected_has_the_page_with_the_id_that_the_log_has(
    client, monkeypatch, caplog, module, name, path
):
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(module, name, fails)
    method = "GET" if name == "request_sign_in" else "POST"
    answer = client.request(method, path, headers=PAGE, data=FORM if method == "POST" else None)
    assert answer.status_code == 500
    assert "Something went wrong here. Nothing was changed." in answer.text
    assert "secret" not in answer.text


def test_a_program_gets_a_problem(client, signed_in, monkeypatch):
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("api.routes.state", fails)
    answer = client.get("/api/v1/engagement/acme", headers={"x-request-id": "one"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "Something went wrong here. Nothing was changed."
    assert "secret" not in answer.text


def test_an_address_that_is_none_is_still_told_so(client, signed_in):
    for path in ("/session/nowhere", "/sign/nowhere", "/week/nowhere"):
        answer = client.get(path, headers=PAGE)
        assert (answer.status_code, "There is nothing at this address." in answer.text) == (404, True), path
    assert client.delete("/session/sign-in", headers=PAGE).status_code == 405

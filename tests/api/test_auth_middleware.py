"""What gets past AuthMiddleware, on both databases."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from starlette.websockets import WebSocketDisconnect

from api import page_owners
from models.database import read_connection
from models.sessions import UserSession, hash_token
from services.people import sessions
from services.people.client_info import ClientInfo
from tests.api.conftest import A_FILE, COOKIE, HOME, reached
from tests.builders import a_session, a_user

PAGE = {"accept": "text/html"}
STREAM = "/_stcore/stream"
SIGN_IN_AGAIN = b"go to /session/sign-in?ended=yes"


def end(token: str) -> None:
    sessions.sign_out(token, datetime.now(UTC), ClientInfo("test"))


def connect(client, **headers: str):
    return client.websocket_connect(f"ws://localhost:8501{STREAM}", headers={"origin": HOME, **headers})


def test_without_a_session_a_page_leads_to_the_sign_in_and_back(client):
    answer = client.get("/plan?engagement=acme&x=1", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/session/sign-in?next=/plan%3Fengagement%3Dacme%26x%3D1"


@pytest.mark.parametrize("path", ["/media/x.csv", "/_stcore/bidi-components/x", "/component/x"])
def test_without_a_session_nothing_else_is_served(client, path):
    assert client.get(path).status_code == 401


def test_with_a_session_the_page_is_told_whose_it_is(client, signed_in):
    headers = client.get("/plan", headers=PAGE).json()["headers"]
    who = sessions.by_token(signed_in, datetime.now(UTC))
    assert headers["x-headway-session"] == str(who.session_id)


def seen_at(token: str) -> datetime:
    with read_connection() as connection:
        query = select(UserSession.seen_at).where(UserSession.token_digest == hash_token(token))
        return connection.scalars(query).one()


@pytest.fixture
def unused(client) -> str:
    """The token of a session of Mei's that was last used 20 minutes ago, which `client` has as its cookie."""
    _, token = a_session(a_user("Mei Tan"), datetime.now(UTC) - timedelta(minutes=20))
    client.cookies.set(COOKIE, token, domain="localhost.local")
    return token


def is_used(token: str) -> bool:
    return datetime.now(UTC) - seen_at(token) < timedelta(minutes=1)


def test_a_page_on_which_somebody_types_counts_as_use(client, unused):
    assert client.post("/session/use", headers={"origin": HOME}).status_code == 204
    assert is_used(unused)


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:3000", None])
def test_another_site_lengthens_nobodys_session(client, unused, origin):
    headers = {} if origin is None else {"origin": origin}
    assert client.post("/session/use", headers=headers).status_code == 403
    assert not is_used(unused)


def test_use_of_a_page_whose_session_has_ended_is_answered_so(client, signed_in):
    end(signed_in)
    assert client.post("/session/use", headers={"origin": HOME}).status_code == 401


def test_what_an_open_page_does_by_itself_is_no_use(client, unused):
    client.get("/_stcore/host-config")
    client.get("/component/x")
    with connect(client) as page:
        page.receive_bytes()
        page.send_bytes(b"timed")
        page.receive_bytes()
    assert not is_used(unused)


def test_a_session_that_ends_after_a_minute_lasts_while_it_is_used(client, monkeypatch):
    monkeypatch.setenv("HEADWAY_IDLE_MINUTES", "1")
    at = datetime.now(UTC)
    _, token = a_session(a_user("Mei Tan"), at)
    for _ in range(3):
        at += timedelta(seconds=50)
        assert sessions.by_token(token, at) is not None


@pytest.mark.parametrize(
    "name",
    [
        "x-headway-session",
        "X-Headway-User",
        "x_headway_session",
        "x-forwarded-user",
        "Remote-User",
        "x-remote-user",
    ],
)
def test_an_identity_that_a_client_sends_never_gets_past_the_gate(client, signed_in, name):
    headers = client.get("/plan", headers={**PAGE, name: "999999"}).json()["headers"]
    assert "999999" not in headers.values()
    client.cookies.clear()
    assert client.get("/plan", headers={**PAGE, name: "1"}).status_code == 303


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example:8501",
        "localhost@evil.example",
        "",
        "127.0.0.1.nip.io",
    ],
)
def test_a_forged_host_is_turned_away(client, signed_in, host):
    answer = client.get("/plan", headers={**PAGE, "host": host})
    assert answer.status_code == 400
    assert host not in answer.text or host == ""
    with pytest.raises(WebSocketDisconnect), connect(client, host=host):
        pass


def test_only_the_public_address_is_answered_where_one_is_set(client, signed_in, monkeypatch):
    monkeypatch.setenv("HEADWAY_URL", "https://headway.example.com")
    assert client.get("/session/sign-in").status_code == 400
    answer = client.get("/session/sign-in", headers={"host": "headway.example.com"})
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://localhost:8501", "http://evil.example", "null", None]
)
def test_what_changes_something_has_to_come_from_our_own_pages(client, signed_in, method, origin):
    headers = {} if origin is None else {"origin": origin}
    assert client.request(method, "/anything", headers=headers).status_code == 403
    assert client.request(method, "/anything", headers={"origin": HOME}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "http://127.0.0.1:8501", "http://evil.example", "null"]
)
def test_a_websocket_of_another_origin_is_turned_away(client, signed_in, origin):
    with pytest.raises(WebSocketDisconnect), connect(client, origin=origin):
        pass
    assert reached == []


def test_a_websocket_without_an_origin_is_turned_away(client, signed_in):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"ws://localhost:8501{STREAM}"):
        pass


def test_a_websocket_without_a_session_is_led_to_the_sign_in(client):
    with connect(client) as page:
        assert page.receive_bytes() == SIGN_IN_AGAIN
        assert page.receive()["type"] == "websocket.close"


@pytest.mark.parametrize("message", [b"a callback", b"timed"])
def test_once_a_session_has_ended_not_one_more_message_arrives(client, signed_in, message):
    with connect(client) as page:
        page.receive_bytes()
        page.send_bytes(b"before")
        assert page.receive_bytes() == b"ran before"
        end(signed_in)
        page.send_bytes(message)
        assert page.receive_bytes() == SIGN_IN_AGAIN
        assert page.receive()["type"] == "websocket.close"
    assert reached == [b"before"]


def test_a_disabled_user_sends_not_one_more_message(client, signed_in):
    from models.people import operator
    from services.people import accounts

    with connect(client) as page:
        page.receive_bytes()
        accounts.disable(operator(datetime.now(UTC)), "mei.tan@example.org")
        page.send_bytes(b"a callback")
        assert page.receive_bytes() == SIGN_IN_AGAIN
    assert reached == []


def test_a_page_isnt_resumed_by_the_next_person_on_the_same_browser(client, signed_in):
    with connect(client) as page:
        page_id = page.receive_bytes().decode()
    asked = {"sec-websocket-protocol": f"streamlit, token, {page_id}"}
    with connect(client, **asked) as again:
        assert again.receive_bytes().decode() == page_id
    _, token = a_session(a_user("Sam Okafor"), datetime.now(UTC))
    client.cookies.set(COOKIE, token, domain="localhost.local")
    with connect(client, **asked) as page:
        assert page.receive_bytes() == SIGN_IN_AGAIN + b"&next=/"
        assert page.receive()["type"] == "websocket.close"


def test_a_page_that_the_dashboard_has_forgotten_is_opened_again(client, signed_in, monkeypatch):
    """After a restart, or when it was away for too long: what it sends would do nothing."""
    asked = {"sec-websocket-protocol": "streamlit, token, page-of-another-process"}
    with connect(client, **asked) as page:
        assert page.receive_bytes() == b"go to /session/reopen"
        assert page.receive()["type"] == "websocket.close"
    with connect(client) as page:
        page_id = page.receive_bytes().decode()
    later = time.monotonic() + 119.5
    monkeypatch.setattr(page_owners, "monotonic", lambda: later)
    with connect(client, **{"sec-websocket-protocol": f"streamlit, token, {page_id}"}) as page:
        assert page.receive_bytes() == b"go to /session/reopen"


def test_a_page_that_is_still_connected_is_not_forgotten(client, signed_in, monkeypatch):
    with connect(client) as page:
        page_id = page.receive_bytes().decode()
        later = time.monotonic() + 3_600
        monkeypatch.setattr(page_owners, "monotonic", lambda: later)
        with connect(client, **{"sec-websocket-protocol": f"streamlit, token, {page_id}"}) as again:
            assert again.receive_bytes().decode() == page_id


def test_a_page_is_opened_again_at_its_own_address(client):
    headers = {**PAGE, "referer": f"{HOME}/plan?engagement=acme"}
    answer = client.get("/session/reopen", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/plan?engagement=acme")


def test_a_file_is_taken_only_for_ones_own_page(client, signed_in):
    with connect(client) as page:
        page_id = page.receive_bytes().decode()
    mine = f"/_stcore/upload_file/{page_id}/1"
    assert client.put(mine, headers={"origin": HOME}).status_code == 200
    _, token = a_session(a_user("Sam Okafor"), datetime.now(UTC))
    client.cookies.set(COOKIE, token, domain="localhost.local")
    assert client.put(mine, headers={"origin": HOME}).status_code == 404


def test_a_file_of_a_page_is_handed_to_the_session_that_was_told_of_it_and_to_no_other(client, signed_in):
    assert client.get(A_FILE).status_code == 404
    with connect(client) as page:
        page.receive_bytes()
        page.send_bytes(b"a file")
        page.receive_bytes()
    assert client.get(A_FILE).status_code == 200
    assert client.get(A_FILE.replace(".json", ".jso")).status_code == 404
    for other in ("Mei Tan", "Sam Okafor"):
        _, token = a_session(a_user(other), datetime.now(UTC))
        client.cookies.set(COOKIE, token, domain="localhost.local")
        assert client.get(A_FILE).status_code == 404
    client.cookies.clear()
    assert client.get(A_FILE).status_code == 401


def test_a_planted_second_cookie_signs_nobody_in(client, signed_in):
    headers = {**PAGE, "cookie": f"{COOKIE}=planted; {COOKIE}={signed_in}"}
    client.cookies.clear()
    assert client.get("/plan", headers=headers).status_code == 303


@pytest.mark.parametrize(
    "path", ["/auth/login", "/auth/logout", "/oauth2callback", "/_stcore/metrics", "/_stcore/agent/mcp"]
)
def test_streamlits_own_doors_are_closed(client, signed_in, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/plan", "/session/sign-in", "/api/v1/health", "/nothing.js", "/broken"])
def test_every_answer_carries_the_headers_that_confine_a_page(client, signed_in, path):
    headers = client.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe-eval'" not in headers["content-security-policy"].replace("wasm-unsafe-eval'", "")
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_what_went_wrong_stands_in_no_answer(client, signed_in):
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert answer.json()["detail"] == "Something went wrong here. Nothing was changed."
    assert "secret" not in answer.text


def test_prometheus_asks_with_a_token_at_the_address_where_a_person_sees_the_page(
    client, signed_in, monkeypatch
):
    monkeypatch.setenv("HEADWAY_METRICS_TOKEN", "0123456789abcdef")
    assert client.get("/metrics").json()["path"] == "/metrics"
    scraped = client.get("/metrics", headers={"authorization": "Bearer 0123456789abcdef"})
    assert 'headway_ready{check="writing"} 1.0' in scraped.text
    assert client.get("/metrics", headers={"authorization": "Bearer another"}).status_code == 401

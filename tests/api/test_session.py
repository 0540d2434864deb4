"""Signing in and out over HTTP, on both databases."""

from datetime import UTC, datetime

import pytest

from api.session import safe_next
from models.people import operator
from services.people import accounts, authentication, client_info, passwords, security_log, sessions
from tests.api.conftest import COOKIE, HOME, PASSWORD, a_link
from tests.builders import a_session, a_user
from tests.count_statements import statements

OURS = {"origin": HOME}
MEI = "mei.tan@example.org"


def sign_in(client, email: str = MEI, password: str = PASSWORD, **more: str):
    return client.post("/session/sign-in", data={"email": email, "password": password, **more}, headers=OURS)


def whose(token: str):
    return sessions.by_token(token, datetime.now(UTC))


def test_a_guess_costs_what_rfc_9106_asks_for(the_programs_hash):
    assert the_programs_hash.hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=1$")


def test_the_right_password_signs_in_and_leads_on(client, mei):
    answer = sign_in(client, next="/plan?engagement=acme")
    assert (answer.status_code, answer.headers["location"]) == (303, "/plan?engagement=acme")
    assert whose(answer.cookies[COOKIE]).name == "Mei Tan"
    kept = answer.headers["set-cookie"].lower()
    assert "httponly" in kept
    assert "samesite=lax" in kept


def test_behind_tls_the_cookie_is_protected(client, mei, monkeypatch):
    monkeypatch.setenv("HEADWAY_URL", "https://headway.example.com")
    headers = {"origin": "https://headway.example.com", "host": "headway.example.com"}
    data = {"email": MEI, "password": PASSWORD}
    kept = client.post("/session/sign-in", data=data, headers=headers).headers["set-cookie"]
    assert kept.startswith("__Host-headway_session=")
    assert "; Secure" in kept
    assert "Path=/" in kept
    assert "domain" not in kept.lower()


def test_whose_open_page_lost_its_session_reads_why_they_sign_in_again(client, mei):
    signed_out = "You were signed out, because your session had ended"
    assert signed_out in client.get("/session/sign-in?ended=yes").text
    assert "not saved by then was not saved" in client.get("/session/sign-in?ended=yes").text
    assert signed_out not in client.get("/session/sign-in").text


@pytest.mark.parametrize(("email", "password"), [(MEI, "wrong"), ("nobody@example.org", PASSWORD), ("", "")])
def test_wrong_is_said_in_the_same_words_whatever_was_wrong(client, mei, email, password):
    answer = sign_in(client, email, password)
    assert answer.status_code == 401
    assert "the e-mail or the password is wrong, or there were too many attempts" in answer.text
    assert COOKIE not in answer.cookies


def test_an_unknown_account_costs_a_hash_as_a_known_one_does(client, mei, monkeypatch):

    compared = []
    monkeypatch.setattr(passwords._HASH, "verify", lambda *given: compared.append(given) or False)
    sign_in(client, MEI, "wrong")
    sign_in(client, "nobody@example.org", "wrong")
    assert len(compared) == 2
    assert all(kept.startswith("$argon2id$") for _, kept in compared)


def test_an_unknown_account_asks_the_database_what_a_known_one_does(client, mei):
    assert sign_in(client, "nobody@example.org", "wrong").status_code == 401
    a_session(a_user("Eve"), datetime.now(UTC))
    client.cookies.set("headway_browser_8501", "a browser of Eve's", domain="localhost.local")
    asked, answers = [], []
    for email in (MEI, "nobody@example.org"):
        with statements() as done:
            answers.append(sign_in(client, email, "wrong"))
        asked.append([text for text, _ in done])
    assert asked[0] == asked[1]
    assert answers[0].text.replace(MEI, "…") == answers[1].text.replace("nobody@example.org", "…")
    heads = [
        {name: value for name, value in one.headers.items() if name != "content-length"} for one in answers
    ]
    assert heads[0] == heads[1]


def test_a_session_that_was_planted_before_signs_nobody_in_afterwards(client, mei):
    _, planted = a_session(a_user("Eve"), datetime.now(UTC))
    client.cookies.set(COOKIE, planted, domain="localhost.local")
    answer = sign_in(client)
    assert answer.cookies[COOKIE] != planted
    assert whose(planted) is None
    assert whose(answer.cookies[COOKIE]).user_id == mei


def test_a_cookie_replayed_after_sign_out_signs_nobody_in(client, signed_in):
    assert client.get("/plan", headers={"accept": "text/html"}).status_code == 200
    answer = client.post("/session/sign-out", headers=OURS)
    assert answer.status_code == 303
    client.cookies.set(COOKIE, signed_in, domain="localhost.local")
    assert client.get("/plan", headers={"accept": "text/html"}).status_code == 303


def test_signing_out_needs_a_post_from_our_own_page(client, signed_in):
    client.get("/session/sign-out")
    assert whose(signed_in) is not None
    for origin in ("http://localhost:3000", "https://evil.example", "null"):
        assert client.post("/session/sign-out", headers={"origin": origin}).status_code == 403
    assert whose(signed_in) is not None


def test_signing_out_everywhere_ends_every_session(client, signed_in):
    _, elsewhere = a_session(a_user("Mei Tan"), datetime.now(UTC))
    client.post("/session/sign-out", data={"everywhere": "yes"}, headers=OURS)
    assert whose(signed_in) is None
    assert whose(elsewhere) is None


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(client, mei, method):
    token = a_link(MEI)
    for path in ("sign-in", "enter", "sign-out", "password", f"enter?token={token}"):
        client.request(method, f"/session/{path}")
    assert client.post("/session/enter", data={"token": token}, headers=OURS).status_code == 303


def test_a_link_signs_in_once_and_asks_for_a_password(client, mei):
    token = a_link(MEI)
    answer = client.post("/session/enter", data={"token": token}, headers=OURS)
    assert answer.headers["location"] == "/session/password"
    assert whose(answer.cookies[COOKIE]).user_id == mei
    client.cookies.clear()
    again = client.post("/session/enter", data={"token": token}, headers=OURS)
    assert again.status_code == 401
    assert "was used already, has expired, or never was one" in again.text


def test_a_password_is_chosen_by_whoever_came_by_a_link(client, mei):
    client.post("/session/enter", data={"token": a_link(MEI)}, headers=OURS)
    assert "Current password" not in client.get("/session/password").text
    short = client.post("/session/password", data={"password": "short"}, headers=OURS)
    assert "at least 12 characters" in short.text
    client.post("/session/password", data={"password": "a wholly new secret"}, headers=OURS)
    client.cookies.clear()
    assert sign_in(client).status_code == 401
    assert sign_in(client, password="a wholly new secret").status_code == 303


def test_whoever_came_by_password_has_to_know_it_to_change_it(client, mei):
    token = sign_in(client).cookies[COOKIE]
    _, elsewhere = a_session(mei, datetime.now(UTC))
    assert "Current password" in client.get("/session/password").text
    wrong = {"password": "a wholly new secret", "current": "wrong"}
    assert "current password is wrong" in client.post("/session/password", data=wrong, headers=OURS).text
    right = wrong | {"current": PASSWORD}
    assert client.post("/session/password", data=right, headers=OURS).status_code == 303
    assert whose(token) is not None
    assert whose(elsewhere) is None


@pytest.mark.parametrize(
    "wanted",
    ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "elsewhere", "/\t/elsewhere.example",
     "javascript:alert(1)", "/session/sign-out", "/..//elsewhere.example", "/%2E%2e//elsewhere", "/./session/sign-out",
     "/sign/../session/sign-out", "\n//elsewhere.example", "", None],
)  # fmt: skip
def test_next_leads_nowhere_else(client, mei, wanted):
    assert safe_next(wanted) == "/"
    if wanted is not None:
        assert sign_in(client, next=wanted).headers["location"] == "/"


def test_next_is_shown_as_text(client):
    text = client.get("/session/sign-in", params={"next": '/"><script>alert(1)</script>'}).text
    assert "<script>alert" not in text


def test_the_sixth_wrong_password_isnt_looked_at(client, mei):
    for _ in range(5):
        assert sign_in(client, password="wrong").status_code == 401
    assert sign_in(client).status_code == 401


def test_guessing_from_elsewhere_locks_nobody_out_of_a_browser_they_used_before(client, mei):
    assert sign_in(client).status_code == 303
    client.post("/session/sign-out", headers=OURS)
    known = dict(client.cookies)
    client.cookies.clear()
    for _ in range(7):
        sign_in(client, password="wrong")
    assert sign_in(client).status_code == 401
    client.cookies.update(known)
    assert sign_in(client).status_code == 303


def test_what_happened_is_in_the_security_log_and_no_secret_is(client, mei):
    sign_in(client, "Tr0ub4dor&3", "hunter22hunter22")
    token = a_link(MEI)
    client.post("/session/enter", data={"token": token}, headers=OURS)
    client.post("/session/sign-out", headers=OURS)
    events = security_log.events(operator(datetime.now(UTC)))
    assert [event.kind for event in events] == [
        "signed out", "signed in", "one-time link made", "sign-in refused"
    ]  # fmt: skip
    assert not any(secret in str(events) for secret in ("Tr0ub4dor", "hunter22", token))


def test_the_first_run_link_is_there_until_somebody_has_a_password(database):
    at = datetime.now(UTC)
    assert accounts.first_run_link(at) is not None
    begun = authentication.sign_in_by_link(accounts.first_run_link(at), at, client_info.ClientInfo("test"))
    who = sessions.by_token(begun.token, at)
    assert who.name == "Administrator"
    actor = accounts.Actor("Administrator", at, "test", who.user_id, session_id=who.session_id)
    accounts.choose_password(actor, "a wholly new secret", "")
    assert accounts.first_run_link(at) is None

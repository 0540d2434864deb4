"""The page that a sponsor signs on, over HTTP and on both databases: opened as often as one likes, signed once."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy.orm import Session

from models.database import engine
from models.people import Actor, Role, User
from services.events.mailing import mailer_actor
from services.metrics import definitions
from services.people import passwords, security_log
from services.sign_off import links
from services.sign_off import requests as sign_off_requests
from store.sign_off import record, requests
from tests.api.conftest import COOKIE, HOME, PASSWORD, sign_in_once
from tests.builders import a_metric, a_session, a_user, an_actor, an_engagement, the_operator, the_state
from tests.db_snapshots import once_a_run

OURS = {"origin": HOME}
SIGNING = "headway_signing_8501"
DANA = "dana@example.org"
SHEET = "/sign/metrics?engagement=acme&request=1"
TO_SIGN_IN = "/session/sign-in?next=/sign/metrics%3Fengagement%3Dacme%26request%3D1"
NAMES = ["Decision time", "Wait", "Errors"]


@pytest.fixture
def asked(client) -> str:
    """The token of a link to Dana for three metrics, just made by Mei. The client is a browser of Dana's."""
    today = datetime.now(UTC).date()
    once_a_run(f"three metrics asked for on {today}", lambda: _ask(today))
    sign_in_once(client, DANA)
    return links.make_link(acting("Mei", Role.LEAD), "acme", 1)


def _ask(today: date) -> None:
    an_engagement(day_1=today - timedelta(days=9))
    for name, unit, baseline, target in zip(NAMES, "hh%", (4, 3, 9), (1, 2, 2), strict=True):
        a_metric(name=name, unit=unit, baseline=baseline, target=target)
    mei, dana = acting("Mei", Role.LEAD), acting("Dana", Role.SPONSOR)
    ids = [metric.id for metric in the_state().metrics]
    sign_off_requests.ask(mei, "acme", ids, of=dana.user_id, note_to_them="<b>Before</b> Friday")


def acting(name: str, role: Role | None) -> Actor:
    found = an_actor(name, role=role)
    return Actor(name, datetime.now(UTC), "test", found.user_id)


def open_link(client, token: str):
    return client.post("/sign/link", data={"token": token}, headers=OURS)


def fields(page: str) -> dict[str, str]:
    """What the page sends along: what was shown of each metric."""
    return dict(re.findall(r'name="(shown-\d+)" value="([0-9a-f.]+)"', page))


def approval(page: str, **more: str) -> dict[str, str]:
    return fields(page) | {"all": "approved", "name": "Dana Ruiz"} | more


def sign(client, data: dict[str, str], address: str = "/sign/metrics"):
    return client.post(address, data=data, headers=OURS)


def sign_in(client, actor: Actor) -> None:
    _, token = a_session(actor.user_id, datetime.now(UTC))
    client.cookies.set(COOKIE, token, domain="localhost.local")


def seals() -> list[str]:
    return [metric.seal for metric in the_state().metrics]


@pytest.mark.parametrize(("address", "status"), [("/sign", 200), ("/sign/", 200), ("/sign/nowhere", 404)])
def test_an_address_without_a_link_says_where_signing_begins(client, address, status):
    answer = client.get(address)
    assert answer.status_code == status
    assert "open the link in the mail that asked you for it" in answer.text
    assert 'href="/session/sign-in"' in answer.text


def test_from_the_link_to_what_was_signed(client, asked):
    assert open_link(client, asked).headers["location"] == "/sign/metrics"
    page = client.get("/sign/metrics").text
    for word in ("3 metrics to sign", *NAMES, "4 h", "1 h", "Mei asked you", "This link is for Dana alone"):
        assert word in page
    assert "&lt;b&gt;Before&lt;/b&gt; Friday" in page
    answer = sign(client, approval(page))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign/signed/1")
    assert "You signed 3 metrics." in client.get("/sign/signed/1").text
    assert seals() == ["signed"] * 3
    signer = record(the_operator(), "acme", 1).record["signer"]
    assert (signer["name"], signer["address"], signer["browser"]) == ("Dana Ruiz", "10.0.0.1", "testclient")


def test_every_time_on_the_page_is_in_the_engagements_zone_as_in_the_mail(client, monkeypatch):
    at = datetime(2026, 10, 7, 20, tzinfo=UTC)
    an_engagement(zone="Asia/Tokyo")
    dana, mei = an_actor("Dana", role=Role.SPONSOR), an_actor("Mei")
    metric_id = a_metric(baseline=4, target=1)
    sign_off_requests.ask(replace(mei, at=at), "acme", [metric_id], of=dana.user_id)
    monkeypatch.setattr("api.sign_off.now", lambda: at + timedelta(hours=1))
    open_link(client, links.make_link(mailer_actor(at), "acme", 1, mailed=True))
    page = client.get("/sign/metrics").text
    assert (
        "Mei asked you on 8 Oct 2026. This link is for Dana alone, until Sun 11 Oct, 05:00 (Asia/Tokyo)."
        in page
    )
    sign(client, approval(page))
    assert "Signed as Dana Ruiz on Thu 8 Oct, 06:00 (Asia/Tokyo)." in client.get("/sign/signed/1").text


def test_who_opens_a_link_again_after_signing_gets_to_what_they_signed_and_nobody_else_does(client, asked):
    open_link(client, asked)
    sign(client, approval(client.get("/sign/metrics").text))
    assert open_link(client, asked).headers["location"] == "/sign/signed/1"
    client.cookies.delete(SIGNING)
    again = open_link(client, asked)
    assert again.status_code == 401
    assert "signed all of this already" in again.text


def test_opening_twenty_times_by_whatever_means_consumes_nothing(client, asked):
    for _ in range(20):
        assert client.get("/sign/link").status_code == 200
        assert client.head("/sign/link").status_code == 200
        client.get(f"/sign/link?token={asked}")
        assert open_link(client, asked).headers["location"] == "/sign/metrics"
        assert client.get("/sign/metrics").status_code == 200
        assert client.head("/sign/metrics").status_code == 200
        client.cookies.delete(SIGNING)
    (request,) = requests(the_operator(), "acme")
    assert {event.kind for event in request.events} == {"asked", "link made", "opened", "viewed"}
    open_link(client, asked)
    assert sign(client, approval(client.get("/sign/metrics").text)).status_code == 303
    assert seals() == ["signed"] * 3


def test_twenty_posts_of_one_link_at_once_sign_once(client, asked):
    open_link(client, asked)
    data = approval(client.get("/sign/metrics").text)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: sign(client, data), range(20)))
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {
        (303, "/sign/signed/1")
    }
    assert len(the_state().sign_offs) == 3
    (request,) = requests(the_operator(), "acme")
    assert [event.kind for event in request.events].count("signed") == 1
    client.cookies.clear()
    assert "signed all of this already" in open_link(client, asked).text


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


@pytest.mark.parametrize(
    "change",
    [{"target": 0.5}, {"baseline": 5}, {"counted": "Only the approved ones"}],
    ids=lambda one: next(iter(one)),
)
def test_what_changed_under_the_open_page_is_told_and_nothing_is_signed(client, asked, change):
    open_link(client, asked)
    data = approval(client.get("/sign/metrics").text)
    definitions.change(the_operator(), "acme", the_state().metrics[0].id, change, seen=None)
    answer = sign(client, data)
    assert answer.status_code == 409
    assert "Nothing was signed" in answer.text
    told = {"target": ("Target", "1 h", "0.5 h"), "baseline": ("Baseline", "4 h", "5 h")}
    field, old, new = told.get(next(iter(change)), ("What is counted", "–", "Only the approved ones"))
    text = answer.text.replace("30 min", "0.5 h")
    assert f"<strong>Decision time</strong>: {field}: <s>{old}</s> → <strong>{new}</strong>" in text
    assert the_state().sign_offs == []
    assert "Nothing was signed" in client.get("/sign/metrics").text
    assert "changed" in open_link(client, asked).text


def test_under_an_ordinary_sign_in_the_page_comes_again_as_it_is_now(client, asked):
    sign_in(client, acting("Dana", Role.SPONSOR))
    address = "/sign/metrics?engagement=acme"
    data = approval(client.get(address).text)
    definitions.change(the_operator(), "acme", the_state().metrics[0].id, {"target": 2}, seen=None)
    again = sign(client, data, address)
    assert again.status_code == 409
    assert "Target: <s>1 h</s> → <strong>2 h</strong>" in again.text
    assert 'value="Dana Ruiz"' in again.text
    done = sign(client, approval(again.text), address)
    assert done.headers["location"] == "/sign/signed/1?engagement=acme"
    assert "See the overview" in client.get(done.headers["location"]).text
    assert seals() == ["signed"] * 3


@pytest.mark.parametrize("key", ["²", "9" * 40, "01", "1e3"])
def test_a_field_that_names_no_metric_signs_nothing_and_breaks_nothing(client, asked, key):
    open_link(client, asked)
    data = approval(client.get("/sign/metrics").text)
    shown = next(iter(fields(client.get("/sign/metrics").text).values()))
    sign(client, {f"shown-{key}": shown, "all": "approved", "name": "Dana Ruiz"})
    assert seals() == ["unsigned"] * 3
    assert sign(client, data | {f"shown-{key}": shown}).status_code < 500


def test_each_metric_is_answered_for_itself_and_what_was_typed_stays_after_a_refusal(client, asked):
    open_link(client, asked)
    page = client.get("/sign/metrics").text
    first, second, third = (key.removeprefix("shown-") for key in fields(page))
    data = fields(page) | {first: "approved", second: "changes requested", "name": "Dana Ruiz"}
    missing = sign(client, data | {third: "approved"})
    assert missing.status_code == 422
    assert "Say what is to change of “Wait”" in missing.text
    unanswered = sign(client, data | {f"words-{second}": "Whose <wait>?"})
    assert "Answer “Errors”: approve it or ask for changes" in unanswered.text
    assert "Whose &lt;wait&gt;?</textarea>" in unanswered.text
    assert f'name="{first}" value="approved" checked' in unanswered.text
    done = sign(client, data | {third: "approved", f"words-{second}": "Whose <wait>?"})
    text = client.get(done.headers["location"]).text
    assert "You signed 2 metrics and you asked for changes to 1 metric." in text
    assert "“Whose &lt;wait&gt;?”" in text
    assert seals() == ["signed", "unsigned", "signed"]


def test_changes_can_be_asked_of_all_at_once(client, asked):
    open_link(client, asked)
    page = client.get("/sign/metrics").text
    sign(client, approval(page, **{"all": "changes requested", "words-all": "Too many"}))
    assert [one.requested_change.words for one in the_state().metrics] == ["Too many"] * 3


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
    found = security_log.events(the_operator())
    assert "one-time link refused" in {event.kind for event in found}


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


def test_a_card_shows_what_people_typed_and_obeys_none_of_it(client, asked):
    hostile = '<script>alert(1)</script>"><img src=//x.example>'
    a_metric(
        name=f"Name {hostile}", target=1, counted=hostile, left_out=hostile, owner=hostile, source=hostile
    )
    sign_in(client, acting("Dana", Role.SPONSOR))
    page = client.get("/sign/metrics?engagement=acme").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=//x" not in page

"""The page that a sponsor signs on, over HTTP and on both databases: opened as often as one likes, signed once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.people import Role
from services.mail.mail_channel import mailer_actor
from services.metrics import definitions
from services.sign_off import links
from services.sign_off import requests as sign_off_requests
from store.sign_off import record, requests
from tests.api.signing import (
    NAMES,
    SIGNING,
    acting,
    approval,
    fields,
    open_link,
    seals,
    sign,
    sign_in,
)
from tests.builders import a_metric, an_actor, an_engagement, the_operator, the_state


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
    changes = {"target": ("Target", "1 h", "0.5 h"), "baseline": ("Baseline", "4 h", "5 h")}
    field, old, new = changes.get(next(iter(change)), ("What is counted", "–", "Only the approved ones"))
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

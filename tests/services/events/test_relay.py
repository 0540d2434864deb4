"""The relay: in order, at least once, to whom it concerns, whatever the receivers do."""

import json
import threading
from datetime import UTC, datetime, timedelta
from random import Random
from time import monotonic, sleep

import pytest
from sqlalchemy import update
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from models.database import engine
from models.endpoints import WAITS, Cursor, signing_secrets
from models.errors import Conflict, Invalid, NotFound
from services.events import cursors, endpoints, relay
from services.events.destination import is_public
from services.events.relay import Relay
from services.events.webhook import WebhookChannel
from services.interviews import interviews
from services.plan import decisions
from services.privacy.erasure import erase
from store.endpoints import attempts
from store.endpoints import endpoints as statuses
from tests.builders import an_actor, an_engagement, noon, on_day, the_operator, the_state
from tests.services.events.acts import journal_acts
from tests.services.events.receiver import answer_with, receiver

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _on_loopback(monkeypatch):
    monkeypatch.setenv("HEADWAY_ALLOW_PRIVATE_ENDPOINTS", "1")


def ask(slug: str = "acme", title: str = "Decide", day: int = 2) -> None:
    """Something that happens."""
    decisions.request_decision(the_operator(day), slug, title=title, owner="Dana", needed_by=on_day(60))


def status(slug: str = "acme"):
    return statuses(the_operator(), slug)[0]


def signed_with(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether one of the signatures is by that secret, whatever the time."""
    sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    return (
        Webhook(secret).sign(headers["webhook-id"], sent_at, body.decode())
        in headers["webhook-signature"].split()
    )


def later(moment, **by):
    return lambda: moment + timedelta(**by)


def send(**given) -> int:
    return Relay(**given).run(once=True)


def test_what_happens_arrives_once_in_order_and_signed():
    an_engagement()
    with receiver() as there:
        new = endpoints.add_endpoint(the_operator(), "acme", f"{there.url}/in?x=1")
        for number in range(5):
            ask(title=f"Decide {number}")
        assert send() == 5
        assert send() == 0
    assert [event["type"] for event in there.events] == ["decision.requested"] * 5
    assert there.revisions("/in?x=1") == sorted(set(there.revisions("/in?x=1")))
    for _, headers, body in there.requests:
        event = Webhook(new.secret).verify(body, headers)
        assert headers["webhook-id"] == event["id"]
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoints.new_secret()).verify(body, headers)
    assert (status().state, status().waiting) == ("up to date", 0)


def test_an_endpoint_that_was_down_gets_everything_later_and_nobody_else_waits():
    an_engagement()
    with receiver() as up, receiver(answer_with(500)) as down:
        endpoints.add_endpoint(the_operator(), "acme", down.url)
        endpoints.add_endpoint(the_operator(), "acme", up.url)
        ask(), ask(title="Another")
        assert send(clock=later(noon(2), hours=0)) == 2
        assert (len(up.requests), len(down.requests)) == (2, 1)
        failing = status()
        assert (failing.state, failing.waiting, failing.last_answer) == ("failing", 2, "HTTP 500")
        assert failing.failing_since == noon(2)
        down.answer = None
        assert send(clock=later(noon(2), seconds=2)) == 0
        assert send(clock=later(noon(2), seconds=7)) == 2
    assert down.ids == [up.ids[0], *up.ids]
    assert [attempt.delivered for attempt in attempts(the_operator(), "acme", 1)] == [True, True, False]


def test_three_days_of_failures_then_it_is_off_and_nothing_is_lost():
    an_engagement()
    with receiver(answer_with(503)) as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        ask()
        at, sent_at = noon(2), []
        while status().off_since is None:
            before = len(there.requests)
            send(clock=later(at, hours=0))
            assert len(there.requests) == before + 1
            sent_at.append(at)
            at = status().next_at or at
        waits = [after - before for before, after in zip(sent_at, sent_at[1:], strict=False)]
        for wait, planned in zip(waits, WAITS, strict=True):
            assert 0.79 * planned <= wait <= 1.21 * planned
        assert timedelta(days=2.4) < sent_at[-1] - sent_at[0] < timedelta(days=3.6)
        off = status()
        assert (off.state, off.waiting) == ("off", 1)
        assert off.why == "Nothing was delivered for three days. HTTP 503"
        there.answer = None
        assert send(clock=lambda: at + timedelta(days=30)) == 0
        endpoints.send_again(the_operator(), "acme", 1)
        assert send() == 1
    assert len(set(there.ids)) == 1


@pytest.mark.parametrize("header", ["120", "Tue, 06 Oct 2026 12:02:00 GMT"])
def test_a_receiver_that_asks_for_time_gets_it(header):
    an_engagement()
    with receiver(answer_with(429, Retry_After=header)) as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        ask()
        send(clock=later(noon(2), seconds=0))
        assert status().next_at == noon(2) + timedelta(seconds=120)
        there.answer = answer_with(429, Retry_After="99999999999999")
        send(clock=later(noon(2), seconds=121))
        assert status().next_at <= noon(3) + timedelta(minutes=3)


def test_gone_switches_it_off_at_once():
    an_engagement()
    with receiver(answer_with(410)) as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        ask()
        send()
        assert (status().state, status().why) == ("off", "HTTP 410: it wants no events any more")
        assert send(clock=later(noon(2), days=900)) == 0
    assert len(there.requests) == 1


def test_a_redirect_is_not_followed():
    an_engagement()
    with receiver() as elsewhere, receiver(answer_with(301, Location="https://x.example")) as there:
        there.answer = answer_with(301, Location=elsewhere.url)
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        ask()
        send()
        assert status().last_answer == "HTTP 301: redirects aren't followed"
    assert elsewhere.requests == []


def _hang(request) -> None:
    sleep(5)


def _drip(request) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 40:
        request.wfile.write(bytes([byte]))
        request.wfile.flush()
        sleep(0.1)


def _endless_header(request) -> None:
    for _ in range(2_000):
        request.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X" * 70_000)


def _no_http(request) -> None:
    request.wfile.write(b"220 mail.example ESMTP\r\n\r\n")
    request.close_connection = True


def _hang_up(request) -> None:
    request.close_connection = True


@pytest.mark.parametrize("bad", [_hang, _drip, _endless_header, _no_http, _hang_up])
def test_a_bad_endpoint_costs_no_more_than_its_time(bad):
    with receiver(bad) as there:
        channel = WebhookChannel(there.url, [endpoints.new_secret()], seconds=1)
        began = monotonic()
        answer = channel.send("evt_1", b"{}", noon(1))
        assert not answer.delivered
        # How long it took: 1 s and a little, not the 5 s that the receiver would take. A machine may be busy.
        assert monotonic() - began < 4.5
        channel.close()


def _long(request) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "5000000000")
    request.end_headers()
    request.wfile.write(b"x" * 1000)
    sleep(5)


def _short(request) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "3")
    request.end_headers()
    request.wfile.write(b"0123456789" * 9)


def _cut(request) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "500")
    request.end_headers()
    request.wfile.write(b"x" * 10)
    request.close_connection = True


@pytest.mark.parametrize("lie", [_long, _short, _cut])
def test_a_receiver_that_lies_about_its_length_has_taken_the_event_and_spoils_none_after(lie):
    an_engagement()
    with receiver(lie) as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        ask(), ask(title="Second"), ask(title="Third")
        assert send() == 3
    assert len(set(there.ids)) == len(there.ids) == 3


def test_one_slow_endpoint_holds_up_nobody():
    an_engagement()
    let_go = threading.Event()

    def wait(request) -> None:
        let_go.wait(20)
        answer_with(204)(request)

    with receiver(wait) as slow, receiver() as fast:
        endpoints.add_endpoint(the_operator(), "acme", slow.url)
        endpoints.add_endpoint(the_operator(), "acme", fast.url)
        for number in range(20):
            ask(title=f"Decide {number}")
        working = Relay()
        thread = threading.Thread(target=working.run)
        thread.start()
        ends = monotonic() + 15
        while len(fast.requests) < 20 and monotonic() < ends:
            sleep(0.05)
        assert len(fast.requests) == 20
        assert len(slow.requests) == 1
        working.stop.set()
        let_go.set()
        thread.join()


def test_only_the_holder_moves_a_cursor():
    an_engagement()
    with receiver() as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        ask()
        first = cursors.claim(noon(3), ["webhook"], timedelta(seconds=60))
        assert cursors.claim(noon(3), ["webhook"], timedelta(seconds=60)) is None
        second = cursors.claim(noon(4), ["webhook"], timedelta(seconds=60))
        with pytest.raises(cursors.LeaseLost):
            cursors.advance(first, 999, noon(4), timedelta(seconds=60), None)
        cursors.release(first)
        assert cursors.claim(noon(4), ["webhook"], timedelta(seconds=60)) is None
        cursors.release(second)
        assert send(clock=later(noon(4), hours=1)) == 1


def test_who_waited_longer_than_its_lease_sends_nothing_that_another_relay_sent():
    an_engagement()
    with receiver() as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        ask()
        stalled = cursors.claim(noon(3), ["webhook"], timedelta(seconds=60))
        assert send(clock=later(noon(3), seconds=61)) == 1
        assert Relay(clock=later(noon(3), seconds=62)).serve(stalled) == 0
        assert len(there.requests) == 1
        ask()
        alone = cursors.claim(noon(4), ["webhook"], timedelta(seconds=60))
        assert Relay(clock=later(noon(4), seconds=62)).serve(alone) == 1, "nobody else claimed it"


def test_turns_are_taken_in_the_order_of_asking():
    turn, order = relay.Turn(), []

    def deliver(number: int) -> None:
        with turn.of(number):
            order.append(number)

    with turn.of(0):
        others = []
        for number in (1, 2, 3):
            others.append(threading.Thread(target=deliver, args=(number,)))
            others[-1].start()
            while len(turn._waiting) < number:
                sleep(0.001)
        order.append(0)
    deliver(0)
    for thread in others:
        thread.join()
    assert order == [0, 1, 2, 3, 0]


def test_a_slow_endpoint_takes_no_turn_until_it_is_fast_again():
    turn = relay.Turn()
    turn.took(1, 2 * relay.SLOW_SECONDS)
    with turn.of(2), turn.of(1):
        assert turn._holder is not None
    turn.took(1, 0.0)
    with turn.of(1):
        assert turn._holder is not None


def test_a_replay_sends_the_same_ids_and_contents_and_a_range_ends():
    an_engagement()
    with receiver() as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        for number in range(4):
            ask(title=f"Decide {number}")
        send()
        first = list(there.requests)
        revisions = there.revisions()
        endpoints.replay(the_operator(), "acme", 1, revisions[0] - 1, revisions[1])
        ask(title="New")
        assert send() == 3
        again = there.requests[4:6]
        assert [(headers["webhook-id"], body) for _, headers, body in again] == [
            (headers["webhook-id"], body) for _, headers, body in first[:2]
        ]
        assert there.revisions()[6:] == [revisions[-1] + 1]
        endpoints.replay(the_operator(), "acme", 1, 0)
        assert send() == 6  # the creation of the engagement as well, which came before the endpoint
    assert len(set(there.ids)) == 6
    with pytest.raises(Invalid):
        endpoints.replay(the_operator(), "acme", 1, 9_999)


def test_an_act_is_never_cut():
    an_engagement()
    with receiver() as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url, since=3)
        assert send() == 1
    assert there.events[0]["data"]["counts"]["milestone"] == {"added": 9}


def test_an_endpoint_gets_the_types_that_it_asked_for():
    an_engagement()
    with receiver() as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url, types="interviews.changed")
        ask()
        interviews.record_interview(
            the_operator(3), "acme", {"interviewee": "Ines", "held_on": on_day(2), "role": "Teller"}
        )
        ask(title="Another")
        assert (status().waiting, status().waiting_since) == (1, noon(3))
        assert send() == 1
        assert status().waiting == 0
    assert [event["type"] for event in there.events] == ["interviews.changed"]
    with pytest.raises(Invalid, match="There is no event type “nonsense”"):
        endpoints.add_endpoint(the_operator(), "acme", "https://x.example", types="nonsense")


def test_what_waits_of_a_replayed_range_is_that_range():
    an_engagement()
    new = endpoints.add_endpoint(
        the_operator(), "acme", "https://x.example", types="decision.requested, health.changed"
    )
    first = the_state().revision
    for number in range(5):
        ask(title=f"Decide {number}")
    endpoints.replay(the_operator(), "acme", new.id, first, first + 2)
    assert status().waiting == 2


def test_a_relay_that_runs_once_says_which_endpoint_is_failing(manage):
    an_engagement()
    with receiver(answer_with(500)) as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        ask()
        said = manage("relay", "--once").stdout
    assert said.startswith("Delivered 0 events.\nacme: endpoint 1 is failing (HTTP 500). Next attempt at ")


def test_a_secret_is_rotated_with_an_overlap():
    an_engagement()
    with receiver() as there:
        new = endpoints.add_endpoint(the_operator(), "acme", there.url)
        second = endpoints.rotate_secret(the_operator(), "acme", new.id)
        ask()
        send(clock=later(noon(1), hours=23))
        _, headers, body = there.requests[0]
        for secret in (second, new.secret):
            assert signed_with(secret, headers, body)
        ask(title="Later")
        send(clock=later(noon(2), hours=1))
        _, headers, body = there.requests[1]
        assert signed_with(second, headers, body)
        assert not signed_with(new.secret, headers, body)
    with engine().connect() as connection:
        stored = connection.exec_driver_sql("SELECT secrets FROM endpoint").scalar_one()
    assert signing_secrets(stored, noon(1) + timedelta(hours=23)) == [second, new.secret]
    assert signing_secrets(stored, noon(2) + timedelta(hours=1)) == [second]


def test_a_test_event_is_signed_and_moves_nothing():
    an_engagement()
    with receiver() as there:
        new = endpoints.add_endpoint(the_operator(), "acme", there.url)
        before = status()
        assert endpoints.send_test(the_operator(), "acme", new.id).delivered
        assert status() == before
    (event,) = there.events
    assert event["type"] == "endpoint.tested"


def test_an_erased_name_is_in_no_later_delivery():
    an_engagement()
    with receiver(answer_with(500)) as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        interviews.record_interview(
            the_operator(3), "acme", {"interviewee": "Ines Almeida", "held_on": on_day(2), "role": "Teller"}
        )
        ask(title="Ask Ines Almeida")
        send(clock=later(noon(3), hours=0))
        erase(the_operator(4), "acme", "Ines Almeida", "She asked")
        there.answer = None
        endpoints.send_again(the_operator(), "acme", 1)
        assert send() == 3
    assert all(b"Almeida" not in body for _, _, body in there.requests)
    assert there.events[-1]["type"] == "personal-data.erased"


def test_two_clients_never_cross():
    for slug in ("acme", "rival"):
        an_engagement(slug)
    chance = Random(15)
    with receiver() as there:
        for slug in ("acme", "rival"):
            lead = an_actor(f"lead of {slug}", slug)
            endpoints.add_endpoint(lead, slug, f"{there.url}/{slug}")
            with pytest.raises(NotFound):
                endpoints.add_endpoint(lead, "rival" if slug == "acme" else "acme", "https://x.example")
        for _ in range(1_000):
            journal_acts(chance.choice(["acme", "rival"]))
        assert send() == 1_000
    for path, headers, body in there.requests:
        event = json.loads(body)
        assert path == f"/{event['data']['engagement']}" == event["source"].replace("/engagements", "")
        assert headers["webhook-id"] == event["id"]
    assert len(set(there.ids)) == 1_000
    with pytest.raises(NotFound):
        endpoints.switch_off(an_actor("lead of acme"), "acme", 2)


PRIVATE = [
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
    "::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_public(address):
    assert not is_public(address)


def test_private_addresses_are_refused_unless_they_are_allowed(monkeypatch):
    an_engagement()
    with receiver() as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        endpoints.add_endpoint(the_operator(), "acme", there.url.replace("127.0.0.1", "localhost"))
        monkeypatch.delenv("HEADWAY_ALLOW_PRIVATE_ENDPOINTS")
        for address in (there.url, "https://localhost/x", "https://10.0.0.1/x", "https://[::1]/x"):
            with pytest.raises(Invalid, match="HEADWAY_ALLOW_PRIVATE_ENDPOINTS=1"):
                endpoints.add_endpoint(the_operator(), "acme", address)
        ask()
        send()
        assert there.requests == []
        for row in statuses(the_operator(), "acme"):
            assert row.last_answer == "Not reached: it leads to a private address, which isn't allowed"
    for address in ("ftp://x.example", "https://", "https://user@x.example", "https://x.example:99999"):
        with pytest.raises(Invalid):
            endpoints.add_endpoint(the_operator(), "acme", address)


def test_a_name_is_resolved_once(monkeypatch):
    an_engagement()
    asked = []
    own = relay.WebhookChannel.__init__.__globals__["resolve"]
    monkeypatch.setattr(
        "services.events.webhook.resolve", lambda there: asked.append(there.host) or own(there)
    )
    with receiver(
        lambda request: (answer_with(204)(request), setattr(request, "close_connection", True))
    ) as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url.replace("127.0.0.1", "localhost"))
        ask(), ask(title="Second"), ask(title="Third")
        assert send() == 3
    assert asked == ["localhost"]


def test_one_address_is_one_endpoint():
    an_engagement()
    endpoints.add_endpoint(the_operator(), "acme", "https://x.example")
    with pytest.raises(Conflict, match="Endpoint 1 has this address already"):
        endpoints.add_endpoint(the_operator(), "acme", "https://x.example")


def test_of_many_attempts_the_newest_are_kept():
    an_engagement()
    with receiver() as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        journal_acts("acme", 180)
        assert send() == 180
    assert 50 <= len(attempts(the_operator(), "acme", 1)) < 100


def test_the_commands(manage):
    an_engagement()
    with receiver() as there:
        added = json.loads(manage("endpoint", "add", "acme", "--webhook", there.url, "--json").stdout)
        assert set(added) == {"id", "secret"}
        ask()
        assert manage("relay", "--once").stdout == "Delivered 1 event.\n"
        Webhook(added["secret"]).verify(there.requests[0][2], there.requests[0][1])
        (row,) = json.loads(manage("endpoint", "list", "acme", "--json").stdout)
        assert (row["id"], row["state"], row["address"]) == (added["id"], "up to date", there.url)
        assert added["secret"] not in manage("endpoint", "list", "acme", "--json").stdout
        assert manage("endpoint", "replay", "acme", added["id"], "--since", 0).returncode == 0
        manage("relay", "--once")
        assert len(there.requests) == 3
        manage("endpoint", "off", "acme", added["id"])
        ask(title="Another")
        assert manage("relay", "--once").stdout == "Delivered 0 events.\n"
        assert "operator switched it off" in manage("endpoint", "list", "acme").stdout
        manage("endpoint", "on", "acme", added["id"])
        assert manage("relay", "--once").stdout == "Delivered 1 event.\n"


def test_no_secret_is_in_the_journal():
    an_engagement()
    secret = endpoints.add_endpoint(the_operator(), "acme", "https://x.example").secret
    with engine().connect() as connection:
        assert secret in connection.exec_driver_sql("SELECT secrets FROM endpoint").scalar_one()
        entries = connection.exec_driver_sql("SELECT payload FROM journal").scalars().all()
        logged = connection.exec_driver_sql("SELECT detail FROM security_event").scalars().all()
    assert all(secret[6:] not in text for text in [*filter(None, entries), *logged])


def test_a_bug_in_one_channel_stops_no_other():
    an_engagement()
    with receiver() as there:
        endpoints.add_endpoint(the_operator(), "acme", "https://broken.example")
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        ask()

        def open_channel(held, act, at):
            if "broken" in held.address:
                raise RuntimeError("a bug")
            return relay.open_webhook(held, act, at)

        assert send(channels={"webhook": open_channel}) == 1
    with engine().begin() as connection:
        assert connection.execute(update(Cursor).values(token=None)).rowcount == 2

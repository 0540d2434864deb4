"""Receivers that are down, slow, gone or lie: each gets all of its events, and holds up nobody else."""

import threading
from datetime import timedelta
from time import monotonic, sleep

import pytest
from sqlalchemy import update

from models.database import engine
from models.endpoints import WAITS, Cursor
from services.events import endpoints, relay
from services.events.relay import Relay
from services.events.webhook import WebhookChannel
from store.endpoints import attempts
from tests.builders import an_engagement, noon, the_operator
from tests.services.events.receiver import answer_with, receiver
from tests.services.events.relaying import ask, later, send, status

pytestmark = pytest.mark.usefixtures("database", "on_loopback")


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

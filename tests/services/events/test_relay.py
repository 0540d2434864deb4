"""The relay: in order, at least once, to whom it concerns, whatever the receivers do."""

import json
import threading
from datetime import timedelta
from random import Random
from time import sleep

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from models.errors import Invalid, NotFound
from services.events import cursors, endpoints, relay
from services.events.relay import Relay
from services.interviews import interviews
from services.privacy.erasure import erase
from store.endpoints import attempts
from tests.builders import an_actor, an_engagement, noon, on_day, the_operator, the_state
from tests.services.events.acts import journal_acts
from tests.services.events.receiver import answer_with, receiver
from tests.services.events.relaying import ask, later, send, status

pytestmark = pytest.mark.usefixtures("database", "on_loopback")


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
        output = manage("relay", "--once").stdout
    assert output.startswith("Delivered 0 events.\nacme: endpoint 1 is failing (HTTP 500). Next attempt at ")


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

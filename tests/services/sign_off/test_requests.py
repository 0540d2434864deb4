"""Asking for signatures: the request, what answers it, and what ends it."""

from dataclasses import replace

import pytest

from models.errors import Conflict, Forbidden, Invalid, Refused
from models.metrics import CHANGES_REQUESTED
from models.people import Role
from reports.sign_off.sheet import sheet
from services.metrics import definitions
from services.sign_off import links, signing
from services.sign_off import requests as asking
from store.sign_off import own_record, requests, sponsors
from tests.builders import a_metric, a_user, an_actor, the_operator, the_state
from tests.services.sign_off.asking import answers_on, ask, happened, opened, signatures

pytestmark = pytest.mark.usefixtures("database")


def test_from_the_request_through_the_link_to_the_record_each_step_is_kept(mei, dana):
    request_id = ask(mei, dana)
    here = opened(links.make_link(mei, "acme", request_id))
    page = sheet(here, "acme")
    assert [card.name for card in page.cards] == ["Decision time", "Wait"]
    assert (page.request.note, page.request.asked_by) == ("Before Friday, please", "Mei")
    asking.note_viewed(here, "acme", request_id)
    asking.note_viewed(here, "acme", request_id)
    record_id = signing.sign(here, "acme", answers_on(page), name="Dana Ruiz")
    assert signatures() == ["signed", "signed", "unsigned"]
    assert happened(request_id) == [
        ("asked", "Mei"), ("link made", "Mei"), ("opened", "Dana"), ("viewed", "Dana"), ("signed", "Dana")
    ]  # fmt: skip
    kept = own_record(here, "acme", record_id).record
    assert "opened a link that Mei made for this person alone on 08 Oct 2026" in kept["signer"]["identity"]
    assert (
        "in a browser in which this person had signed in to this account before" in kept["signer"]["identity"]
    )
    assert (kept["request"], kept["link"]) == (request_id, 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: definitions.change(the_operator(5), "acme", one, {"target": "2 min"}, seen=None),
        lambda one: definitions.change(the_operator(5), "acme", one, {"baseline": "5 h"}, seen=None),
        lambda one: definitions.change(the_operator(5), "acme", one, {"owner": "Risk"}, seen=None),
    ],
)
def test_a_changed_definition_revokes_the_request_and_its_links(mei, dana, change):
    request_id = ask(mei, dana)
    token = links.make_link(mei, "acme", request_id)
    here = opened(token)
    page = sheet(here, "acme")
    change(page.cards[0].metric_id)
    with pytest.raises(signing.ChangedSinceShown, match="“Decision time” changed"):
        signing.sign(here, "acme", answers_on(page), name="Dana")
    # Not even with what it says now.
    with pytest.raises(Conflict, match="“Decision time” was changed"):
        signing.sign(here, "acme", answers_on(sheet(here, "acme")), name="Dana")
    with pytest.raises(Refused, match="“Decision time” was changed"):
        opened(token)
    assert happened(request_id)[-1] == ("revoked", "operator")
    assert list(sheet(here, "acme").changed) == ["Decision time"]
    assert the_state().sign_offs == []


def test_what_isnt_asked_about_revokes_nothing(mei, dana):
    token = links.make_link(mei, "acme", ask(mei, dana))
    third = the_state().metrics[2].id
    definitions.change(the_operator(5), "acme", third, {"target": 2}, seen=None)
    here = opened(token)
    assert signing.sign(here, "acme", answers_on(sheet(here, "acme")), name="Dana")


def test_a_lead_takes_a_request_back(mei, dana):
    request_id = ask(mei, dana)
    token = links.make_link(mei, "acme", request_id)
    asking.withdraw(mei, "acme", request_id, "Asked the wrong person")
    with pytest.raises(Refused, match="taken back: Asked the wrong person"):
        opened(token)
    with pytest.raises(Conflict, match="taken back"):
        links.make_link(mei, "acme", request_id)
    with pytest.raises(Conflict, match="taken back"):
        asking.withdraw(mei, "acme", request_id, "Again")


def test_asking_for_changes_by_link_declines(mei, dana):
    request_id = ask(mei, dana)
    here = opened(links.make_link(mei, "acme", request_id))
    first, second = answers_on(sheet(here, "acme"))
    wish = replace(second, meaning=CHANGES_REQUESTED, words="Whose wait?")
    signing.sign(here, "acme", [first, wish], name="Dana")
    assert [kind for kind, _ in happened(request_id)][-2:] == ["signed", "declined"]
    assert signatures() == ["signed", "unsigned", "unsigned"]


def test_an_ordinary_sign_in_answers_the_request_too_and_uses_its_link_up(mei, dana):
    request_id = ask(mei, dana)
    token = links.make_link(mei, "acme", request_id)
    page = sheet(dana, "acme", request_id)
    signing.sign(dana, "acme", answers_on(page), name="Dana", request_id=request_id)
    assert happened(request_id)[-1] == ("signed", "Dana")
    with pytest.raises(Refused, match="already"):
        opened(token)


def test_what_was_signed_before_can_be_asked_for_again_and_the_new_record_has_all_that_was_on_the_page(
    mei, dana
):
    signing.sign(dana, "acme", answers_on(sheet(dana, "acme"))[:1], name="Dana Ruiz")
    request_id = ask(mei, dana)
    here = opened(links.make_link(mei, "acme", request_id))
    page = sheet(here, "acme")
    record_id = signing.sign(here, "acme", answers_on(page), name="Dana Ruiz")
    kept = own_record(here, "acme", record_id).record
    assert [item["shown"]["name"] for item in kept["items"]] == [card.name for card in page.cards]
    again = ask(mei, dana)
    here = opened(links.make_link(mei, "acme", again))
    record_id = signing.sign(here, "acme", answers_on(sheet(here, "acme")), name="Dana Ruiz")
    assert own_record(here, "acme", record_id).record["request"] == again
    assert happened(again)[-1] == ("signed", "Dana")


def test_who_asks_can_never_sign_not_in_a_second_role_either(mei, dana):
    with pytest.raises(Invalid, match="Only a sponsor"):
        asking.ask(mei, "acme", [1], of=mei.user_id)
    ask(mei, dana)
    second_role = an_actor("Mei", role=Role.SPONSOR, day=5)
    with pytest.raises(Forbidden, match="asked for its signature yourself"):
        signing.sign(second_role, "acme", answers_on(sheet(second_role, "acme"))[:1], name="Mei")
    assert the_state().sign_offs == []


def test_who_made_the_link_cant_sign_either(mei, dana):
    request_id = ask(mei, dana)
    links.make_link(an_actor("Lea", role=Role.LEAD, day=4), "acme", request_id)
    lea = an_actor("Lea", role=Role.SPONSOR, day=5)
    with pytest.raises(Forbidden, match="asked for its signature yourself"):
        signing.sign(lea, "acme", answers_on(sheet(lea, "acme"))[:1], name="Lea")


def test_a_request_is_for_one_person(mei, dana):
    request_id = ask(mei, dana)
    sven = an_actor("Sven", role=Role.SPONSOR, day=5)
    with pytest.raises(Forbidden, match="Somebody else was asked"):
        sheet(sven, "acme", request_id)
    page = sheet(dana, "acme", request_id)
    with pytest.raises(Forbidden, match="Somebody else was asked"):
        signing.sign(sven, "acme", answers_on(page), name="Sven", request_id=request_id)


def test_asking_needs_a_metric_with_a_target_and_a_sponsor(mei, dana):
    without = a_metric(name="Open", target=None)
    for ids, of, text in [
        ([], dana.user_id, "at least one metric"),
        ([without], dana.user_id, "no target yet"),
        ([1], a_user("Nobody"), "Only a sponsor"),
    ]:
        with pytest.raises(Invalid, match=text):
            asking.ask(mei, "acme", ids, of=of)
    assert requests(mei, "acme") == []
    assert sponsors(mei, "acme") == {dana.user_id: "Dana"}

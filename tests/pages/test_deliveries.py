"""The page of deliveries: what I am mailed, where events are sent, what waits since when and why."""

from datetime import date

import pytest

from models.people import Role
from services.events import endpoints
from services.events.relay import Relay
from services.plan import decisions
from tests.builders import the_operator
from tests.pages.pages import open_page, words
from tests.pages.test_overview import my_engagement
from tests.pages.work import the_person_is
from tests.services.events.receiver import answer_with, receiver

pytestmark = pytest.mark.usefixtures("sqlite_database")


def press(test, label: str):
    next(button for button in test.button if button.label == label).click()
    return test.run()


def test_without_an_endpoint_it_says_what_one_is_for():
    my_engagement()
    assert "No endpoint yet" in words(open_page("deliveries", engagement="acme"))


def test_it_says_what_waits_and_why_and_sends_it_again(monkeypatch):
    my_engagement()
    monkeypatch.setenv("HEADWAY_ALLOW_PRIVATE_ENDPOINTS", "1")
    with receiver(answer_with(503)) as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        decisions.request_decision(
            the_operator(2), "acme", title="D", owner="Dana", needed_by=date(2099, 1, 1)
        )
        Relay().run(once=True)
        test = open_page("deliveries", engagement="acme")
        text = words(test)
        assert "1 event waiting since 06 Oct, 12:00" in text
        assert "Why: HTTP 503" in text
        there.answer = None
        test = press(test, "Send a test event")
        assert there.events[-1]["type"] == "endpoint.tested"
        test = press(test, "Send again now")
        assert Relay().run(once=True) == 1
        test = press(open_page("deliveries", engagement="acme"), "Switch off")
        assert "switched it off" in words(test)


def test_a_webhook_is_added_and_its_secret_is_shown_once():
    my_engagement()
    test = open_page("deliveries", engagement="acme")
    next(field for field in test.text_input if field.label == "Address").set_value("https://x.example/hook")
    test = press(test, "Add the endpoint")
    assert test.code[0].value.startswith("whsec_")
    assert words(test).count("https://x.example/hook") == 2, "of which endpoint it is"
    assert next(field for field in test.text_input if field.label == "Address").value == ""
    assert not test.run().code
    test = press(test, "Make a new secret")
    assert test.code[0].value.startswith("whsec_")
    assert words(test).count("https://x.example/hook") == 2


def test_a_viewer_chooses_their_mail_and_sees_no_endpoint():
    my_engagement()
    endpoints.add_endpoint(the_operator(), "acme", "https://x.example/hook")
    the_person_is(Role.VIEWER)
    test = open_page("deliveries", engagement="acme")
    assert "x.example" not in words(test)
    next(box for box in test.checkbox if box.label.startswith("Each frozen week")).check()
    test = press(test, "Save what I am mailed")
    boxes = {box.label: box.value for box in open_page("deliveries", engagement="acme").checkbox}
    assert boxes["Each frozen week, with its PDF"] is True


@pytest.mark.parametrize(("server", "sender", "why"), [
    ("", "", "Mail is switched off: set HEADWAY_SMTP and HEADWAY_MAIL_FROM."),
    ("mail.example.com:587", "", "Mail needs HEADWAY_SMTP as host:port and HEADWAY_MAIL_FROM as an e-mail address."),
    ("mail.example.com:587", "Headway <h@example.com>", ""),
])  # fmt: skip
def test_who_chooses_mail_learns_why_none_is_sent(monkeypatch, server, sender, why):
    my_engagement()
    monkeypatch.setenv("HEADWAY_SMTP", server)
    monkeypatch.setenv("HEADWAY_MAIL_FROM", sender)
    test = open_page("deliveries", engagement="acme")
    assert [notice.value.startswith(f"Nothing is mailed yet. {why}") for notice in test.info] == [
        True
    ] * bool(why)


def test_it_says_which_types_of_event_an_endpoint_wants():
    my_engagement()
    endpoints.add_endpoint(
        the_operator(), "acme", "https://x.example/hook", types="review.frozen health.changed"
    )
    assert "It wants review.frozen and health.changed only." in words(
        open_page("deliveries", engagement="acme")
    )

"""The pages about people, sessions, the journal and personal data, as a person sees them."""

from datetime import UTC, datetime

import pytest

from models.errors import Refused
from models.people import Role
from services.interviews import interviews
from services.people import authentication
from services.people.accounts import first_administrator
from services.people.client_info import ClientInfo
from tests.builders import a_session, a_user, an_actor, the_state
from tests.pages.markup import tables
from tests.pages.pages import open_page, words
from tests.pages.test_overview import TODAY, me, my_engagement
from ui import current_user

pytestmark = pytest.mark.usefixtures("sqlite_database")


def look_as(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id, _ = a_session(a_user(name), datetime.now(UTC))
    monkeypatch.setattr(current_user, "session_id", lambda: session_id)


def press(test, label: str):
    next(button for button in test.button if button.label == label).click().run()
    assert not test.exception, test.exception
    return test


def test_without_a_session_every_page_says_so_and_nothing_else(monkeypatch):
    my_engagement()
    monkeypatch.setattr(current_user, "session_id", lambda: None)
    text = words(open_page("overview", engagement="acme"))
    assert "You aren't signed in" in text
    assert "Lending" not in text


def test_an_administrator_adds_a_person_and_hands_over_a_link():
    test = open_page("people")
    test.text_input(key="person name").set_value("Sam Okafor")
    test.text_input(key="person email").set_value("sam@example.org")
    press(test, "Add the person")
    assert "/session/enter#" in test.code[0].value
    assert "Sam Okafor" in str(test.dataframe[0].value)
    assert test.run().code == []


def test_somebody_who_is_no_administrator_sees_no_people(monkeypatch):
    first_administrator(datetime.now(UTC))
    look_as("Mei Tan", monkeypatch)
    for page in ("people", "security", "new"):
        test = open_page(page)
        assert "Only an administrator can" in words(test)
        assert len(tables(test)) == len(test.dataframe) == 0
        assert len(test.text_input) == 0


def test_the_account_lists_ones_sessions_and_ends_one():
    at = datetime.now(UTC)
    a_session(first_administrator(at)[0], at)
    test = open_page("account")
    assert "This browser" in words(test)
    press(test, "End this session")
    assert not any(button.label == "End this session" for button in test.button)


def test_the_journal_tells_who_changed_what_from_what_to_what():
    my_engagement()
    text = words(open_page("journal", engagement="acme"))
    assert "open the engagement" in text
    chosen = open_page("journal", engagement="acme", thing="member")
    assert "2 entries" in words(chosen) or "1 entry" in words(chosen)


def test_a_sponsor_reads_nothing_of_interviews_in_the_journal(monkeypatch):
    my_engagement()
    interviews.record_interview(me(), "acme", {"interviewee": "Priya Nair", "held_on": TODAY})
    an_actor("Dana Ruiz", role=Role.SPONSOR)
    assert "Interviewee: Priya Nair" in words(open_page("journal", engagement="acme"))
    look_as("Dana Ruiz", monkeypatch)
    assert "Priya" not in words(open_page("journal", engagement="acme"))


def test_a_lead_erases_an_interviewee_only_when_sure():
    my_engagement()
    interviews.record_interview(me(), "acme", {"interviewee": "Priya Nair", "held_on": TODAY})
    test = open_page("privacy", engagement="acme")
    next(box for box in test.selectbox if box.label == "Interviewee").select("Priya Nair").run()
    test.text_input(key="erase reason").set_value("asked")
    press(test, "Erase the personal data")
    assert the_state().interviews[0].interviewee == "Priya Nair"
    test.checkbox(key="erase sure").check()
    test.text_input(key="erase reason").set_value("asked")
    press(test, "Erase the personal data")
    assert the_state().interviews[0].interviewee == "Erased person 1"


def test_a_lead_makes_a_token_that_is_shown_once():
    my_engagement()
    test = open_page("settings", engagement="acme")
    test.text_input(key="token name").set_value("CI")
    press(test, "Make a token")
    assert test.code[0].value.startswith("headway_")
    assert test.run().code == []


def test_nobody_is_removed_who_wasnt_chosen():
    my_engagement()
    an_actor("Dana Ruiz", role=Role.SPONSOR)
    test = open_page("settings", engagement="acme")
    assert "Choose the member to remove first" in words(press(test, "Remove the member"))
    assert len(the_state().members) == 2
    test.selectbox(key="leaving member").select(a_user("Dana Ruiz"))
    press(test, "Remove the member")
    assert len(the_state().members) == 1


def test_an_email_is_read_as_it_is_not_as_a_link_to_somebody_elses():
    a_user("Tomás Vega")
    shown = open_page("people")
    assert "tomás.vega@example.org" in list(shown.dataframe[0].value["E-mail"])
    assert "vega@" not in words(shown)


def test_a_refusal_that_was_repeated_is_one_line_of_the_security_log():
    for _ in range(3):
        with pytest.raises(Refused):
            authentication.sign_in_by_link("never one of ours", datetime.now(UTC), ClientInfo("203.0.113.9"))
    shown = open_page("security").dataframe[0].value
    assert list(shown[shown["kind"] == "one-time link refused"]["times"]) == [3]


def test_the_journal_names_who_became_a_member():
    my_engagement()
    an_actor("Dana Ruiz", role=Role.SPONSOR)
    assert "User: Dana Ruiz" in words(open_page("journal", engagement="acme", thing="member"))


def test_a_strangers_activity_doesnt_exist(monkeypatch):
    my_engagement()
    stranger = a_user("Stranger")
    assert "no such person in an engagement of yours" in words(open_page("activity", person=str(stranger)))


def test_a_lead_invites_by_email_and_the_person_joins_from_the_portfolio(monkeypatch):
    my_engagement()
    test = open_page("settings", engagement="acme")
    assert test.selectbox(key="member role").value == "viewer"
    test.selectbox(key="member role").select("lead")
    test.text_input(key="member email").set_value("Sam.Okafor@example.org")
    press(test, "Invite, or change a member's role")
    text = words(test)
    look_as("Sam Okafor", monkeypatch)
    assert "Sam Okafor" not in text
    assert r"sam\.okafor@example\.org is invited as lead" in text
    test = open_page("portfolio")
    assert "There is no engagement yet" in words(test)
    press(test, "Join")
    assert "There is no engagement yet" not in words(test)
    assert "You are a member now" in test.toast[0].value
    assert not any(button.label == "Join" for button in test.button)


def test_ones_own_email_is_changed_by_an_administrator(monkeypatch):
    a_user("Sam Okafor")
    test = open_page("people")
    next(box for box in test.selectbox if box.label == "Person").select("sam.okafor@example.org").run()
    box = next(box for box in test.text_input if box.label == "Another e-mail")
    box.set_value("sam@example.org")
    press(test, "Change the e-mail")
    assert "sam@example.org" in list(test.dataframe[0].value["E-mail"])
    look_as("Mei Tan", monkeypatch)
    assert next(box for box in open_page("account").text_input if box.label == "E-mail").disabled

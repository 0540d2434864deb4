"""The weekly review, the past and the changes, as a person sees them."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from services.engagement import engagements
from services.metrics import definitions
from services.review import reviews
from tests.builders import on_day, the_operator, the_state
from tests.pages.markup import Link, links, tables
from tests.pages.pages import open_page, words
from tests.stories import a_story
from ui import current_user, frame, navigation  # noqa: F401 (the frame before the test, as when others ran first)

pytestmark = pytest.mark.usefixtures("sqlite_database")

# What the label of a button begins with that changes something.
WRITING = {
    "Add", "Answer", "Change", "Define", "Delete", "Edit", "Enter", "Freeze", "Mark", "Move", "Plan", "Publish", "Record",
    "Remove", "Retire", "Save", "Send", "Sign", "State", "Supersede", "Waive", "Withdraw",
}  # fmt: skip


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> str:
    """An engagement on day 60, seen by its lead on that day."""
    slug = a_story()
    engagements.add_first_administrator(the_operator(60), slug)
    # The clock itself: a module that is imported meanwhile would keep an `actor` of that day for all later tests.
    monkeypatch.setattr(current_user, "now", lambda: the_operator(60).at)
    return slug


def test_the_draft_shows_the_week_and_offers_to_freeze_it(acme):
    test = open_page("review", engagement=acme)
    text = words(test)
    assert "Off track] 4 of 4 metrics signed\n**Day 60 of 90. Plan: " in text.replace("\\", "")
    for header in (
        "Decisions needed",
        "Next two weeks",
        "Metrics",
        "Leading measures",
        "What changed",
        "Exceptions",
    ):
        assert header in [element.value for element in test.header]
    assert "Freeze week 9" in [button.label for button in test.button]


def test_a_frozen_week_stays_as_it_was_and_says_that_newer_knowledge_exists(acme):
    reviews.freeze(the_operator(56), acme, on_day(56))
    before = words(open_page("review", engagement=acme, week="8"))
    assert "Frozen by operator on 29 Nov at revision" in before
    assert "Week 8 of 13, day 56 of 90" in before
    definitions.change(the_operator(59), acme, the_state().metrics[0].id, {"target": 1.0}, seen=None)
    test = open_page("review", engagement=acme, week="8")
    assert "Newer knowledge exists" in test.expander[0].label


def test_the_choice_of_weeks_says_which_week_is_shown_also_right_after_it_was_frozen(acme):
    test = open_page("review", engagement=acme)
    assert not test.selectbox  # no week is there to choose
    reviews.freeze(the_operator(49), acme, on_day(49))
    test = open_page("review", engagement=acme)
    assert test.selectbox[0].value == ""
    next(button for button in test.button if button.key == "freeze").click().run()
    assert test.selectbox[0].value == on_day(60).isoformat()
    test.selectbox[0].select(on_day(49).isoformat()).run()
    assert "Week 7 of 13" in words(test)
    test.selectbox[0].select("").run()
    assert "Week 9 is frozen" in words(test)


def test_a_week_that_is_not_frozen_says_so(acme):
    assert "Week 3 isn't frozen" in words(open_page("review", engagement=acme, week="3"))


def test_marking_as_read_shows_what_is_new_afterwards(acme):
    reviews.freeze(the_operator(49), acme, on_day(49))
    test = open_page("review", engagement=acme, week="7")
    next(button for button in test.button if button.label == "Mark as read").click().run()
    text = words(open_page("review", engagement=acme))
    assert "New since you read week 7" in text


@pytest.mark.parametrize(
    "page", [key for key, place in navigation.PAGES_BY_KEY.items() if place.of_engagement]
)
def test_every_page_of_an_engagement_can_be_read_as_of_a_date(acme, page):
    test = open_page(page, engagement=acme, as_of=on_day(21).isoformat())
    assert "You are reading what was known on 25 Oct 2026" in words(test)
    assert [button.label for button in test.button if button.label.split()[0] in WRITING] == []
    assert [element.type for element in test.main if element.type in ("data_editor", "file_uploader")] == []
    # Headed by another day would be another time's page; what is kept beside the plan has no day.
    assert "Day 21 of 90" in words(test) or page in ("imports", "journal", "privacy", "settings")


def test_what_is_pressed_in_the_past_changes_nothing(acme):
    def script():
        import streamlit as st

        from ui import feedback

        st.session_state["done"] = []
        feedback.attempt(lambda: st.session_state["done"].append("written"), "Wrote it")
        feedback.show_feedback()

    test = AppTest.from_function(script)
    test.query_params["as_of"] = on_day(21).isoformat()
    test.run()
    assert test.session_state["done"] == []
    assert "You are reading the past, where nothing can be changed" in test.error[0].value


def test_a_page_can_be_read_at_a_revision_and_a_wrong_one_is_refused_in_words(acme):
    assert "at revision 40" in words(open_page("overview", engagement=acme, revision="40"))
    assert "There is no revision 99999" in words(open_page("overview", engagement=acme, revision="99999"))
    assert "is no date or revision to read as of" in words(
        open_page("overview", engagement=acme, as_of="yesterday")
    )
    before = (on_day(1) - timedelta(days=9)).isoformat()
    assert "Nothing was recorded by" in words(open_page("overview", engagement=acme, as_of=before))


def test_changes_between_two_dates_stand_beside_each_other(acme):
    test = open_page(
        "changes", engagement=acme, **{"from": on_day(40).isoformat(), "to": on_day(60).isoformat()}
    )
    assert "changes from 13 Nov to 3 Dec" in words(test)
    assert "Training and documents begun" in tables(test)[0]["About"]
    assert list(tables(test)[0])[2:] == ["13 Nov", "Now"]
    dates = {"from": on_day(30).isoformat(), "to": on_day(50).isoformat()}
    test = open_page("changes", engagement=acme, **dates)
    assert list(tables(test)[0])[2:] == ["3 Nov", "23 Nov"]


def test_the_portfolio_makes_a_pack_and_links_to_it(acme):
    assert Link("/portfolio?do=pack", "Make the portfolio pack") in links(open_page("portfolio"))
    assert "nothing to pack" in words(open_page("portfolio", do="pack"))
    reviews.freeze(the_operator(49), acme, on_day(49))
    test = open_page("portfolio", do="pack")
    (pack,) = [link for link in links(test) if "of 1 engagement" in link.text]
    assert pack.text == "Download the pack of 1 engagement"
    assert pack.href.startswith("/api/v1/portfolio/packs/")
    assert "do" not in test.query_params


@pytest.mark.parametrize("server", ["", "mail.example.com:587"], ids=["none", "without a sender"])
def test_without_a_mail_server_a_frozen_week_is_sent_by_a_ready_text(acme, monkeypatch, server):
    monkeypatch.setenv("HEADWAY_SMTP", server)
    reviews.freeze(the_operator(60), acme, on_day(60))
    test = open_page("review", engagement=acme, week="9")
    (text,) = [element.value for element in test.code]
    assert "Lending platform: week 9 of 13, off track" in text
    assert "Fund the parallel run for two more weeks: Dana Ruiz, COO, by 5 Dec" in text
    assert f"/week/acme/{on_day(60)}" in text


def test_with_a_mail_server_it_says_whom_a_week_is_sent_to(acme, monkeypatch):
    monkeypatch.setenv("HEADWAY_SMTP", "127.0.0.1:1")
    monkeypatch.setenv("HEADWAY_MAIL_FROM", "Headway <h@example.com>")
    reviews.freeze(the_operator(60), acme, on_day(60))
    test = open_page("review", engagement=acme, week="9")
    (choice,) = test.multiselect
    assert choice.label == "Send week 9 to"
    assert any("Dana Ruiz, sponsor" in option for option in choice.options)
    next(button for button in test.button if button.label == "Send week 9").click().run()
    assert "The mail server didn't take it" in test.error[0].value
    assert "Nobody has it" in test.error[0].value


def test_last_weeks_answers_are_filled_in_by_one_click_and_shown_before_they_are_saved(acme):
    test = open_page("review", engagement=acme)

    def checks():
        return next(each for each in test.expander if each.label.startswith("Answer "))

    assert not checks().proto.expanded
    next(button for button in test.button if button.label == "Same as last week").click().run()
    assert checks().proto.expanded
    assert test.radio(key="user_research happening").value is False
    assert test.text_area(key="user_research evidence").value == "Ten people were seen at work"
    assert len(the_state().pitfall_checks) == 1

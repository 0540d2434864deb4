"""The page of decisions: what is needed, overdue first, and what was decided on which evidence."""

import pytest

from models.people import Role
from tests.pages.markup import links
from tests.pages.pages import open_page, words
from tests.pages.test_overview import my_engagement
from tests.pages.work import TODAY_IS_DAY, on_day, the_person_is, three_needed_one_made

pytestmark = pytest.mark.usefixtures("sqlite_database")


def titles(test) -> list[str]:
    """What opens from the page, by the address that opens it."""
    return [link.text for link in links(test) if "&decision=" in link.href]


def test_without_decisions_the_page_says_what_belongs_there():
    my_engagement()
    text = words(open_page("decisions", engagement="acme"))
    assert "No decision is needed" in text
    assert "Nothing was decided yet" in text


def test_what_is_needed_comes_overdue_first_with_owner_and_date():
    my_engagement(day=TODAY_IS_DAY)
    three_needed_one_made()
    test = open_page("decisions", engagement="acme")
    assert titles(test) == ["Fund the parallel run", "Accept the slip", "Name an owner", "Loans first"]
    text = words(test)
    assert "3 decisions needed, 1 overdue" in text
    assert [line.split(", ")[-1] for line in text.splitlines() if ". By " in line] == [
        "3 days ago.",
        "today.",
        "5 days left.",
    ]


def test_what_was_decided_says_when_with_what_outcome_and_on_what_evidence():
    my_engagement(day=TODAY_IS_DAY)
    three_needed_one_made()
    test = open_page("decisions", engagement="acme")
    assert "Loans first" in titles(test)
    text = words(test)
    assert "Loans, then cards" in text
    assert f"{on_day(70).day} {on_day(70):%b %Y}. Rests on: 9 of 12 frictions." in text.replace("\\", "")


def test_a_decision_opens_by_its_address():
    my_engagement(day=TODAY_IS_DAY)
    ids = three_needed_one_made()
    test = open_page("decisions", engagement="acme", decision=str(ids["overdue"]))
    assert "Record the outcome" in [button.label for button in test.button]
    test = open_page("decisions", engagement="acme", decision=str(ids["made"]))
    assert "Save the decision" in [button.label for button in test.button]
    assert "Drop the decision" not in [button.label for button in test.button]


def test_a_viewer_sees_a_decision_without_a_way_to_make_it():
    my_engagement(day=TODAY_IS_DAY)
    ids = three_needed_one_made()
    the_person_is(Role.VIEWER)
    test = open_page("decisions", engagement="acme", decision=str(ids["overdue"]))
    assert not {"Record the outcome", "Ask for a decision"} & {button.label for button in test.button}

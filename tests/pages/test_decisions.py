"""The page of decisions: what is needed, overdue first, and what was decided on which evidence."""

from datetime import timedelta

import pytest

from models.people import Role
from tests.builders import the_state
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


def test_a_decision_is_asked_for_before_day_1():
    my_engagement(day=-20)
    test = open_page("decisions", engagement="acme", do="ask")
    (needed_by,) = test.date_input
    assert needed_by.value == the_state().day_1 + timedelta(days=7)


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


def test_trials_are_recorded_one_after_the_other_and_their_sentence_goes_into_the_decision():
    my_engagement(day=TODAY_IS_DAY)
    three_needed_one_made()
    decision = next(row for row in the_state().decisions if row.title == "Name an owner")
    test = open_page("decisions", engagement="acme", decision=str(decision.id))
    assert open_tab(test) == ""
    for number, (tool, kind, person, minutes) in enumerate(TRIALS):
        prefix = f"trial of {decision.id} {number}: "
        typed = {"tool": tool, "task": f"{kind} it", "person": person}
        for field, value in typed.items():
            test.text_input(key=prefix + field).set_value(value)
        test.button_group(key=prefix + "kind").set_value(kind)
        test.number_input(key=prefix + "minutes").set_value(minutes)
        next(button for button in test.button if button.label == "Record the trial").click().run()
        assert open_tab(test) == "Trials"
    sentence = (
        "Own is first while debugging weighs less than 20%; Rented is first while it weighs more than 20%."
    )
    assert sentence in words(test).replace("\\", "")
    next(button for button in test.button if button.label.startswith("Put this sentence")).click().run()
    concluded = next(row for row in the_state().decisions if row.id == decision.id)
    assert sentence in concluded.rests_on


# At weight w of debugging: Own takes 30 (1-w) + 80 w, Rented 40 (1-w) + 40 w; they meet at w = 1/5.
TRIALS = [
    (tool, kind, person, minutes)
    for tool, kind, minutes in (
        ("Own", "build", 30.0), ("Own", "debug", 80.0), ("Rented", "build", 40.0), ("Rented", "debug", 40.0),
    )
    for person in ("Ada", "Ben")
]  # fmt: skip


def open_tab(test) -> str:
    """The tab of the drawer that is open without a click, "" for the first one."""
    (tabs,) = test.get("tab_container")
    index = tabs.proto.tab_container.default_tab_index
    return tabs.children[index].label if index else ""

"""The page of pitfalls: signals with the way to their evidence, beside this week's question."""

import pytest
from streamlit.testing.v1 import AppTest

from models.people import Role
from tests.builders import the_state
from tests.pages.markup import tables
from tests.pages.pages import open_page, words
from tests.pages.work import the_person_is, the_work

pytestmark = pytest.mark.usefixtures("sqlite_database")


def page() -> AppTest:
    return open_page("pitfalls", engagement="acme")


def answer(test: AppTest, pitfall: str, happening: bool | None, evidence: str) -> None:
    """Answer this week's check of a pitfall on the page."""
    if happening is not None:
        test.radio(key=f"{pitfall} happening").set_value(happening)
    test.text_area(key=f"{pitfall} evidence").set_value(evidence)
    next(button for button in test.button if button.label.startswith("Save ")).click().run()
    assert not test.exception


def test_the_five_stand_with_their_signals_and_questions():
    the_work()
    test = page()
    text = words(test).replace("\\", "")
    assert [header.value for header in test.header][:5] == [
        "Over-engineering the first iteration",
        "Insufficient user research",
        "Skipping instrumentation",
        "Underestimating change management",
        "Treating it as a project with an end date",
    ]
    assert "15 days since the last release to users" in text
    assert "2 live workflows without a metric: “Decide on a *loan*” and “Pay out”" in text
    assert "**Is anything in use whose effect we can't measure?**" in text
    assert "5 checks of this week to answer" in text


def test_an_answer_is_kept_with_its_evidence_and_asked_again_next_week():
    the_work()
    test = page()
    answer(test, "instrumentation", True, "Payouts aren't counted")
    assert "Answered the check" in [toast.value for toast in test.toast]
    (check,) = the_state().pitfall_checks
    assert (check.pitfall, check.happening, check.evidence) == (
        "instrumentation",
        True,
        "Payouts aren't counted",
    )
    assert "4 checks of this week to answer" in words(test)
    assert tables(test)[0]["Answer"] == ["Yes"]
    assert len(test.text_area) == 4


@pytest.mark.parametrize(
    ("happening", "evidence", "problem"), [(None, "Seen", "yes or no"), (True, " ", "evidence")]
)
def test_an_answer_needs_a_choice_and_evidence(happening, evidence, problem):
    the_work()
    test = page()
    answer(test, "end_date", happening, evidence)
    assert problem in test.error[0].value
    assert "Nothing was saved" in test.error[0].value
    assert test.text_area(key="end_date evidence").value == evidence
    assert the_state().pitfall_checks == []


def test_where_answer_and_evidence_disagree_both_are_shown():
    the_work()
    test = page()
    answer(test, "instrumentation", False, "All is counted")
    text = words(test).replace("\\", "")
    assert "They disagree" in text
    assert "is no, but the evidence shows 1 signal" in text
    assert "All is counted" in text
    assert "2 live workflows without a metric" in text


def test_a_second_answer_of_a_week_stands_beside_the_first():
    the_work()
    test = page()
    answer(test, "end_date", False, "Cycle 2 is funded")
    test.toggle(key="end_date again").set_value(True).run()
    answer(test, "end_date", True, "Funding was withdrawn")
    assert tables(test)[0]["Answer"] == ["Yes", "No"]


def test_a_sponsor_reads_the_questions_without_a_form():
    the_work()
    the_person_is(Role.SPONSOR)
    test = page()
    assert len(test.text_area) == 0
    assert "The lead and contributors answer this every week." in words(test)


def test_last_weeks_answers_are_a_click_and_all_are_saved_at_once():
    the_work()
    test = page()
    for key in ("instrumentation", "user research", "end date"):
        if f"{key} evidence" in [area.key for area in test.text_area]:
            answer(test, key, False, f"Asked the team about {key}")
    asked = [area.key.removesuffix(" evidence") for area in test.text_area]
    for key in asked:
        test.radio(key=f"{key} happening").set_value(False)
        test.text_area(key=f"{key} evidence").set_value("Walked through it with Omar")
    next(button for button in test.button if button.label.startswith("Save ")).click().run()
    assert f"Answered {len(asked)} checks" in [toast.value for toast in test.toast]
    assert "This week's checks are answered" in words(test)
    for toggle in list(test.toggle):
        test.toggle(key=toggle.key).set_value(True)
    test.run()
    before = len(the_state().pitfall_checks)
    next(button for button in test.button if button.label == "Same as last week").click().run()
    assert {area.value for area in test.text_area} >= {"Walked through it with Omar"}
    assert len(the_state().pitfall_checks) == before  # nothing is saved before somebody saves it
    next(button for button in test.button if button.label == "Save 5 answers").click().run()
    assert len(the_state().pitfall_checks) == before + 5

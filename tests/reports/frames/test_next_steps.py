"""What to do next: from what is missing, what is late, the day of the plan and the role."""

from datetime import date

import pytest

from models.milestones import milestone_statuses
from models.people import Role
from models.permissions import permits
from models.summarise import summarise
from models.wording import day_month
from reports.frames.next_steps import next_steps, nothing_to_do
from services.inventory import systems
from services.metrics import definitions
from services.plan import cycles, decisions, pitfall_checks
from tests.builders import an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


def steps(day: int, role: Role = Role.LEAD):
    engagement, on = the_state(), on_day(day)
    summary = summarise(engagement)
    steps = next_steps(
        engagement, summary, milestone_statuses(summary, on), on, lambda action: permits(role, action)
    )
    return [(step.what, step.text(on)) for step in steps]


def whats(day: int, role: Role = Role.LEAD) -> list[str]:
    return [what for what, _ in steps(day, role)]


def test_day_1_says_what_the_first_phase_needs():
    an_engagement()
    assert whats(1) == [
        "Add your systems: paste from a spreadsheet",
        "Interview 10 users: 0 planned",
        "Answer 5 checks",
    ]
    assert "Define the metrics of success" in whats(12)


def test_what_is_late_leads_and_says_by_how_much():
    an_engagement()
    decisions.request_decision(the_operator(5), "acme", title="Fund it", owner="Dana", needed_by=on_day(6))
    assert steps(9)[0] == ("Fund it", f"Dana, due {day_month(on_day(6))}, 3 days late")
    assert steps(6)[0][1].endswith("today")


def test_what_was_done_is_no_step_and_the_next_one_takes_its_place():
    an_engagement()
    systems.save(the_operator(2), "acme", added=[{"name": "Portal"}])
    steps = whats(3)
    assert "Add your systems: paste from a spreadsheet" not in steps
    assert any(what.startswith("Complete the inventory: 1 of 1 system without") for what in steps)
    assert "Record what hurts: pain points" in steps
    answer = pitfall_checks.CheckAnswer("end_date", False, "The next cycle is planned")
    pitfall_checks.answer_checks(the_operator(3), "acme", [answer])
    assert "Answer 4 checks" in whats(3)


def test_who_signs_is_told_to_sign_and_who_asks_to_ask():
    an_engagement()
    definition = {"slug": "time", "name": "Time", "unit": "h", "direction": "lower"}
    definitions.define(the_operator(3), "acme", definition)
    assert "Ask for sign-off of 1 metric" in whats(5)
    assert "Sign 1 metric" not in whats(5)
    assert whats(5, Role.SPONSOR) == ["Sign 1 metric"]
    assert whats(5, Role.VIEWER) == []


def test_two_decisions_of_one_title_are_both_waited_for():
    an_engagement()
    for owner in ("Dana Ruiz", "Mei Tan"):
        decisions.request_decision(
            the_operator(3), "acme", title="Approve the budget", owner=owner, needed_by=on_day(9)
        )
    assert whats(5).count("Approve the budget") == 2


def test_a_week_that_is_over_is_to_be_frozen():
    an_engagement()
    assert "Freeze week 1" in whats(8)
    assert not [what for what in whats(7) if what.startswith("Freeze")]


def test_a_milestone_without_evidence_is_grey_and_says_so():
    an_engagement()
    summary = summarise(the_state())
    first = milestone_statuses(summary, on_day(1))[0]
    assert (first.status.value, first.label) == ("not known", "No evidence yet")
    assert isinstance(first.milestone.due_on, date)


def test_measurements_are_asked_for_once_a_metric_is_signed_and_before_that_the_metric():
    an_engagement()
    steps = whats(30)
    assert [what for what in steps if what.startswith("Enter measurements")] == []
    assert steps.count("Define the metrics of success") == 1


def test_a_cycle_whose_days_are_over_is_to_be_closed():
    an_engagement()
    assert [what for what in whats(90) if what.startswith("Close")] == []
    assert "Close cycle 1, so that what is unfinished moves on" in whats(91)
    cycles.close_cycle(the_operator(91), "acme")
    assert [what for what in whats(91) if what.startswith("Close")] == []


def test_between_two_cycles_the_list_says_when_the_next_one_begins():
    an_engagement()
    decisions.request_decision(the_operator(5), "acme", title="Fund it", owner="Dana", needed_by=on_day(70))
    cycles.close_cycle(the_operator(60), "acme")
    assert whats(61) == ["Fund it"]
    engagement = the_state()
    sentence = nothing_to_do(engagement, summarise(engagement), on_day(61))
    assert sentence == "Cycle 1 is closed; cycle 2 begins on 3 Jan 2027. Nothing is due before."


def test_before_day_1_the_list_says_when_the_plan_begins():
    an_engagement()
    engagement = the_state()
    assert whats(-30) == []
    assert nothing_to_do(engagement, summarise(engagement), on_day(-30)).startswith(
        "The plan begins on 5 Oct 2026."
    )
    assert nothing_to_do(engagement, summarise(engagement), on_day(1)) == "Everything that is due is done."

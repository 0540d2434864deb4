"""Pitfall checks: answered with evidence, again every week, never rewritten."""

import pytest

from models.errors import Forbidden, Invalid
from models.people import Role
from services.plan.pitfall_checks import CheckAnswer, answer_checks
from tests.builders import an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


def answer(day: int, happening: bool, evidence: str = "Sat with two underwriters") -> None:
    answer_checks(the_operator(day), "acme", [CheckAnswer("user_research", happening, evidence)])


def test_an_answer_says_who_when_and_by_what_evidence():
    an_engagement()
    answer(20, False)
    (check,) = the_state().pitfall_checks
    assert (check.by, check.answered_on, check.happening, check.evidence) == (
        "operator",
        on_day(20),
        False,
        "Sat with two underwriters",
    )


def test_a_newer_answer_stands_beside_the_older():
    an_engagement()
    answer(20, False)
    answer(20, True, "They never saw a user")
    assert [check.happening for check in the_state().pitfall_checks] == [False, True]


def test_an_answer_without_evidence_is_refused():
    an_engagement()
    with pytest.raises(Invalid, match="Give the evidence for the answer"):
        answer(20, False, "   ")
    assert the_state().pitfall_checks == []


def test_there_are_five_pitfalls_and_no_others():
    an_engagement()
    with pytest.raises(Invalid, match="There is no pitfall “gold_plating”"):
        answer_checks(the_operator(20), "acme", [CheckAnswer("gold_plating", True, "Seen")])


def test_one_answer_without_evidence_keeps_the_others_from_being_saved():
    an_engagement()
    with pytest.raises(Invalid, match="Give the evidence for the answer"):
        answer_checks(
            the_operator(20),
            "acme",
            [CheckAnswer("user_research", True, "Seen"), CheckAnswer("end_date", True, "")],
        )
    assert the_state().pitfall_checks == []


def test_nothing_can_be_answered_before_day_1():
    an_engagement()
    with pytest.raises(Invalid, match="The engagement begins on 5 Oct 2026"):
        answer(0, False)


def test_a_viewer_cannot_answer():
    an_engagement()
    with pytest.raises(Forbidden, match="can't answer pitfall checks"):
        answer_checks(
            an_actor("Vera", role=Role.VIEWER, day=20), "acme", [CheckAnswer("end_date", False, "Seen")]
        )

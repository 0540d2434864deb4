"""The pages of interviews and of the plan ask what only people know: one person or two, a cycle over or not."""

from datetime import timedelta

import pytest

from services.engagement import engagements
from services.interviews import interviews
from services.plan import cycles
from tests.builders import an_engagement, the_operator, the_state
from tests.pages.pages import open_page, words
from tests.pages.test_overview import TODAY, me

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture
def acme() -> str:
    slug = an_engagement("acme", day_1=TODAY - timedelta(days=19))
    engagements.add_first_administrator(the_operator(), "acme")
    return slug


def test_two_spellings_are_asked_about_merged_and_taken_apart(acme):
    for name in ("Sam Okafor", "Okafor, Sam"):
        interviews.record_interview(me(), acme, {"interviewee": name, "held_on": TODAY})
    test = open_page("interviews", engagement=acme)
    assert "They count as two people" in words(test)
    next(button for button in test.button if button.label.startswith("Merge ")).click().run()
    assert len({row.person for row in the_state().interviews}) == 1
    assert "They count as two people" not in words(test)
    next(button for button in test.button if button.label.startswith("Take ")).click().run()
    assert len({row.person for row in the_state().interviews}) == 2


def test_other_names_are_not_asked_about(acme):
    for name in ("Sam Okafor", "Dana Whit"):
        interviews.record_interview(me(), acme, {"interviewee": name, "held_on": TODAY})
    assert "One person or two?" not in [
        each.value for each in open_page("interviews", engagement=acme).header
    ]


def test_a_closed_cycle_is_opened_again_from_the_plan(acme):
    assert not [button for button in open_page("plan", engagement=acme).button if "again" in button.label]
    cycles.close_cycle(me(), acme)
    test = open_page("plan", engagement=acme)
    next(button for button in test.button if button.label == "Open cycle 1 again").click().run()
    assert [cycle.closed_on for cycle in the_state().cycles] == [None]

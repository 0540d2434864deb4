"""The plan: what a lead changes of it, and what cycles carry over."""

from datetime import timedelta

import pytest

from models.errors import Forbidden, Invalid, NotFound
from models.people import Role
from models.summarise import summarise
from services.engagement import engagements
from services.interviews import interviews
from services.plan import cycles, milestones
from store.states import state
from tests.builders import DAY_1, an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


def test_a_new_engagement_has_the_guides_nine_milestones_with_dates_from_day_1():
    an_engagement()
    summary = summarise(the_state())
    names = [row.name for row in summary.milestones]
    assert names[:3] == ["Systems inventoried", "End users interviewed", "Metrics signed"]
    assert len(summary.milestones) == 9
    assert summary.milestones[2].due_on == on_day(30)


def test_moving_day_1_moves_every_milestone_as_the_preview_said():
    an_engagement()
    before = the_state()
    moves = engagements.dates_that_move(before, DAY_1 + timedelta(days=7))
    engagements.move_day_1(the_operator(), "acme", DAY_1 + timedelta(days=7))
    due = {row.name: row.due_on for row in summarise(the_state()).milestones}
    assert {move.what: move.new for move in moves if move.what in due} == due


def test_the_state_before_a_move_can_still_be_had():
    an_engagement()
    revision = the_state().revision
    engagements.move_day_1(the_operator(), "acme", on_day(8))

    earlier = state(the_operator(), "acme", at_revision=revision)
    assert earlier.day_1 == DAY_1


def test_a_claim_needs_an_end_within_30_days():
    an_engagement()
    milestone = the_state().milestones[0]
    with pytest.raises(Invalid, match="has to be from"):
        milestones.state_claim(
            the_operator(3), "acme", milestone.id, says="on track", reason="I know", expires_on=on_day(40)
        )
    assert the_state().claims == []


def test_a_viewer_may_not_waive_and_an_outsider_learns_nothing():
    an_engagement()
    milestone = the_state().milestones[0]
    waiver = {"reason": "Not needed", "approver": "Dana Ruiz", "expires_on": on_day(60)}
    with pytest.raises(Forbidden):
        milestones.waive(an_actor("Vera", role=Role.VIEWER), "acme", milestone.id, **waiver)
    with pytest.raises(NotFound) as unknown:
        milestones.waive(an_actor("Otto", role=None), "nowhere", milestone.id, **waiver)
    with pytest.raises(NotFound) as outside:
        milestones.waive(an_actor("Otto", role=None), "acme", milestone.id, **waiver)
    assert str(unknown.value).replace("nowhere", "acme") == str(outside.value)


def test_closing_a_cycle_carries_what_is_unfinished_into_the_next():
    an_engagement()
    cycles.close_cycle(the_operator(91), "acme")
    now = the_state()
    cycle = now.cycle()
    carried = {row.key: row for row in cycle.milestones}
    assert cycle.number == 2
    assert cycle.day_1 == on_day(91)
    assert carried["interviews"].since_day == -89
    assert carried["interviews"].due_day == 30
    assert carried["workflows"].due_day == 85


def test_day_1_is_not_moved_past_evidence():
    an_engagement()
    an_interview_on(4)
    with pytest.raises(Invalid, match="an interview is dated 8 Oct"):
        engagements.move_day_1(the_operator(9), "acme", on_day(6))
    engagements.move_day_1(the_operator(9), "acme", on_day(3))
    assert the_state().day_1 == on_day(3)


def an_interview_on(day: int) -> None:
    given = {"interviewee": "Ann", "planned_on": on_day(day), "held_on": on_day(day), "end_user": True}
    interviews.record_interview(the_operator(9), "acme", given, [])

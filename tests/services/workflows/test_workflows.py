"""Workflows: what belongs together in their life, what they run over, and who asked for them."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from models.errors import Conflict, Forbidden, Invalid, NotFound
from models.interviews import Friction, Interview
from models.inventory import System
from models.people import Role
from models.permissions import Action
from services.core.transaction import open_engagement, transaction
from services.workflows import workflows
from tests.builders import an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


def a_workflow(day: int = 40, **given: object) -> int:
    """A workflow of acme, told on that day of the plan."""
    return workflows.add_workflow(the_operator(day), "acme", {"name": "Score an application"} | given)


def the_workflow():
    (workflow,) = the_state().workflows
    return workflow


def add(*rows) -> list[int]:
    """Rows of other rooms, which a workflow points to."""

    def put(session: Session) -> list[int]:
        engagement = open_engagement(session, "acme", Action.EDIT_WORKFLOWS)
        for row in rows:
            row.engagement_id = engagement.id
            session.add(row)
        session.flush()
        return [row.id for row in rows]

    with transaction(the_operator(5), "set up a test") as session:
        return put(session)


def frictions(*observed: str) -> list[int]:
    (interview,) = add(
        Interview(planned_on=on_day(4), held_on=on_day(4), interviewee="Ana Costa", end_user=True)
    )
    return add(
        *(
            Friction(interview_id=interview, theme="Waiting", observed=words, severity=4, frequency="daily")
            for words in observed
        )
    )


def test_a_new_workflow_is_a_candidate():
    an_engagement()
    a_workflow()
    assert (the_workflow().state, the_workflow().live_on) == ("candidate", None)


def test_a_workflow_goes_live_on_a_day_from_day_1_to_today():
    an_engagement()
    workflow = a_workflow()
    for wrong in [on_day(0), on_day(41), date(9999, 1, 1)]:
        with pytest.raises(Invalid, match="Going live can't be on"):
            workflows.go_live(the_operator(40), "acme", workflow, live_on=wrong)
    workflows.go_live(the_operator(40), "acme", workflow, live_on=on_day(40))
    assert (the_workflow().state, the_workflow().live_on) == ("live", on_day(40))


def test_live_needs_a_date_and_what_is_being_built_has_none():
    an_engagement()
    with pytest.raises(Invalid, match="Give the date on which the workflow went live"):
        a_workflow(state="live")
    with pytest.raises(Invalid, match="has no date of going live"):
        a_workflow(state="building", live_on=on_day(30))
    assert the_state().workflows == []


def test_a_retired_workflow_keeps_when_it_went_live_and_one_taken_back_does_not():
    an_engagement()
    workflow = a_workflow(state="live", live_on=on_day(35))
    retired = {"state": "retired", "live_on": None}
    workflows.change_workflow(the_operator(60), "acme", workflow, retired)
    assert the_workflow().live_on == on_day(35)
    workflows.change_workflow(the_operator(60), "acme", workflow, {"state": "building"})
    assert the_workflow().live_on is None


def test_only_what_is_given_of_a_workflow_changes():
    an_engagement()
    systems = add(System(name="Core"), System(name="Scoring"))
    workflow = a_workflow(fallback="Score on paper", system_ids=systems, state="live", live_on=on_day(33))
    workflows.change_workflow(the_operator(41), "acme", workflow, {"note": "Two branches first"})
    now = the_workflow()
    assert (now.fallback, now.state, now.live_on) == ("Score on paper", "live", on_day(33))
    assert [use.system.name for use in now.uses] == ["Core", "Scoring"]


def test_its_systems_are_replaced_and_anothers_systems_do_not_exist():
    an_engagement()
    core, scoring, ledger = add(System(name="Core"), System(name="Scoring"), System(name="Ledger"))
    workflow = a_workflow(system_ids=[core, scoring])
    workflows.change_workflow(the_operator(41), "acme", workflow, {"system_ids": [ledger, scoring]})
    assert {use.system.name for use in the_workflow().uses} == {"Scoring", "Ledger"}

    an_engagement("rival")
    with pytest.raises(NotFound, match="no such workflow"):
        workflows.change_workflow(the_operator(41), "rival", workflow, {"name": "Taken over"})
    with pytest.raises(NotFound, match="no such system"):
        workflows.add_workflow(the_operator(41), "rival", {"name": "Theirs", "system_ids": [core]})
    assert the_state("rival").workflows == []


def test_a_fallback_may_be_rehearsed_before_going_live_but_not_before_there_is_one():
    an_engagement()
    workflow = a_workflow()
    with pytest.raises(Invalid, match="no manual fallback"):
        workflows.rehearse_fallback(the_operator(40), "acme", workflow, rehearsed_on=on_day(39))
    workflows.change_workflow(the_operator(40), "acme", workflow, {"fallback": "Score on paper"})
    workflows.rehearse_fallback(
        the_operator(40), "acme", workflow, rehearsed_on=on_day(39), note="12 minutes"
    )
    workflows.change_workflow(the_operator(40), "acme", workflow, {"rehearsed_on": on_day(40)})
    assert [row.rehearsed_on for row in the_workflow().rehearsals] == [on_day(39), on_day(40)]
    assert the_workflow().rehearsals[0].note == "12 minutes"


def test_the_same_rehearsal_told_twice_is_one():
    an_engagement()
    rehearsed = {"name": "Score", "fallback": "On paper", "rehearsed_on": on_day(38)}
    workflow = a_workflow(**rehearsed)
    workflows.change_workflow(the_operator(40), "acme", workflow, rehearsed)
    assert len(the_workflow().rehearsals) == 1


def test_a_rehearsal_in_the_future_changes_nothing_at_all():
    an_engagement()
    with pytest.raises(Invalid, match="The rehearsal can't be on 2026-11-14"):
        a_workflow(fallback="On paper", rehearsed_on=on_day(41))
    assert the_state().workflows == []


def test_frictions_ask_for_one_workflow_at_a_time():
    an_engagement()
    slow, twice = frictions("Waits four hours", "Types it twice")
    score = a_workflow()
    pay_out = workflows.add_workflow(the_operator(40), "acme", {"name": "Pay out"})
    workflows.link_frictions(the_operator(40), "acme", score, [slow, twice])
    workflows.link_frictions(the_operator(40), "acme", pay_out, [twice])
    asked = {row.name: [friction.observed for friction in row.frictions] for row in the_state().workflows}
    assert asked == {"Score an application": ["Waits four hours"], "Pay out": ["Types it twice"]}
    workflows.link_frictions(the_operator(40), "acme", score, [])
    assert not the_state().workflows[0].is_asked_for


def test_two_workflows_cannot_have_one_name():
    an_engagement()
    a_workflow()
    with pytest.raises(Invalid, match="There is a workflow “Score an application” already"):
        a_workflow()
    other = a_workflow(name="Pay out")
    with pytest.raises(Invalid, match="already"):
        workflows.change_workflow(the_operator(40), "acme", other, {"name": "Score an application"})


def test_a_workflow_that_users_worked_through_is_not_removed():
    an_engagement()
    workflow = a_workflow(state="live", live_on=on_day(35))
    with pytest.raises(Invalid, match="retire it instead"):
        workflows.remove_workflow(the_operator(40), "acme", workflow)
    assert the_workflow().is_live


def test_removing_a_candidate_leaves_the_friction_that_asked_for_it():
    an_engagement()
    (slow,) = frictions("Waits four hours")
    (core,) = add(System(name="Core"))
    workflow = a_workflow(fallback="On paper", system_ids=[core], rehearsed_on=on_day(39))
    workflows.link_frictions(the_operator(40), "acme", workflow, [slow])
    workflows.remove_workflow(the_operator(40), "acme", workflow)
    now = the_state()
    assert (now.workflows, now.rehearsals, now.systems[0].in_workflows) == ([], [], [])
    assert now.frictions[0].workflow_id is None


def test_the_second_of_two_people_editing_a_workflow_is_told_what_the_first_changed():
    an_engagement()
    workflow = a_workflow()
    seen = the_workflow().version
    workflows.change_workflow(the_operator(40), "acme", workflow, {"name": "Score"}, seen)
    with pytest.raises(Conflict, match="changed name from “Score an application” to “Score”"):
        workflows.change_workflow(the_operator(40), "acme", workflow, {"name": "Rate"}, seen)
    assert the_workflow().name == "Score"


def test_a_sponsor_cannot_edit_workflows():
    an_engagement()
    with pytest.raises(Forbidden, match="can't edit workflows"):
        workflows.add_workflow(an_actor("Dana Ruiz", role=Role.SPONSOR, day=40), "acme", {"name": "Score"})


@pytest.mark.parametrize("name", [None, "", "  ", "x" * 301, "a\x00b"])
def test_a_workflow_needs_a_name_that_can_be_shown(name):
    an_engagement()
    with pytest.raises(Invalid, match="Nothing was saved"):
        a_workflow(name=name)

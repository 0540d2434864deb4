"""Replacements and their shares: facts are always recorded, and what can't be is refused with a sentence."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Conflict, HeadwayError, Invalid, NotFound
from models.journal import JournalEntry
from models.replacement_states import replacement_status
from models.replacements import Replacement
from models.summarise import summarise
from models.wording import day_month
from services.core.validation import LATEST
from services.inventory import systems
from services.replacements import gating, proofs, replacements
from services.workflows import workflows
from tests.builders import an_engagement, on_day, the_operator, the_state
from tests.services.replacements.cutting_over import (
    DAY,
    NAME,
    a_replacement,
    a_system,
    may_cut_over,
    system_ids,
    the_gate,
    the_lead,
    waive,
)

pytestmark = pytest.mark.usefixtures("database")


def entries() -> int:
    with Session(engine()) as session:
        return session.scalar(select(func.count()).select_from(JournalEntry))


def refused(match: str, do, *given, **more) -> None:
    """The use case is refused with that sentence, and nothing was changed."""
    lead, before = the_lead(), entries()
    with pytest.raises(HeadwayError, match=match):
        do(lead, "acme", *given, **more)
    assert entries() == before


def state_of(day: int):
    return replacement_status(summarise(the_state()).replacements[0], on_day(day))


def test_a_share_is_recorded_whatever_the_gate_says_and_a_full_one_without_it_is_off_track():
    row_id = a_replacement()
    replacements.record_share(the_lead(40), "acme", row_id, on=on_day(40), percent=100)
    assert (state_of(40).state.value, state_of(40).status.value) == (
        "cut over without an open gate",
        "off track",
    )
    replacements.record_share(the_lead(41), "acme", row_id, on=on_day(41), percent=0, why="Errors")
    assert state_of(41).state.value == "rolled back"


def test_a_second_share_of_one_day_takes_the_place_of_the_first():
    row_id = a_replacement()
    for percent in (5, 7.5):
        replacements.record_share(the_lead(40), "acme", row_id, on=on_day(40), percent=percent)
    ((share,),) = [row.shares for row in the_state().replacements]
    assert share.percent == 7.5


@pytest.mark.parametrize("percent", [140, -1, float("nan"), float("inf")])
def test_a_share_that_cant_be_is_refused(percent):
    row_id = a_replacement()
    refused("Nothing was saved", replacements.record_share, row_id, on=on_day(40), percent=percent)


def test_a_share_before_day_1_or_of_tomorrow_is_refused():
    row_id = a_replacement()
    for day in (0, 48):
        refused("The share can't be on", replacements.record_share, row_id, on=on_day(day), percent=5)


def test_what_belongs_to_another_engagement_doesnt_exist():
    row_id = a_replacement()
    an_engagement("other", name="Somebody else's")
    theirs = a_system("Their core", "other")
    old, new = system_ids()
    refused("There is no such system", replacements.change_replacement, row_id, {"new_id": theirs})
    with pytest.raises(NotFound):
        replacements.record_share(the_operator(40), "other", row_id, on=on_day(40), percent=5)
    assert the_state().replacements[0].new_id == new != old


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"name": " "}, "Give the replacement's name"),
        ({"old_id": None}, "Choose the old system"),
        ({"retire_by": None}, "Give the date of switching the old part off"),
        ({"retire_by": on_day(0)}, "Switching the old part off can't be on"),
        ({"needs_breaker": False}, "Give the reason why no circuit breaker is needed"),
        ({"retired_on": on_day(60)}, "Switching the old part off can't be on"),
    ],
)
def test_a_replacement_that_doesnt_hold_together_is_refused(given, match):
    refused(match, replacements.change_replacement, a_replacement(), given)


def test_a_system_cant_replace_itself_and_a_name_is_taken_once():
    row_id = a_replacement()
    old, _ = system_ids()
    refused("A system can't replace itself", replacements.change_replacement, row_id, {"new_id": old})
    flow, (_, new) = the_state().workflows[0].id, system_ids()
    again = {
        "name": "application  INTAKE",
        "workflow_id": flow,
        "old_id": old,
        "new_id": new,
        "retire_by": LATEST,
    }
    refused("There is a replacement", replacements.add_replacement, again)


def test_an_edit_of_what_somebody_else_changed_is_refused_with_their_change():
    row_id = a_replacement()
    seen = the_state().replacements[0].version
    replacements.change_replacement(the_lead(), "acme", row_id, {"how_back": "Turn the flag"}, seen)
    with pytest.raises(Conflict, match="changed how back from “Switch the route back” to “Turn the flag”"):
        replacements.change_replacement(the_lead(), "acme", row_id, {"how_back": "Nothing"}, seen)


def test_one_of_which_work_was_moved_stays_and_one_that_only_has_proofs_can_go():
    row_id = a_replacement()
    tried = {"kind": "rollback", "on": on_day(40), "outcome": "failed"}
    proofs.record_proof(the_lead(), "acme", row_id, tried)
    replacements.remove_replacement(the_lead(), "acme", row_id)
    assert the_state().replacements == []
    flow, (old, new) = the_state().workflows[0].id, system_ids()
    given = {"name": NAME, "workflow_id": flow, "old_id": old, "new_id": new, "retire_by": LATEST}
    again = replacements.add_replacement(the_lead(), "acme", given)
    replacements.record_share(the_lead(), "acme", again, on=on_day(40), percent=1)
    refused("stays on record", replacements.remove_replacement, again)


def test_what_a_replacement_names_cant_be_removed():
    a_replacement()
    (flow,) = the_state().workflows
    refused("“Application intake” moves its work", workflows.remove_workflow, flow.id)
    system = the_state().systems[0]
    refused("1 replacement names it", systems.save, removed=[(system.id, system.version)])


def switch_off(row_id: int, day: int = 40, on: int = DAY) -> None:
    replacements.change_replacement(the_lead(on), "acme", row_id, {"retired_on": on_day(day)})


def test_a_new_replacement_cant_be_switched_off_already():
    a_replacement()
    flow, (old, new) = the_state().workflows[0].id, system_ids()
    given = {"name": "Second", "workflow_id": flow, "old_id": old, "new_id": new, "retire_by": LATEST}
    refused(
        "“Mainframe form” can't be recorded as switched off: no share says that the new part answers any of the work",
        replacements.add_replacement,
        given | {"retired_on": on_day(40)},
    )


def test_what_was_never_cut_over_isnt_switched_off_and_the_refusal_names_what_is_missing():
    row_id = a_replacement()
    refused("no share says that", replacements.change_replacement, row_id, {"retired_on": on_day(40)})
    replacements.record_share(the_lead(), "acme", row_id, on=on_day(36), percent=25)
    refused(
        "the new part answers 25% of the work, not all of it, and its cutover was not approved. "
        "Its gate is closed: .*never",
        replacements.change_replacement,
        row_id,
        {"retired_on": on_day(40)},
    )
    replacements.record_share(the_lead(), "acme", row_id, on=on_day(38), percent=100)
    refused(
        "its cutover was not approved.*approve it afterwards",
        replacements.change_replacement,
        row_id,
        {"retired_on": on_day(40)},
    )
    assert state_of(DAY).state.value == "cut over without an open gate"


def test_what_was_cut_over_is_switched_off_since_the_new_part_answers_everything():
    row_id = may_cut_over()
    gating.approve_cutover(the_lead(), "acme", row_id, the_gate(row_id).digest)
    replacements.record_share(the_lead(), "acme", row_id, on=on_day(DAY), percent=100)
    refused(
        f"the new part answers all of the work only since {day_month(on_day(DAY))}",
        replacements.change_replacement,
        row_id,
        {"retired_on": on_day(DAY - 1)},
    )
    switch_off(row_id, DAY)
    assert state_of(DAY).state.value == "retired"


def test_what_was_switched_off_in_an_emergency_is_waived_with_reasons_and_approved_afterwards():
    row_id = a_replacement()
    why = "It went down and couldn't be started again"
    replacements.record_share(the_lead(), "acme", row_id, on=on_day(40), percent=100, why=why)
    for check in the_gate(row_id).missing:
        waive(row_id, check.name, reason=why)
    gating.approve_cutover(the_lead(), "acme", row_id, the_gate(row_id).digest)
    switch_off(row_id, 41)
    assert (state_of(DAY).state.value, the_state().replacements[0].retired_on) == ("retired", on_day(41))


def test_one_that_was_stored_as_switched_off_before_can_be_edited_and_taken_back_but_not_dated_anew():
    row_id = a_replacement()
    with engine().begin() as connection:
        connection.execute(update(Replacement).values(retired_on=on_day(40)))
    given = {"retired_on": on_day(40), "how_back": "Turn the flag"}
    replacements.change_replacement(the_lead(), "acme", row_id, given)
    assert state_of(DAY).state.value == "retired"
    refused("can't be recorded as", replacements.change_replacement, row_id, {"retired_on": on_day(41)})
    replacements.change_replacement(the_lead(), "acme", row_id, {"retired_on": None})
    assert state_of(DAY).state.value == "planned"


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"kind": "hope"}, "There is no kind of proof “hope”"),
        ({"kind": "traces"}, "Traces are read from a file"),
        ({"outcome": "maybe"}, "There is no outcome of the proof"),
        ({"on": on_day(0)}, "The proof can't be on"),
        ({"n": 5}, "Only a comparison counts answers"),
        ({"kind": "comparison", "n": 5, "bad": 6}, "More answers can't differ"),
        ({"kind": "comparison", "n": -1}, "has to be a whole number"),
        ({"link": "javascript:alert(1)"}, "has to begin with https"),
    ],
)
def test_a_proof_that_cant_be_is_refused(given, match):
    fields = {"kind": "rollback", "on": on_day(40), "outcome": "passed"}
    refused(match, proofs.record_proof, a_replacement(), fields | given)


def test_a_rehearsal_that_failed_counts_as_failed_and_one_without_an_answer_as_before():
    may_cut_over()
    (flow,) = the_state().workflows
    workflows.rehearse_fallback(
        the_lead(), "acme", flow.id, rehearsed_on=on_day(46), worked=False, minutes=95
    )
    (flow,) = the_state().workflows
    assert [(row.worked, row.minutes) for row in flow.rehearsals] == [(True, None), (False, 95)]
    assert summarise(the_state()).workflows[0].rehearsed_on == [on_day(42)]
    with pytest.raises(Invalid, match="whole number from 0"):
        workflows.rehearse_fallback(the_lead(), "acme", flow.id, rehearsed_on=on_day(46), minutes=-5)

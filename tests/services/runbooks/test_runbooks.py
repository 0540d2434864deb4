"""Writing a runbook: what can't be run is refused with a sentence, and nothing is changed."""

import json

import pytest

from models.errors import Conflict, HeadwayError, Invalid
from models.journal import sha256_of
from services.runbooks import runbooks
from tests.builders import the_state
from tests.services.runbooks.builders import a_replacement, a_runbook, a_step, lead, the_runbook

pytestmark = pytest.mark.usefixtures("database")


def edit(runbook_id: int, **edits: object) -> None:
    runbooks.save_steps(lead(), "acme", runbook_id, **edits)


def change(runbook_id: int, number: str, **fields: object) -> None:
    row = next(step for step in the_runbook().steps if step.key == number)
    edit(runbook_id, changed=[(row.id, row.version, fields)])


def test_a_runbook_has_its_steps_in_the_order_of_their_numbers():
    runbook_id = a_runbook()
    edit(runbook_id, added=[a_step("10", "Watch", "4", 30, ""), a_step("2a", "Look", "2", 3, "")])
    plan = [step["key"] for step in json.loads(the_runbook().plan())["steps"]]
    assert plan == ["1", "2", "2a", "3", "4", "10"]


def test_a_step_without_a_number_gets_the_next_one():
    runbook_id = a_runbook()
    edit(runbook_id, added=[a_step("", "Watch", "4", 30, "") | {"key": None}])
    assert the_runbook().steps[-1].key == "5"


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ({"after": "4"}, "No step of 1, 2, 3 and 4 can ever start: each waits for another of them."),
        ({"after": "9"}, "Step 1, “Freeze intake”: it comes after step “9”, which isn't there."),
        ({"after": "1"}, "Step 1, “Freeze intake”: it can't come after itself."),
        ({"key": "2"}, "There is a step 2 already. Give each step a number of its own."),
        ({"no_return": True}, "after a point of no return nothing is undone"),
        ({"undo": None}, "say either how it is undone, or why there is nothing to undo"),
        ({"timeout": 5}, "It would time out after 5 min, before its planned 6 min are over."),
        ({"minutes": 0}, "The planned minutes has to be a whole number from 1 to 10,080."),
        ({"owner_kind": "robot"}, "There is no kind of owner “robot”"),
        ({"title": ""}, "Give the step's title"),
    ],
)
def test_a_plan_that_cant_be_run_is_refused_and_nothing_is_changed(edits, sentence):
    runbook_id = a_runbook()
    before, revision = the_runbook().plan(), the_state().revision
    with pytest.raises(Invalid) as refused:
        change(runbook_id, "1", **edits)
    assert sentence in str(refused.value)
    assert "Nothing was saved." in str(refused.value)
    assert (the_runbook().plan(), the_state().revision) == (before, revision)


def test_a_step_that_others_wait_for_cant_be_removed():
    runbook_id = a_runbook()
    row = the_runbook().steps[0]
    with pytest.raises(Invalid, match="comes after step “1”, which isn't there"):
        edit(runbook_id, removed=[(row.id, row.version)])


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Freeze"},
        {"owner": "Ops"},
        {"check": "It shows 1"},
        {"minutes": 7},
        {"undo": "Open it"},
        {"timeout": 31},
    ],
)
def test_any_edit_changes_the_digest_of_the_plan(fields):
    runbook_id = a_runbook()
    before = sha256_of(the_runbook().plan())
    change(runbook_id, "1", **fields)
    assert sha256_of(the_runbook().plan()) != before


def test_an_edit_that_is_taken_back_is_the_plan_that_was_rehearsed():
    runbook_id = a_runbook()
    before = sha256_of(the_runbook().plan())
    change(runbook_id, "1", minutes=7)
    change(runbook_id, "1", minutes=6)
    assert sha256_of(the_runbook().plan()) == before


def test_the_second_to_edit_a_step_is_told_what_changed():
    runbook_id = a_runbook()
    row = the_runbook().steps[0]
    change(runbook_id, "1", minutes=7)
    with pytest.raises(Conflict, match="Mei Tan changed minutes from “6” to “7”"):
        edit(runbook_id, changed=[(row.id, row.version, {"minutes": 8})])


def test_a_replacement_has_one_runbook():
    a_runbook()
    given = {"replacement_id": the_state().replacements[0].id, "name": "Another", "in_charge": "Mei Tan"}
    with pytest.raises(Invalid, match="“Loan decision” has a runbook already"):
        runbooks.write_runbook(lead(), "acme", given)


def test_a_replacement_of_another_engagement_doesnt_exist():
    a_replacement("acme")
    theirs = a_replacement("corvid")
    with pytest.raises(HeadwayError, match="no such replacement"):
        runbooks.write_runbook(lead(), "acme", {"replacement_id": theirs, "name": "N", "in_charge": "Mei"})


def test_the_person_in_charge_is_part_of_the_plan():
    runbook_id = a_runbook()
    before = sha256_of(the_runbook().plan())
    runbooks.change_runbook(lead(), "acme", runbook_id, {"in_charge": "Ana"}, the_runbook().version)
    assert sha256_of(the_runbook().plan()) != before

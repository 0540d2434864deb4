"""The gate inside a transaction: nobody approves what isn't there any more, and nobody waives for ever."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Conflict, Forbidden, Invalid
from models.people import Role
from models.replacements import Cutover
from reports.replacements.gates import gates
from services.replacements import gate_addresses, gating, proofs, replacements
from services.workflows import workflows
from store.states import state
from tests.builders import an_actor, noon, on_day, the_operator, the_state
from tests.services.replacements.cutting_over import (
    DAY,
    a_replacement,
    may_cut_over,
    seen_in_traces,
    system_ids,
    the_gate,
    the_lead,
    the_proof,
    waive,
)

pytestmark = pytest.mark.usefixtures("database")


def approve(row_id: int, shown: str, day: int = DAY) -> int:
    return gating.approve_cutover(the_lead(day), "acme", row_id, shown)


def cutovers() -> list[Cutover]:
    with Session(engine()) as session:
        return list(session.scalars(select(Cutover)))


def test_what_is_approved_is_kept_as_it_stood_and_can_be_neither_changed_nor_removed():
    row_id = may_cut_over()
    shown = the_gate(row_id)
    assert shown.open
    approve(row_id, shown.digest)
    (kept,) = cutovers()
    assert (kept.approved_by, kept.approved_on, kept.digest) == ("Mei Tan", on_day(DAY), shown.digest)
    assert json.loads(kept.gate) == shown.as_json()
    for statement in (update(Cutover).values(approved_by="Nobody"), Cutover.__table__.delete()):
        with pytest.raises(IntegrityError, match="append-only"), engine().begin() as connection:
            connection.execute(statement)


def test_another_replacement_that_is_called_by_its_number_is_not_taken_for_it():
    row_id = may_cut_over()
    old, new = system_ids()
    workflow_id = workflows.add_workflow(the_operator(DAY), "acme", {"name": "Pay", "fallback": "On paper"})
    given = {"name": str(row_id), "workflow_id": workflow_id, "old_id": new, "new_id": old}
    replacements.add_replacement(
        the_operator(DAY), "acme", given | {"retire_by": on_day(80), "how_back": "Route"}
    )
    shown = the_gate(row_id)
    assert shown.open
    secret = gate_addresses.open_address(the_lead(), "acme", row_id)
    assert gate_addresses.gate_of_address(secret, noon(DAY)).open
    approve(row_id, shown.digest)
    assert [row.replacement_id for row in cutovers()] == [row_id]


def test_an_approval_is_refused_with_what_is_missing():
    row_id = may_cut_over()
    before = the_state().revision
    shown = the_gate(row_id)
    proofs.withdraw_proof(the_lead(), "acme", the_proof("rollback"))
    with pytest.raises(Invalid) as refused:
        approve(row_id, shown.digest)
    assert str(refused.value) == (
        "“Application intake” may not cut over yet: going back was never tested. Nothing was saved."
    )
    assert (cutovers(), the_state().revision) == ([], before + 1)


def test_a_page_shown_before_a_proof_failed_approves_nothing():
    row_id = may_cut_over()
    shown = the_gate(row_id)
    proofs.record_proof(
        the_lead(), "acme", row_id, {"kind": "rollback", "on": on_day(DAY), "outcome": "failed"}
    )
    with pytest.raises(Invalid, match="going back was tested on 20 Nov and failed"):
        approve(row_id, shown.digest)


def test_a_page_shown_before_something_else_changed_is_looked_at_again():
    row_id = may_cut_over()
    shown = the_gate(row_id)
    given = {"kind": "comparison", "on": on_day(DAY), "outcome": "passed", "n": 5000, "bad": 1}
    proofs.record_proof(the_lead(), "acme", row_id, given)
    with pytest.raises(Conflict, match="has changed since it was shown"):
        approve(row_id, shown.digest)
    assert cutovers() == []
    approve(row_id, the_gate(row_id).digest)


def test_only_a_lead_approves():
    row_id = may_cut_over()
    helper = an_actor("Tomás Vega", role=Role.CONTRIBUTOR, day=DAY)
    with pytest.raises(Forbidden, match="can't approve a cutover"):
        gating.approve_cutover(helper, "acme", row_id, the_gate(row_id).digest)


def test_a_waiver_ends_on_its_day():
    row_id = may_cut_over()
    proofs.withdraw_proof(the_lead(), "acme", the_proof("rollback"))
    waive(row_id, "rollback", expires_on=on_day(DAY + 1))
    outcomes = {day: the_gate(row_id, day).checks[2].outcome.value for day in (DAY, DAY + 1, DAY + 2)}
    assert outcomes == {DAY: "waived", DAY + 1: "waived", DAY + 2: "not known"}


def test_a_waiver_of_31_days_is_refused_and_so_is_one_of_a_check_that_passed():
    row_id = may_cut_over()
    with pytest.raises(Invalid, match="The waiver's end can't be on"):
        waive(row_id, "contract", expires_on=on_day(DAY + 31))
    waive(row_id, "contract", expires_on=on_day(DAY + 30))
    with pytest.raises(Invalid, match="The check “going back” passed"):
        waive(row_id, "rollback")
    with pytest.raises(Invalid, match="There is no check “luck”"):
        waive(row_id, "luck")
    with pytest.raises(Invalid, match="there is no “other” of the check “contract”"):
        waive(row_id, "contract", covers=["other"])
    for lacking in ("reason", "approver"):
        with pytest.raises(Invalid, match=f"Give the {lacking}"):
            waive(row_id, "contract", **{lacking: " "})


def test_a_revoked_waiver_closes_the_gate():
    row_id = may_cut_over()
    (waiver,) = the_state().replacements[0].waivers
    gating.revoke_gate_waiver(the_lead(), "acme", waiver.id)
    assert the_gate(row_id).sentence == ("“Application intake” may not cut over yet: no contract is named.")


def test_the_gate_of_an_earlier_revision_is_the_one_that_stood_then():
    row_id = may_cut_over()
    proofs.withdraw_proof(the_lead(), "acme", the_proof("breaker"))
    closed_at = the_state().revision
    proofs.record_proof(
        the_lead(), "acme", row_id, {"kind": "breaker", "on": on_day(DAY), "outcome": "passed"}
    )
    approve(row_id, the_gate(row_id).digest)
    replacements.record_share(the_lead(), "acme", row_id, on=on_day(DAY), percent=100)
    then = state(the_operator(DAY), "acme", closed_at)
    gate = gates(the_operator(DAY), then, on_day(DAY), closed_at)[row_id]
    assert [check.name for check in gate.missing] == ["breaker"]
    assert then.replacements[0].cutovers == []
    assert gates(the_operator(DAY), the_state(), on_day(DAY))[row_id].open


def test_a_replacement_of_which_nothing_is_known_misses_everything():
    row_id = a_replacement()
    gate = the_gate(row_id)
    assert [check.outcome.value for check in gate.checks] == ["not known"] * 7


def test_values_since_the_first_share_are_counted():
    row_id = may_cut_over()
    replacements.record_share(the_lead(), "acme", row_id, on=on_day(35), percent=0)
    assert the_gate(row_id).checks[6].outcome.value == "passed"
    later = on_day(DAY) + timedelta(days=6)
    seen_in_traces(row_id)
    assert the_gate(row_id, (later - on_day(1)).days + 1).checks[6].outcome.value == "passed"

"""What the sample tells of replacements: each stage of one, and an evening that was rehearsed and then done for real."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.engagement import Engagement
from models.people import operator
from models.replacement_states import replacement_status
from models.run_times import undos_to_rehearse
from models.saga import RunState
from models.summarise import summarise
from reports.replacements.gates import gates
from services import sample
from store.states import state

WEDNESDAY = datetime(2026, 11, 18, 12, tzinfo=UTC)
SLUG = "larkspur-lending"


@pytest.fixture
def lender(sqlite_database: str) -> Engagement:
    sample.load(WEDNESDAY, only=SLUG)
    return state(operator(WEDNESDAY), SLUG)


def test_it_has_every_stage_and_a_runbook_that_was_rehearsed_and_run(lender):
    on = WEDNESDAY.date()
    stages = {row.name: replacement_status(row, on).state.value for row in summarise(lender).replacements}
    assert stages == {
        "Loan decision": "cut over",
        "Application intake": "shifting",
        "Payout run": "rolled back",
        "Bank statements": "planned",
    }
    verdicts = {row.name: gates(operator(WEDNESDAY), lender, on)[row.id] for row in lender.replacements}
    outcomes = {check.name: check.outcome.value for check in verdicts["Loan decision"].checks}
    assert outcomes.pop("traces") == "out of date"  # they were read before the cutover, a week ago
    assert set(outcomes.values()) == {"passed"}
    assert {check.outcome.value for check in verdicts["Application intake"].checks} >= {"waived", "not known"}
    assert lender.replacements[0].contract.name == "Decision API"

    done, written = lender.runbooks
    rehearsal, real = done.runs
    assert (rehearsal.kind, rehearsal.progress(WEDNESDAY).state) == ("rehearsal", RunState.ROLLED_BACK)
    assert (real.kind, real.progress(WEDNESDAY).state) == ("real", RunState.DONE)
    assert real.digest == rehearsal.digest
    assert undos_to_rehearse(real.steps(), done.rehearsals(real.digest, WEDNESDAY)) == []
    assert [report.by for report in real.reports if report.outcome == "go"] == ["Dana Ruiz"]
    assert written.not_rehearsed(WEDNESDAY) == "the plan was never rehearsed"

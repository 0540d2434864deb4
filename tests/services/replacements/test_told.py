"""What other pages tell of replacements: the difference, the review, next steps, pitfalls, and the golden thread."""

from __future__ import annotations

import json

import pytest

from models.difference import difference
from models.golden_thread import gaps
from models.milestones import milestone_statuses
from models.pitfalls import pitfalls
from models.state_changes import DatedState
from models.summarise import summarise
from reports.frames import next_steps as steps
from reports.replacements.gates import gates
from reports.replacements.rows import history
from reports.review.draft import draft
from services.plan.templates import template, templates
from services.replacements import gating, proofs, replacements
from services.review import reviews
from store.reviews import document
from tests.builders import an_engagement, on_day, the_operator, the_state
from tests.services.replacements.cutting_over import (
    DAY,
    NAME,
    a_replacement,
    may_cut_over,
    the_gate,
    the_lead,
    the_proof,
)

pytestmark = pytest.mark.usefixtures("database")


def at(day: int) -> DatedState:
    return DatedState.of(the_state(), on_day(day))


def changes(before: DatedState, after: DatedState) -> list[tuple[str, str, str, str]]:
    rows = [row for row in difference(before, after) if row.page == "replacements"]
    assert [row.mirrored for row in rows] == [
        row for row in difference(after, before) if row.page == "replacements"
    ]
    return [(row.kind.value, row.about, row.old, row.new) for row in rows]


def share(row_id: int, day: int, percent: float) -> None:
    replacements.record_share(the_lead(day), "acme", row_id, on=on_day(day), percent=percent)


def signals(day: int) -> list[str]:
    signals = pitfalls(summarise(the_state()), on_day(day))
    return [signal.text for row in signals for signal in row.signals if signal.page == "replacements"]


def next_steps(day: int) -> list[tuple[str, str]]:
    state, on = the_state(), on_day(day)
    summary = summarise(state)
    verdicts = gates(the_operator(day), state, on)
    rows = steps.next_steps(state, summary, milestone_statuses(summary, on), on, gates=verdicts)
    return [(row.what, row.text(on)) for row in rows if row.page == "replacements"]


def test_each_step_of_a_replacement_is_a_change_that_reads_backwards_too():
    row_id = may_cut_over()
    began = at(DAY)
    share(row_id, DAY, 50)
    more = at(DAY)
    assert changes(began, more) == [("begun", NAME, "shifting, 25%", "shifting, 50%")]
    share(row_id, DAY, 5)
    assert changes(more, at(DAY)) == [("put back", NAME, "shifting, 50%", "rolled back to 5%")]
    share(row_id, DAY, 100)
    ungated = at(DAY)
    assert changes(more, ungated)[0] == ("broken", NAME, "shifting, 50%", "cut over without an open gate")
    gating.approve_cutover(the_lead(), "acme", row_id, the_gate(row_id).digest)
    kinds = {(kind, about) for kind, about, _, _ in changes(more, at(DAY))}
    assert kinds == {("live", NAME), ("new", "Approved cutovers")}


def test_what_is_tried_and_waived_is_counted():
    before_any = a_replacement()
    before = at(DAY)
    given = {"kind": "rollback", "on": on_day(DAY), "outcome": "passed"}
    proofs.record_proof(the_lead(), "acme", before_any, given)
    gating.waive_check(
        the_lead(),
        "acme",
        before_any,
        check="breaker",
        reason="R",
        approver="Dana",
        expires_on=on_day(DAY + 5),
    )
    assert changes(before, at(DAY)) == [
        ("new", "Proofs", "0 proofs", "1 proof"),
        ("new", "Waivers of checks", "0 waivers", "1 waiver"),
    ]


def test_a_full_share_without_a_gate_is_in_the_reviews_exceptions_a_signal_and_a_next_step():
    row_id = a_replacement()
    share(row_id, DAY, 100)
    content = draft(the_operator(DAY), "acme", on_day(DAY)).composed.content
    (row,) = [row for row in content["exceptions"] if row["key"] == f"replacement {row_id}"]
    assert (row["name"], row["status"], row["reason"]) == (NAME, "off track", "Cut over without an open gate")
    assert {"name": "Replacements cut over", "now": "0 of 1", "before": "0 of 1"} in content["leading"]
    assert signals(DAY) == ["“Application intake” cut over without an open gate"]
    assert next_steps(DAY) == [
        (f"{NAME} cut over without an open gate: go back, or close what is missing", "Mei Tan")
    ]
    share(row_id, DAY, 0)
    assert (signals(DAY), next_steps(DAY)) == ([], [])


def test_an_open_gate_waits_for_its_approval_and_an_old_part_that_runs_on_for_its_end():
    row_id = may_cut_over()
    assert next_steps(DAY) == [(f"Approve the cutover of {NAME}: its gate is open", "Mei Tan")]
    gating.approve_cutover(the_lead(), "acme", row_id, the_gate(row_id).digest)
    assert next_steps(DAY) == []
    share(row_id, DAY, 100)
    assert (next_steps(80), signals(80)) == ([], [])
    assert next_steps(81) == [("Switch off Mainframe form", "Mei Tan, due 23 Dec, 1 day late")]
    assert signals(81) == ["“Application intake” cut over 34 days ago, “Mainframe form” still runs"]


def test_the_golden_thread_is_cut_where_nobody_said_how_to_go_back():
    row_id = a_replacement()
    assert not [gap for gap in gaps(the_state()) if gap.page == "replacements"]
    replacements.change_replacement(the_lead(), "acme", row_id, {"how_back": None})
    (gap,) = [gap for gap in gaps(the_state()) if gap.page == "replacements"]
    assert gap.text == "Application intake: nobody described how to go back"


def test_a_week_that_was_frozen_before_the_cutover_keeps_its_bytes():
    row_id = may_cut_over()
    proofs.withdraw_proof(the_lead(), "acme", the_proof("rollback"))
    frozen = reviews.freeze(the_operator(DAY), "acme", on_day(DAY))
    before = document(the_operator(DAY), "acme", frozen.digest)
    given = {"kind": "rollback", "on": on_day(DAY), "outcome": "passed"}
    proofs.record_proof(the_lead(), "acme", row_id, given)
    gating.approve_cutover(the_lead(), "acme", row_id, the_gate(row_id).digest)
    share(row_id, DAY, 100)
    after = document(the_operator(DAY), "acme", frozen.digest)
    assert json.dumps(after.content, default=str) == json.dumps(before.content, default=str)


def test_the_history_has_the_newest_first():
    row_id = may_cut_over()
    gating.approve_cutover(the_lead(), "acme", row_id, the_gate(row_id).digest)
    entries = history(the_state().replacements[0])
    assert [entry.on for entry in entries] == sorted((entry.on for entry in entries), reverse=True)
    assert {"Cutover approved", "Share 25%", "Traces: passed"} <= {entry.what for entry in entries}


def test_the_plan_with_replacements_can_be_chosen_and_the_guides_nine_stay_the_default():
    assert templates()[:2] == ["30-60-90", "30-60-90-replacement"]
    keys = {
        name: [row.key for phase in template(name).phases for row in phase.milestones]
        for name in templates()[:2]
    }
    assert len(keys["30-60-90"]) == 9
    further = ["architecture", "contracts", "cut_over", "seen_first"]
    assert [key for key in keys["30-60-90-replacement"] if key not in further] == keys["30-60-90"]
    assert set(further) < set(keys["30-60-90-replacement"])
    an_engagement("planned", template_name="30-60-90-replacement")
    rows = {row.name: (row.criterion, row.start_day, row.due_day) for row in the_state("planned").milestones}
    assert rows["Architecture reviewed"] == ("architecture_reviewed", 1, 25)
    assert rows["Contracts frozen"] == ("contracts_frozen", 31, 45)
    assert rows["First part cut over"] == ("replacement_cut_over", 61, 88)
    assert rows["Seen before cutover"] == ("seen_before_cutover", 61, 88)

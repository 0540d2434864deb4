"""Runs: what a real one needs, who may say what, and what a rehearsal proves."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import AlreadyDone, Conflict, Forbidden, Invalid
from models.people import Role
from models.run_times import forecast_end, turn_back_before
from services.runbooks import reporting, runbooks, runs
from tests.builders import an_actor, the_state
from tests.services.runbooks.builders import (
    DAY,
    Evening,
    a_real_run,
    a_rehearsal,
    a_runbook,
    a_step,
    an_approval,
    lead,
    moment,
    sponsor,
    the_runbook,
)

pytestmark = pytest.mark.usefixtures("database")
WINDOW = {"window_from": moment(600), "window_until": moment(900)}


def prepare(runbook_id: int) -> int:
    return runs.prepare_run(lead(minute=590), "acme", runbook_id, **WINDOW)


def test_a_real_run_goes_after_approval_rehearsal_undo_and_the_sponsors_go():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    an_approval()
    evening = a_real_run(runbook_id)
    evening.does("1", "2", "3", "4")
    run = the_runbook().run(evening.number)
    assert (run.kind, run.progress(moment(700)).state) == ("real", "done")
    assert [report.by for report in run.reports][0] == "Dana Ruiz"


def test_without_the_gates_approval_nothing_runs_for_real():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    with pytest.raises(Invalid, match="can't run for real yet: its cutover was not approved at the gate"):
        prepare(runbook_id)


def test_an_approval_lapses_after_seven_days():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    an_approval(day=DAY - 8)
    with pytest.raises(Invalid, match="its approval at the gate has lapsed after 7 days"):
        prepare(runbook_id)


def test_an_approval_is_for_one_run():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    an_approval()
    evening = a_real_run(runbook_id)
    evening.report("", "roll back")
    with pytest.raises(Invalid, match="its approval was used by a run"):
        runs.prepare_run(
            lead(minute=650), "acme", runbook_id, window_from=moment(650), window_until=moment(900)
        )


def test_a_plan_that_was_never_rehearsed_doesnt_run_for_real():
    runbook_id = a_runbook()
    an_approval()
    with pytest.raises(Invalid, match="the plan was never rehearsed"):
        prepare(runbook_id)


def test_a_rehearsal_that_didnt_reach_the_end_isnt_enough():
    runbook_id = a_runbook()
    an_approval()
    evening = Evening(runbook_id, runs.rehearse(lead(), "acme", runbook_id))
    evening.does("1")
    evening.report("", "roll back")
    evening.does("1", direction="undo")
    with pytest.raises(Invalid, match="no rehearsal of this plan did every step to its end"):
        prepare(runbook_id)


def test_an_undo_that_no_rehearsal_carried_out_is_named():
    runbook_id = a_runbook()
    an_approval()
    a_rehearsal(runbook_id, undo=False)
    with pytest.raises(
        Invalid, match="carried out the undo of “Freeze intake”, “Drain the queue” and “Share to 100%”"
    ):
        prepare(runbook_id)


def test_any_edit_after_the_rehearsal_asks_for_another_one():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    an_approval()
    row = the_runbook().steps[0]
    runbooks.save_steps(lead(), "acme", runbook_id, changed=[(row.id, row.version, {"check": "It shows 1"})])
    with pytest.raises(Invalid, match="the plan was edited since its rehearsal"):
        prepare(runbook_id)


def test_an_edit_between_preparing_and_go_is_refused_at_go():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    an_approval()
    number = prepare(runbook_id)
    shown = the_runbook().run(number).digest
    runbooks.save_steps(lead(), "acme", runbook_id, added=[a_step("5", "Watch", "4", 3, "")])
    with pytest.raises(Invalid, match="edited since this run was prepared"):
        runs.say_go(sponsor(610), "acme", runbook_id, number, shown=shown)
    assert the_runbook().run(number).progress(moment(620)).state == "waiting for go"


@pytest.mark.parametrize(
    ("minute", "sentence"),
    [(599, r"The window opens on Fri 20 Nov, 22:00 \(UTC\)"), (900, "The window is over")],
)
def test_go_is_said_within_the_window(minute, sentence):
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    an_approval()
    number = prepare(runbook_id)
    with pytest.raises(Invalid, match=sentence):
        runs.say_go(sponsor(minute), "acme", runbook_id, number, shown=the_runbook().run(number).digest)


def test_go_is_for_the_plan_that_was_shown():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    an_approval()
    number = prepare(runbook_id)
    with pytest.raises(Conflict, match="isn't the plan that you were shown"):
        runs.say_go(sponsor(610), "acme", runbook_id, number, shown="another")


def test_before_the_go_nobody_reports_a_step():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    an_approval()
    evening = Evening(runbook_id, prepare(runbook_id), 610)
    with pytest.raises(Conflict, match="This run has not begun"):
        evening.report("1", "started")


def test_one_run_at_a_time():
    runbook_id = a_runbook()
    runs.rehearse(lead(), "acme", runbook_id)
    with pytest.raises(Invalid, match="Run 1 of “Switch the nightly batch off” is running: end it first"):
        runs.rehearse(lead(minute=1), "acme", runbook_id)


def test_a_runbook_without_steps_isnt_rehearsed():
    runbook_id = a_runbook(steps=[])
    with pytest.raises(Invalid, match="has no steps yet"):
        runs.rehearse(lead(), "acme", runbook_id)


@pytest.mark.parametrize("until", [-5, 0, 60 * 24 * 8])
def test_a_window_that_makes_no_sense_is_refused(until):
    runbook_id = a_runbook()
    with pytest.raises(Invalid, match="window"):
        runs.prepare_run(lead(), "acme", runbook_id, window_from=moment(0), window_until=moment(until))


def test_a_report_for_a_step_that_isnt_handed_out_changes_nothing():
    runbook_id = a_runbook()
    evening = Evening(runbook_id, runs.rehearse(lead(), "acme", runbook_id))
    before = the_state().revision
    for step, outcome, direction, sentence in [
        ("4", "started", "do", "is not handed out: before it comes “Drain the queue”"),
        ("1", "done", "do", "was not started"),
        ("1", "started", "undo", "is not handed out"),
        ("9", "started", "do", "There is no step “9” in this run"),
    ]:
        with pytest.raises(Conflict, match=sentence):
            evening.report(step, outcome, direction)
    for given in [{"outcome": "go"}, {"outcome": "finished"}, {}, {"outcome": "done"}, {"outcome": "done", "x": "y"},
                  {"step": "1", "outcome": "roll back"}, {"step": 1.5, "outcome": "done"}]:  # fmt: skip
        with pytest.raises(Invalid):
            reporting.report(lead(), "acme", runbook_id, 1, given, name="n")
    assert the_state().revision == before


def test_the_same_report_again_is_answered_as_it_was_and_done_once():
    runbook_id = a_runbook()
    evening = Evening(runbook_id, runs.rehearse(lead(), "acme", runbook_id))
    first = evening.report("1", "started", name="mine")
    evening.report("1", "done", name="then")
    again = evening.report("1", "started", name="mine")
    assert (again.report_id, again.replayed) == (first.report_id, True)
    assert again.progress.tasks == first.progress.tasks
    assert len(the_runbook().runs[0].reports) == 3  # with the go
    with pytest.raises(Invalid, match="This name came with another report before"):
        evening.report("1", "failed", name="mine")


def test_a_double_click_is_done_once():
    runbook_id = a_runbook()
    runs.rehearse(lead(), "acme", runbook_id)
    click = replace(lead(minute=1), once="click")
    given = {"step": "1", "outcome": "started"}
    reporting.report(click, "acme", runbook_id, 1, given, name="a")
    with pytest.raises(AlreadyDone):
        reporting.report(click, "acme", runbook_id, 1, given, name="a")


def test_the_failed_undo_waits_for_the_lead_who_says_why():
    runbook_id = a_runbook()
    evening = Evening(runbook_id, runs.rehearse(lead(), "acme", runbook_id))
    evening.does("1")
    evening.report("", "roll back")
    evening.report("1", "started", "undo")
    assert evening.report("1", "failed", "undo").progress.state == "needs a person"
    with pytest.raises(Conflict, match="Say why"):
        evening.report("1", "skipped", "undo")
    ops = an_actor("Ops", role=Role.CONTRIBUTOR, day=DAY)
    given = {"step": "1", "direction": "undo", "outcome": "skipped", "reason": "No"}
    with pytest.raises(Forbidden, match="can't decide how a run goes on"):
        reporting.report(ops, "acme", runbook_id, 1, given, name="n")
    assert (
        evening.report("1", "done by hand", "undo", "Opened at the console").progress.state == "rolled back"
    )


def test_forecast_and_turning_back_use_what_was_rehearsed():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)  # each step took 5 min, each undo 20
    an_approval()
    evening = a_real_run(runbook_id)
    evening.does("1")  # until 606
    run = the_runbook().run(evening.number)
    progress, durations = run.progress(moment(606)), run.runbook.durations(run.digest, moment(606))
    assert forecast_end(progress, durations) == moment(616)  # 2 and 3 beside each other, then 4
    assert turn_back_before(progress, durations, run.window_until) == moment(900 - 20)
    evening.does("2", "3")
    progress = the_runbook().run(evening.number).progress(moment(620))
    assert turn_back_before(progress, durations, run.window_until) == moment(900 - 40)


def test_the_moment_to_turn_back_isnt_guessed_where_an_undo_was_never_rehearsed():
    runbook_id = a_runbook()
    number = runs.rehearse(lead(), "acme", runbook_id, moment(60))
    evening = Evening(runbook_id, number)
    run = the_runbook().run(number)
    durations = run.runbook.durations(run.digest, moment(1))
    assert turn_back_before(run.progress(moment(1)), durations, run.window_until) == moment(60)
    evening.does("1")
    progress = the_runbook().run(number).progress(moment(10))
    assert turn_back_before(progress, durations, run.window_until) is None


def proofs() -> list[tuple[str, str, str, int | None]]:
    (replacement,) = the_state().replacements
    return [(row.kind, row.outcome, row.note, row.seconds) for row in replacement.proofs]


def test_a_rehearsal_with_its_undo_is_the_proof_of_going_back():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    took = (20 * 3 + 2) * 60
    text = "Rehearsal 1 of “Switch the nightly batch off”: every undo was carried out"
    assert proofs() == [("rollback", "passed", text, took)]
    (rehearsal,) = the_state().rehearsals
    assert (rehearsal.worked, rehearsal.minutes, rehearsal.workflow.name) == (True, 62, "Loan decision")


def test_a_rehearsal_that_tried_one_undo_of_three_proves_nothing_yet():
    runbook_id = a_runbook()
    evening = Evening(runbook_id, runs.rehearse(lead(), "acme", runbook_id))
    evening.does("1")
    evening.report("", "roll back")
    evening.does("1", direction="undo")
    assert [row[1] for row in proofs()] == ["inconclusive"]
    assert the_state().rehearsals == []


def test_an_undo_that_failed_in_a_rehearsal_is_a_rollback_that_failed():
    runbook_id = a_runbook()
    evening = Evening(runbook_id, runs.rehearse(lead(), "acme", runbook_id))
    evening.does("1")
    evening.report("", "roll back")
    evening.report("1", "started", "undo")
    evening.report("1", "failed", "undo")
    assert [row[1] for row in proofs()] == ["failed"]
    evening.report("1", "done by hand", "undo", "At the console")
    assert [row[1] for row in proofs()] == ["failed", "failed"]
    assert [row.worked for row in the_state().rehearsals] == [False]


def test_a_real_run_that_is_rolled_back_proves_nothing():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    an_approval()
    evening = a_real_run(runbook_id)
    evening.does("1")
    evening.report("", "roll back")
    evening.does("1", direction="undo")
    assert len(proofs()) == 1


def test_runs_and_reports_are_append_only():
    runbook_id = a_runbook()
    a_rehearsal(runbook_id)
    for statement in (
        "UPDATE run SET plan = 'x'",
        "DELETE FROM run_report",
        "UPDATE run_report SET outcome = 'done'",
    ):
        with Session(engine()) as session, pytest.raises(DBAPIError, match="append-only"):
            session.execute(text(statement))


def test_a_run_is_the_same_at_an_earlier_revision():
    runbook_id = a_runbook()
    evening = Evening(runbook_id, runs.rehearse(lead(), "acme", runbook_id))
    evening.report("1", "started")
    revision = the_state().revision
    evening.report("1", "done")
    from store.states import state

    then = state(lead(), "acme", revision).runbooks[0].runs[0].progress(moment(1))
    assert then.done["1"].in_flight


def test_a_rehearsal_of_an_evening_doesnt_time_out_the_next_morning_unseen():
    runbook_id = a_runbook()
    evening = Evening(runbook_id, runs.rehearse(lead(), "acme", runbook_id))
    evening.report("1", "started")
    late = the_runbook().runs[0].progress(moment(0) + timedelta(hours=12))
    assert (late.state, late.turned) == ("needs a person", "“Freeze intake” timed out after 30 min")

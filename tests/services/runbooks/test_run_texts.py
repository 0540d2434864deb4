"""What the page of a run says of its plan and of the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reports.frames.runs import (
    failure_text,
    minutes_text,
    plan_duration,
    rehearsed_text,
    turn_back_text,
)
from services.runbooks import runs
from tests.services.runbooks.builders import Evening, a_rehearsal, a_runbook, lead, moment, the_runbook

pytestmark = pytest.mark.usefixtures("sqlite_database")


def texts_at(minute: float) -> tuple[str, str]:
    """How often the plan was rehearsed, and how long it takes."""
    runbook = the_runbook()
    now = moment(minute)
    return rehearsed_text(runbook, runbook.digest(), now), minutes_text(plan_duration(runbook, now))


def test_a_rehearsal_counts_once_every_step_of_it_was_done():
    row_id = a_runbook()
    assert texts_at(0) == ("plan never rehearsed", "18 min")
    evening = Evening(row_id, runs.rehearse(lead(), "acme", row_id))
    evening.does("1", "2", "3", minutes=1)
    assert texts_at(10) == ("plan never rehearsed", "18 min")
    evening.does("4", minutes=1)
    assert texts_at(20) == ("plan rehearsed once", "3 min")
    evening.report("", "roll back")
    evening.does("4", "2", "1", direction="undo")
    assert texts_at(60) == ("plan rehearsed once", "3 min")


def test_a_rehearsal_that_was_rolled_back_on_its_way_counts_for_its_undos_alone():
    row_id = a_runbook()
    number = runs.rehearse(lead(), "acme", row_id)
    evening = Evening(row_id, number)
    evening.does("1", minutes=29)
    evening.report("", "roll back")
    evening.does("1", direction="undo", minutes=7)
    run = the_runbook().run(number)
    assert run.progress(moment(60)).state == "rolled back"
    assert texts_at(60) == ("plan never rehearsed", "18 min")
    durations = run.runbook.durations(run.digest, moment(60))
    assert (durations.done, durations.undone) == ({}, {"1": timedelta(minutes=7)})
    assert the_runbook().not_rehearsed(moment(60)) == "no rehearsal of this plan did every step to its end"


def test_a_rehearsal_in_which_a_step_was_skipped_counts_no_more_than_for_the_real_run():
    steps = [("1", "Stop the batch", "", 6, ""), ("2", "Remove its jobs", "1", 10, "")]
    row_id = a_runbook(steps=steps, no_return=True)
    evening = Evening(row_id, runs.rehearse(lead(), "acme", row_id))
    evening.does("1", minutes=1)
    evening.report("2", "started")
    evening.report("2", "failed")
    evening.report("2", "skipped", reason="Empty already")
    assert the_runbook().runs[0].progress(moment(60)).state == "done"
    assert texts_at(60) == ("plan never rehearsed", "16 min")


def test_before_anything_is_done_there_is_nothing_to_undo():
    row_id = a_runbook()
    a_rehearsal(row_id)
    number = runs.rehearse(lead(minute=600), "acme", row_id, window_until=moment(900))
    evening = Evening(row_id, number, 600)

    def text() -> str:
        run = the_runbook().run(number)
        now = moment(evening.minute)
        return turn_back_text(run.progress(now), run.runbook.durations(run.digest, now), run.window_until)

    assert text() == "in 5 h; nothing to undo yet"
    evening.does("1")
    assert text().endswith("; undo takes 20 min")


def test_what_a_failure_does_is_said_before_it_is_reported():
    row_id = a_runbook()
    number = runs.rehearse(lead(), "acme", row_id)
    evening = Evening(row_id, number)

    def texts() -> list[str]:
        run = the_runbook().run(number)
        progress = run.progress(moment(evening.minute))
        return [
            failure_text(task, progress, "Mei Tan") for task in progress.tasks if "failed" in task.outcomes
        ]

    turns = "The run turns round: nothing more is started. "
    as_before = (
        "Failed means that all is as it was before the step; if it isn't, report it done and roll back."
    )
    evening.report("1", "started")
    assert texts() == [f"{turns}Nothing is there to undo, so it ends. This can't be taken back. {as_before}"]
    evening.report("1", "done")
    evening.report("2", "started")
    assert texts() == [f"{turns}What was done is undone, newest first. This can't be taken back. {as_before}"]
    evening.report("3", "started")
    assert texts()[0] == (
        f"{turns}What is under way reports first; then what was done is undone, newest first. "
        f"This can't be taken back. {as_before}"
    )
    evening.report("3", "failed")
    assert texts() == [f"The run goes back already: this step counts as not done. {as_before}"]

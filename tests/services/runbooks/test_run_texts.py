"""What the page of a run says of its plan and of the way back."""

from __future__ import annotations

import pytest

from reports.frames.runs import failure_text, rehearsed_text, turn_back_text
from services.runbooks import runs
from tests.services.runbooks.builders import Evening, a_rehearsal, a_runbook, lead, moment, the_runbook

pytestmark = pytest.mark.usefixtures("sqlite_database")


def test_a_rehearsal_counts_once_it_came_to_its_end():
    row_id = a_runbook()
    number = runs.rehearse(lead(), "acme", row_id)
    digest = the_runbook().run(number).digest
    assert rehearsed_text(the_runbook(), digest, moment(1)) == "plan never rehearsed"
    Evening(row_id, number).report("", "roll back")
    assert rehearsed_text(the_runbook(), digest, moment(9)) == "plan rehearsed once"


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

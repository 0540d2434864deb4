"""What the page of a run says of its plan and of the way back."""

from __future__ import annotations

import pytest

from reports.frames.runs import rehearsed_text, turn_back_text
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

"""Programs that take part are told when a step waits for them."""

from __future__ import annotations

import pytest

from models.events import TYPES
from services.runbooks import runs
from store.events import events
from tests.builders import the_operator
from tests.services.runbooks.builders import Evening, a_runbook, at, lead

pytestmark = pytest.mark.usefixtures("database")


def told() -> list[str]:
    """The types of the events about runs, oldest first."""
    found = events(the_operator(), "acme", "https://h.example")
    return [row["type"] for row in found if row["type"].startswith(("run.", "cutover.step"))]


def a_rehearsal() -> Evening:
    row_id = a_runbook()
    return Evening(row_id, runs.rehearse(at(lead(), 0), "acme", row_id))


def test_whoever_opens_a_step_is_an_event_of_its_own():
    evening = a_rehearsal()
    assert "cutover.step-open" in TYPES
    assert told() == ["cutover.step-open"]  # the first step waits
    evening.says("1", "started")
    assert told()[1:] == ["run.reported"]
    evening.says("1", "done")  # two steps come after it
    assert told()[2:] == ["cutover.step-open"]
    evening.says("2", "started")
    evening.says("2", "failed")  # the undo of the first step waits
    assert told()[3:] == ["run.reported", "cutover.step-open"]
    evening.says("1", "started", direction="undo")
    evening.says("1", "done", direction="undo")
    assert told()[5:] == ["run.reported", "run.reported"]


def test_steps_in_flight_report_before_an_undo_waits_for_somebody():
    evening = a_rehearsal()
    for step, outcome in [("1", "started"), ("1", "done"), ("2", "started"), ("3", "started")]:
        evening.says(step, outcome)
    evening.minute += 6 * 60  # both time out, and report late
    evening.says("2", "done")
    assert told()[-1] == "run.reported"
    evening.says("3", "done")
    assert told()[-1] == "cutover.step-open"

"""Programs that take part are told when a step waits for them."""

from __future__ import annotations

import pytest

from models.events import TYPES
from services.runbooks import runs
from store.events import events
from tests.builders import the_operator
from tests.services.runbooks.builders import Evening, a_runbook, at, lead

pytestmark = pytest.mark.usefixtures("database")


def step_events() -> list[str]:
    """The types of the events about runs, oldest first."""
    sent = events(the_operator(), "acme", "https://h.example")
    return [row["type"] for row in sent if row["type"].startswith(("run.", "cutover.step"))]


def a_rehearsal() -> Evening:
    row_id = a_runbook()
    return Evening(row_id, runs.rehearse(at(lead(), 0), "acme", row_id))


def test_whoever_opens_a_step_is_an_event_of_its_own():
    evening = a_rehearsal()
    assert "cutover.step-open" in TYPES
    assert step_events() == ["cutover.step-open"]  # the first step waits
    evening.report("1", "started")
    assert step_events()[1:] == ["run.reported"]
    evening.report("1", "done")  # two steps come after it
    assert step_events()[2:] == ["cutover.step-open"]
    evening.report("2", "started")
    evening.report("2", "failed")  # the undo of the first step waits
    assert step_events()[3:] == ["run.reported", "cutover.step-open"]
    evening.report("1", "started", direction="undo")
    evening.report("1", "done", direction="undo")
    assert step_events()[5:] == ["run.reported", "run.reported"]


def test_steps_in_flight_report_before_an_undo_waits_for_somebody():
    evening = a_rehearsal()
    for step, outcome in [("1", "started"), ("1", "done"), ("2", "started"), ("3", "started")]:
        evening.report(step, outcome)
    evening.minute += 6 * 60  # both time out, and report late
    evening.report("2", "done")
    assert step_events()[-1] == "run.reported"
    evening.report("3", "done")
    assert step_events()[-1] == "cutover.step-open"

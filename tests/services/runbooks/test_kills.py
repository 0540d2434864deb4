"""`kill -9` of those who take part in a run, at any moment: it ends as it should, and nothing is done out of order.

100 kills on each database: HEADWAY_FULL=1.
"""

import json
import os
from threading import Barrier, Thread

import pytest

from models.errors import Conflict, HeadwayError
from models.saga import accept, replay
from services.runbooks import reporting, runs
from tests import forked_python
from tests.builders import the_state
from tests.models.referee import Referee
from tests.services.runbooks.builders import a_runbook, lead, the_runbook

pytestmark = [pytest.mark.fault, pytest.mark.usefixtures("database")]

KILLS = 100 if os.environ.get("HEADWAY_FULL") else 12
ROUNDS = 100 if os.environ.get("HEADWAY_FULL") else 12
SEED = 16
STEPS = [
    ("1", "Freeze", "", 6, "Open"),
    ("2", "Drain", "1", 10, "Fill"),
    ("3", "Check", "1", 5, ""),
    ("4", "Copy", "1", 5, "Delete"),
    ("5", "Share", "2, 3, 4", 2, "Share back"),
    ("6", "Warm up", "5", 2, "Cool down"),
    ("7", "Tell", "5", 2, ""),
    ("8", "Open", "6, 7", 2, "Close"),
]


def test_three_participants_who_are_killed_end_every_run_in_order():
    runbook_id = a_runbook(steps=STEPS)
    ran = forked_python.run("-m", "tests.services.runbooks.killed", runbook_id, KILLS, SEED)
    assert ran.returncode == 0, ran.stderr
    reports = json.loads(ran.stdout)
    assert reports["killed"] == KILLS
    # How a run ends is up to chance, and so is, of few, whether each end is met.
    assert set(reports["ends"]) <= {"done", "rolled back"}
    assert len(set(reports["ends"])) == 2 or KILLS < 100
    for run in the_runbook().runs:
        referee, progress = Referee(run.steps()), replay(run.steps(), [], run.created_at)
        assert [report.outcome for report in run.reports][0] == "go"
        for row in run.reports:
            report = row.as_report()
            referee.sees(report)
            assert accept(progress, report) == "", "a report was stored that the rules refuse"


@pytest.mark.parametrize("outcome", ["started", "done", "roll back"])
def test_of_two_people_who_press_one_step_at_once_one_wins_and_the_other_is_told(outcome):
    runbook_id = a_runbook()
    for round_number in range(ROUNDS // 3 + 1):
        number = runs.rehearse(lead(minute=round_number), "acme", runbook_id)
        if outcome == "done":
            press(runbook_id, number, "started", "before")
        answers: list[object] = []
        start = Barrier(2)
        people = [
            Thread(target=try_to, args=(answers, start, runbook_id, number, outcome, name)) for name in "ab"
        ]
        for person in people:
            person.start()
        for person in people:
            person.join()
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Reported"], answers
        (refused,) = [answer for answer in answers if isinstance(answer, Conflict)]
        expected = {"started": "“Freeze intake” was started at", "done": "“Freeze intake” was reported done at",
                    "roll back": "This run turned round already"}  # fmt: skip
        assert expected[outcome] in str(refused)
        end(runbook_id, number, outcome)
    assert the_state().revision


def press(runbook_id: int, number: int, outcome: str, name: str, direction: str = "do") -> reporting.Reported:
    step = {} if outcome == "roll back" else {"step": "1", "direction": direction}
    return reporting.report(lead(), "acme", runbook_id, number, step | {"outcome": outcome}, name=name)


def try_to(
    answers: list[object], start: Barrier, runbook_id: int, number: int, outcome: str, name: str
) -> None:
    start.wait()
    try:
        answers.append(press(runbook_id, number, outcome, name))
    except HeadwayError as refused:
        answers.append(refused)


def end(runbook_id: int, number: int, outcome: str) -> None:
    """Bring the run to its end, so that the next one can begin."""
    if outcome == "roll back":
        return
    if outcome == "started":
        press(runbook_id, number, "done", "then")
    press(runbook_id, number, "roll back", "back")
    press(runbook_id, number, "started", "undo", "undo")
    press(runbook_id, number, "done", "undone", "undo")

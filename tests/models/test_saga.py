"""The rules of a run, in examples that read like an evening's cutover."""

from __future__ import annotations

import pytest

from models.saga import Direction, Progress, Report, ReportOutcome, RunState, Step, accept, replay
from tests.models.saga_steps import DO, START, UNDO, a_step, at


class Evening:
    """A run in which each report comes a minute after the one before."""

    def __init__(self, *plan: Step) -> None:
        self.plan, self.reports, self.minute = plan, [], 0.0
        assert self.report("", "go") == ""

    def report(self, step: str, outcome: str, direction: Direction = DO, reason: str = "") -> str:
        """Report, and return why it was refused, if it was."""
        self.minute += 1
        report = Report(step, direction, ReportOutcome(outcome), at(self.minute), "Mei", reason)
        refused = accept(replay(self.plan, self.reports, at(self.minute)), report)
        if not refused:
            self.reports.append(report)
        return refused

    def does(self, *steps: str, direction: Direction = DO) -> None:
        for step in steps:
            assert self.report(step, "started", direction) == ""
            assert self.report(step, "done", direction) == ""

    def waits(self, minutes: float) -> None:
        self.minute += minutes

    @property
    def now(self) -> Progress:
        return replay(self.plan, self.reports, at(self.minute))

    @property
    def open(self) -> list[tuple[str, str, set[str]]]:
        return [(task.step.key, task.direction, set(task.outcomes)) for task in self.now.tasks]


def freeze_drain_stop() -> Evening:
    return Evening(a_step("freeze"), a_step("drain", "freeze"), a_step("stop", "drain"))


def test_steps_are_handed_out_in_order_until_the_run_is_done():
    evening = freeze_drain_stop()
    assert evening.open == [("freeze", "do", {"started"})]
    evening.does("freeze", "drain", "stop")
    assert (evening.now.state, evening.open) == (RunState.DONE, [])


def test_a_step_waits_for_all_that_comes_before_it():
    evening = Evening(a_step("a"), a_step("b"), a_step("c", "a b"))
    evening.does("a")
    assert evening.report("c", "started") == "“C” is not handed out: before it comes “B”."
    assert [step for step, _, _ in evening.open] == ["b"]


def test_a_step_that_was_not_started_cant_be_done():
    evening = freeze_drain_stop()
    assert evening.report("freeze", "done") == "“Freeze” was not started; it can be reported started."


def test_the_second_to_start_a_step_is_told_so():
    evening = freeze_drain_stop()
    evening.report("freeze", "started")
    assert evening.report("freeze", "started").startswith("“Freeze” was started at 20:02 UTC")


def test_a_failure_turns_the_run_round_and_undoes_newest_first():
    evening = freeze_drain_stop()
    evening.does("freeze", "drain")
    evening.report("stop", "started")
    evening.report("stop", "failed")
    assert evening.now.state is RunState.ROLLING_BACK
    assert (
        evening.report("stop", "started") == "“Stop” is not handed out: the run turned round: “Stop” failed."
    )
    assert evening.report("freeze", "started", UNDO).startswith("The undo of “Freeze” is not handed out")
    evening.does("drain", "freeze", direction=UNDO)
    assert evening.now.state is RunState.ROLLED_BACK


def test_steps_in_flight_report_before_anything_is_undone():
    evening = Evening(a_step("first"), a_step("left", "first"), a_step("right", "first"))
    evening.does("first")
    evening.report("left", "started")
    evening.report("right", "started")
    evening.report("left", "failed")
    assert evening.open == [("right", "do", {"done", "failed"})]
    assert evening.report("first", "started", UNDO) != ""
    evening.report("right", "done")
    assert evening.open == [("right", "undo", {"started"})]


def test_a_time_out_turns_the_run_round_and_asks_a_person_what_became_of_the_step():
    evening = freeze_drain_stop()
    evening.report("freeze", "started")
    evening.waits(30)
    assert evening.now.turned == "“Freeze” timed out after 30 min"
    assert evening.now.state is RunState.NEEDS_PERSON
    assert evening.open == [("freeze", "do", {"done", "failed"})]
    evening.report("freeze", "done")  # late, so it is undone
    assert evening.open == [("freeze", "undo", {"started"})]


def test_a_step_that_leaves_nothing_to_undo_is_passed_over():
    evening = Evening(a_step("a"), a_step("look", "a", undo="", no_undo="It only reads"))
    evening.does("a", "look")
    evening = Evening(a_step("a"), a_step("look", "a", undo="", no_undo="It only reads"), a_step("z", "look"))
    evening.does("a", "look")
    assert evening.report("", "roll back") == ""
    assert evening.open == [("a", "undo", {"started"})]


@pytest.mark.parametrize(
    ("decision", "then"),
    [
        ("retry", RunState.ROLLING_BACK),
        ("done by hand", RunState.ROLLED_BACK),
        ("skipped", RunState.ROLLED_BACK),
    ],
)
def test_an_undo_that_fails_waits_for_a_person_who_says_why(decision, then):
    evening = freeze_drain_stop()
    evening.does("freeze")
    evening.report("", "roll back")
    evening.report("freeze", "started", UNDO)
    evening.report("freeze", "failed", UNDO)
    assert evening.now.state is RunState.NEEDS_PERSON
    assert evening.report("freeze", decision, UNDO).startswith("Say why")
    assert evening.report("freeze", decision, UNDO, "The share is read-only") == ""
    assert evening.now.state is then


def test_an_undo_that_times_out_waits_for_a_person():
    evening = freeze_drain_stop()
    evening.does("freeze")
    evening.report("", "roll back")
    evening.report("freeze", "started", UNDO)
    evening.waits(30)
    assert evening.now.state is RunState.NEEDS_PERSON


def test_a_run_that_is_done_can_still_be_rolled_back():
    evening = freeze_drain_stop()
    evening.does("freeze", "drain", "stop")
    assert evening.report("", "roll back") == ""
    evening.does("stop", "drain", "freeze", direction=UNDO)
    assert evening.now.state is RunState.ROLLED_BACK
    assert evening.report("", "roll back") == "This run turned round already: Mei rolled it back."


def test_a_run_that_was_called_off_before_it_began_never_begins():
    plan = [a_step("a")]
    reports = [Report("", DO, ReportOutcome.ROLL_BACK, at(1), "Mei"), Report("", DO, ReportOutcome.GO, at(2))]
    assert replay(plan, reports, at(3)).state is RunState.ROLLED_BACK


def past_the_point() -> Evening:
    evening = Evening(
        a_step("drain"),
        a_step("stop", "drain", undo="", no_undo="Its jobs are gone", no_return=True),
        a_step("watch", "stop"),
    )
    evening.does("drain", "stop")
    return evening


def test_past_the_point_of_no_return_nobody_rolls_back():
    assert past_the_point().report("", "roll back") == "There is no way back: “Stop” is done."


@pytest.mark.parametrize("decision", ["done by hand", "skipped"])
def test_a_failure_past_the_point_of_no_return_waits_for_a_person(decision):
    evening = past_the_point()
    evening.report("watch", "started")
    evening.report("watch", "failed")
    assert evening.now.state is RunState.NEEDS_PERSON
    assert evening.open == [("watch", "do", {"retry", "done by hand", "skipped"})]
    assert evening.report("watch", decision, reason="Seen in the log") == ""
    assert evening.now.state is RunState.DONE


def test_a_retry_hands_the_step_out_again():
    evening = past_the_point()
    evening.report("watch", "started")
    evening.report("watch", "failed")
    evening.report("watch", "retry", reason="The network is back")
    assert evening.open == [("watch", "do", {"started"})]


def test_when_the_point_of_no_return_is_passed_while_turning_round_the_run_goes_on():
    """Both were in flight: one failed, then the other turned out to be done, and can't be undone."""
    evening = Evening(a_step("copy"), a_step("stop", undo="", no_undo="Gone", no_return=True))
    evening.report("copy", "started")
    evening.report("stop", "started")
    evening.report("copy", "failed")
    assert evening.now.state is RunState.ROLLING_BACK
    evening.report("stop", "done")
    assert evening.now.state is RunState.NEEDS_PERSON
    assert evening.open == [("copy", "do", {"retry", "done by hand", "skipped"})]


def test_before_go_nothing_is_handed_out():
    progress = replay([a_step("a")], [], START)
    assert (progress.state, progress.tasks) == (RunState.WAITING_FOR_GO, [])
    assert accept(progress, Report("a", DO, ReportOutcome.STARTED, START)) == (
        "This run has not begun, so “A” is not handed out."
    )


def test_the_clock_never_goes_back():
    """A process whose clock is behind reports after one whose clock is ahead."""
    reports = [
        Report("", DO, ReportOutcome.GO, at(10)),
        Report("a", DO, ReportOutcome.STARTED, at(5)),
        Report("a", DO, ReportOutcome.DONE, at(12)),
    ]
    progress = replay([a_step("a")], reports, at(12))
    assert progress.done["a"].started == at(10)

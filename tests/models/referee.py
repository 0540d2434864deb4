"""A referee of runs: it holds their rules in a way of its own, to judge what `models.saga` accepts."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.saga import DECISIONS, FINISHED, Report, ReportOutcome, Step
from tests.models.saga_steps import DO, START


class Referee:
    """Follows the accepted reports with sets and lists of its own, and says what is against the rules."""

    def __init__(self, plan: tuple[Step, ...]) -> None:
        self.steps = {step.key: step for step in plan}
        self.clock, self.turned = START, False
        self.flying: dict[tuple[str, str], datetime] = {}
        self.finished: set[tuple[str, str]] = set()
        self.started: set[tuple[str, str]] = set()
        self.stack: list[str] = []

    def sees(self, report: Report) -> None:
        self.clock = max(self.clock, report.at)
        past = any(self.steps[key].no_return for key in self.stack)
        for (key, direction), since in self.flying.items():
            late = self.clock - since >= timedelta(minutes=self.steps[key].timeout)
            self.turned |= late and direction == "do" and not past
        if report.outcome is ReportOutcome.ROLL_BACK:
            assert not past
            self.turned = True
        elif report.outcome is not ReportOutcome.GO:
            self.sees_work(report, past)

    def sees_work(self, report: Report, past: bool) -> None:
        step, work = self.steps[report.step], (report.step, str(report.direction))
        if report.outcome is ReportOutcome.STARTED:
            assert work not in self.started, "a step started twice"
            self.started.add(work)
            self.flying[work] = self.clock
            if report.direction is DO:
                assert {(key, "do") for key in step.after} <= self.finished, "a step before its predecessors"
                assert past or not self.turned, "a step started while rolling back"
            else:
                assert self.turned, "an undo without turning round"
                assert not past, "an undo past the point of no return"
                assert set(self.flying) == {work}, "an undo beside other work"
                left = [
                    key for key in self.stack if self.steps[key].undo and (key, "undo") not in self.finished
                ]
                assert left[-1] == step.key, "an undo out of order"
            return
        assert work in self.started, "a report of a step that never started"
        self.flying.pop(work, None)
        if report.outcome is ReportOutcome.RETRY:
            self.started.discard(work)
        if report.outcome in DECISIONS:
            assert report.reason
        if report.outcome in FINISHED:
            assert work not in self.finished, "a step finished twice"
            self.finished.add(work)
            if report.direction is DO and report.outcome is not ReportOutcome.SKIPPED:
                self.stack.append(step.key)
        if report.outcome is ReportOutcome.FAILED and report.direction is DO and not past:
            self.turned = True

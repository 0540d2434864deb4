"""A run of a runbook as a saga: its state is a fold over its reports, with no database, no clock and no memory.

`replay(plan, reports, now)` returns where a run stands at a moment. Whatever a report may say next is among the `tasks`
of that; everything else is refused (`refusal`). So resuming after a crash needs no code, and the order of events is
checked in one place.

The rules. A step is handed out when all steps before it are finished. A failure, a time-out or the wish to roll back
turns the run round: nothing is started any more, steps in flight report first (nobody knows yet whether there is
something to undo), then what was done is undone, newest first, one at a time. An undo that fails or times out waits for
a person. Once a point of no return is done nothing is undone: a failure or a time-out waits for a person, and the run
goes on forwards. A run that is done can still be rolled back, unless it is past such a point.

A saga's compensation in reverse order: Garcia-Molina and Salem, Sagas, SIGMOD 1987.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Direction(StrEnum):
    DO = "do"
    UNDO = "undo"


class ReportOutcome(StrEnum):
    """What a report says: of the whole run (go, roll back), or of one step in one direction."""

    GO = "go"
    ROLL_BACK = "roll back"
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    RETRY = "retry"
    BY_HAND = "done by hand"
    SKIPPED = "skipped"


RUN_OUTCOMES = frozenset({ReportOutcome.GO, ReportOutcome.ROLL_BACK})
REPORTED = frozenset({ReportOutcome.DONE, ReportOutcome.FAILED})
# What a person decides, with a reason, where neither a report nor a rule brings the run on.
DECISIONS = frozenset({ReportOutcome.RETRY, ReportOutcome.BY_HAND, ReportOutcome.SKIPPED})
FINISHED = frozenset({ReportOutcome.DONE, ReportOutcome.BY_HAND, ReportOutcome.SKIPPED})


class RunState(StrEnum):
    WAITING_FOR_GO = "waiting for go"
    RUNNING = "running"
    ROLLING_BACK = "rolling back"
    NEEDS_PERSON = "needs a person"
    DONE = "done"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True)
class Step:
    """One step of a plan. `minutes` is its planned duration; after `timeout` minutes without a report it has failed.

    `undo` says how it is undone; where it is empty `no_undo` says why there is nothing to undo. After a step of
    `no_return` nothing is undone any more.
    """

    key: str
    title: str
    after: tuple[str, ...]
    owner: str
    owner_kind: str
    action: str
    check: str
    undo: str
    no_undo: str
    minutes: int
    timeout: int
    no_return: bool


@dataclass(frozen=True)
class Report:
    """What somebody reported. `step` is empty where it is about the whole run."""

    step: str
    direction: Direction
    outcome: ReportOutcome
    at: datetime
    by: str = ""
    reason: str = ""


@dataclass
class Work:
    """The doing or the undoing of one step: the newest report of it, and when it started."""

    outcome: ReportOutcome
    started: datetime
    ended: datetime | None = None
    late: bool = False

    @property
    def in_flight(self) -> bool:
        return self.outcome is ReportOutcome.STARTED


@dataclass(frozen=True)
class Task:
    """What may be reported of a step now. `waits_for_person`: no rule brings it on, somebody has to decide."""

    step: Step
    direction: Direction
    outcomes: frozenset[ReportOutcome]
    work: Work | None
    waits_for_person: bool = False


@dataclass
class Progress:
    """Where a run stands. `turned` says why it turned round; `completed` are the steps done, oldest first."""

    plan: tuple[Step, ...]
    clock: datetime
    began: datetime | None = None
    turned: str = ""
    done: dict[str, Work] = field(default_factory=dict)
    undone: dict[str, Work] = field(default_factory=dict)
    completed: list[Step] = field(default_factory=list)

    @property
    def past_no_return(self) -> bool:
        return any(step.no_return for step in self.completed)

    @property
    def goes_back(self) -> bool:
        return bool(self.turned) and not self.past_no_return

    @property
    def state(self) -> RunState:
        if self.began is None:
            return RunState.ROLLED_BACK if self.turned else RunState.WAITING_FOR_GO
        tasks = self.tasks
        if not tasks:
            return RunState.ROLLED_BACK if self.goes_back else RunState.DONE
        if any(task.waits_for_person for task in tasks):
            return RunState.NEEDS_PERSON
        return RunState.ROLLING_BACK if self.goes_back else RunState.RUNNING

    @property
    def tasks(self) -> list[Task]:
        """All that may be reported of steps now, in the order of the plan."""
        if self.began is None:
            return []
        if not self.goes_back:
            return self._forwards()
        in_flight = [_reporting(step, self.done[step.key]) for step in self._in_flight()]
        return in_flight or [_next(step, Direction.UNDO, self.undone) for step in self.to_undo[:1]]

    @property
    def to_undo(self) -> list[Step]:
        """The steps whose undo isn't finished, newest first."""
        return [
            step for step in reversed(self.completed) if step.undo and not _finished(self.undone, step.key)
        ]

    def _forwards(self) -> list[Task]:
        stuck = [step for step in self.plan if _is_stuck(self.done.get(step.key))]
        if stuck:  # nothing new is handed out before a person has decided
            steps = [step for step in self.plan if step in stuck or step in self._in_flight()]
        else:
            steps = [
                step
                for step in self.plan
                if not _finished(self.done, step.key) and all(_finished(self.done, key) for key in step.after)
            ]
        return [_next(step, Direction.DO, self.done) for step in steps]

    def _in_flight(self) -> list[Step]:
        return [step for step in self.plan if (work := self.done.get(step.key)) and work.in_flight]

    def _turn(self, why: str) -> None:
        if not self.past_no_return:
            self.turned = self.turned or why


def replay(plan: Iterable[Step], reports: Iterable[Report], now: datetime) -> Progress:
    """Return where a run of `plan` stands at `now`. Reports that the rules refuse change nothing."""
    progress = Progress(tuple(plan), datetime.min.replace(tzinfo=now.tzinfo))
    for report in reports:
        accept(progress, report)
    pass_time(progress, now)
    return progress


def accept(progress: Progress, report: Report) -> str:
    """Enter a report at its time. Return why it can't be accepted, with nothing entered, or an empty text."""
    pass_time(progress, report.at)
    refused = refusal(progress, report)
    if not refused:
        _take(progress, report)
    return refused


def refusal(progress: Progress, report: Report) -> str:
    """Return why the report can't be accepted now, as a sentence; empty where it can."""
    if report.outcome in RUN_OUTCOMES:
        return _refusal_of_run(progress, report.outcome)
    step = next((step for step in progress.plan if step.key == report.step), None)
    if step is None:
        return f"There is no step “{report.step}” in this run."
    task = next(
        (task for task in progress.tasks if (task.step, task.direction) == (step, report.direction)), None
    )
    if task is None:
        return _not_handed_out(progress, step, report.direction)
    if report.outcome not in task.outcomes:
        allowed = " or ".join(outcome for outcome in ReportOutcome if outcome in task.outcomes)
        return f"{_name(step, report.direction)} {_status(task.work)}; it can be reported {allowed}."
    if report.outcome in DECISIONS and not report.reason.strip():
        return f"Say why {_name(step, report.direction)} is reported {report.outcome}."
    return ""


def _refusal_of_run(progress: Progress, outcome: ReportOutcome) -> str:
    if outcome is ReportOutcome.GO and progress.began:
        return "This run began already."
    if progress.past_no_return:
        last = next(step for step in progress.completed if step.no_return)
        return f"There is no way back: “{last.title}” is done."
    return f"This run turned round already: {progress.turned}." if progress.turned else ""


def _not_handed_out(progress: Progress, step: Step, direction: Direction) -> str:
    name, work = _name(step, direction), _works(progress, direction).get(step.key)
    if progress.began is None:
        return f"This run has not begun, so {name} is not handed out."
    if work is not None and work.outcome in FINISHED:
        return f"{name} {_status(work)}."
    missing = [other.title for other in progress.plan
               if other.key in step.after and not _finished(progress.done, other.key)]  # fmt: skip
    if direction is Direction.UNDO:
        why = "undone is what was done, newest first, one step at a time, once the run has turned round"
    elif progress.goes_back:
        why = f"the run turned round: {progress.turned}"
    elif missing:
        why = f"before it comes “{missing[0]}”"
    else:
        why = "a person has to decide first how the run goes on"
    return f"{name} is not handed out: {why}."


def _take(progress: Progress, report: Report) -> None:
    """Enter a report that was accepted."""
    if report.outcome is ReportOutcome.GO:
        progress.began = progress.clock
        return
    if report.outcome is ReportOutcome.ROLL_BACK:
        progress._turn(f"{report.by or 'somebody'} rolled it back")
        return
    step = next(step for step in progress.plan if step.key == report.step)
    works = _works(progress, report.direction)
    if report.outcome is ReportOutcome.RETRY:
        del works[step.key]
        return
    if report.outcome is ReportOutcome.STARTED:
        works[step.key] = Work(ReportOutcome.STARTED, progress.clock)
        return
    works[step.key].outcome, works[step.key].ended = report.outcome, progress.clock
    if report.direction is Direction.DO and report.outcome in (ReportOutcome.DONE, ReportOutcome.BY_HAND):
        progress.completed.append(step)
    elif report.direction is Direction.DO and report.outcome is ReportOutcome.FAILED:
        progress._turn(f"“{step.title}” failed")


def pass_time(progress: Progress, until: datetime) -> None:
    """Let the clock go on, never back, and mark what timed out meanwhile, by the order in which it did."""
    progress.clock = max(progress.clock, until)
    for direction in Direction:
        works = _works(progress, direction)
        flying = [(_deadline(step, works[step.key]), step) for step in progress.plan
                  if step.key in works and works[step.key].in_flight and not works[step.key].late]  # fmt: skip
        for deadline, step in sorted(flying, key=lambda each: each[0]):
            works[step.key].late = deadline <= progress.clock
            if works[step.key].late and direction is Direction.DO:
                progress._turn(f"“{step.title}” timed out after {step.timeout} min")


def _deadline(step: Step, work: Work) -> datetime:
    return work.started + timedelta(minutes=step.timeout)


def _works(progress: Progress, direction: Direction) -> dict[str, Work]:
    return progress.done if direction is Direction.DO else progress.undone


def _finished(works: dict[str, Work], key: str) -> bool:
    return key in works and works[key].outcome in FINISHED


def _is_stuck(work: Work | None) -> bool:
    return work is not None and (work.outcome is ReportOutcome.FAILED or (work.in_flight and work.late))


def _next(step: Step, direction: Direction, works: dict[str, Work]) -> Task:
    """Return what may be reported of a step that is handed out."""
    work = works.get(step.key)
    if work is None:
        return Task(step, direction, frozenset({ReportOutcome.STARTED}), None)
    outcomes = REPORTED if work.in_flight else frozenset()
    stuck = _is_stuck(work)
    return Task(step, direction, outcomes | DECISIONS if stuck else outcomes, work, stuck)


def _reporting(step: Step, work: Work) -> Task:
    """Return the task of a step in flight while the run turns round: was it done, or did it fail?"""
    return Task(step, Direction.DO, REPORTED, work, waits_for_person=work.late)


def _name(step: Step, direction: Direction) -> str:
    return f"“{step.title}”" if direction is Direction.DO else f"The undo of “{step.title}”"


def _status(work: Work | None) -> str:
    if work is None:
        return "was not started"
    at = work.ended or work.started
    return f"was {'reported ' if work.ended else ''}{work.outcome} at {at:%H:%M} UTC"

"""Where a run stands: as data for programs that take part in it, and as the lines and texts of its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from models.journal import sha256_of
from models.run_times import (
    Durations,
    came_to_its_end,
    forecast_end,
    step_duration,
    time_to_undo,
    turn_back_before,
)
from models.runbooks import Run, Runbook, steps_of
from models.saga import Direction, Progress, Report, ReportOutcome, Step, Task, replay
from models.status import Status


def run_as_json(run: Run, progress: Progress, durations: Durations) -> dict[str, Any]:
    """Return a run, its times and its open steps as JSON values. Moments are ISO 8601 in UTC."""
    return {
        "runbook": run.runbook.name,
        "run": run.number,
        "kind": run.kind,
        "digest": run.digest,
        "state": progress.state.value,
        "turned": progress.turned or None,
        "window": {"from": moment(run.window_from), "until": moment(run.window_until)},
        "forecast_end": moment(forecast_end(progress, durations)),
        "turn_back_before": moment(turn_back_before(progress, durations, run.window_until)),
        "in_charge": run.in_charge,
        "open": open_steps(progress),
    }


def open_steps(progress: Progress) -> list[dict[str, Any]]:
    """Return the steps that are handed out, each with what may be reported of it."""
    return [_open_step(task) for task in progress.tasks]


def _open_step(task: Task) -> dict[str, Any]:
    step, undoing = task.step, task.direction is Direction.UNDO
    return {
        "step": step.key,
        "title": step.title,
        "direction": task.direction.value,
        "owner": step.owner,
        "owner_kind": step.owner_kind,
        "what": step.undo if undoing else step.action,
        "check": None if undoing else step.check,
        "outcomes": [outcome.value for outcome in ReportOutcome if outcome in task.outcomes],
        "started": moment(task.work.started) if task.work else None,
        "times_out_after_minutes": step.timeout,
        "waits_for_person": task.waits_for_person,
    }


def moment(at: datetime | None) -> str | None:
    """Return a moment as ISO 8601 in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class StepLine:
    """A step in the list of a run: its mark, and its text on the right."""

    number: str
    title: str
    status: Status
    status_text: str
    beside: str
    no_return: bool


def step_lines(progress: Progress) -> list[StepLine]:
    """Return the steps of a run in the order of the plan: what happened to each, or who has it."""
    return [_line(step, progress) for step in progress.plan]


def _line(step: Step, progress: Progress) -> StepLine:
    status, text = _status(step, progress)
    took = step_duration(progress, step.key)
    beside = step.owner if took is None else minutes_text(took)
    return StepLine(step.key, step.title, status, text, beside, step.no_return)


def _status(step: Step, progress: Progress) -> tuple[Status, str]:
    undo, work = progress.undone.get(step.key), progress.done.get(step.key)
    if undo is not None:
        text = {
            ReportOutcome.STARTED: "being undone",
            ReportOutcome.FAILED: "undo failed",
            ReportOutcome.SKIPPED: "undo skipped",
        }
        return (Status.OFF_TRACK if undo.outcome is ReportOutcome.FAILED else Status.AT_RISK), text.get(
            undo.outcome, "undone"
        )
    if work is None:
        return Status.PLANNED, "to come"
    if work.in_flight:
        return (Status.AT_RISK, "timed out") if work.late else (Status.ON_TRACK, "under way")
    failed = work.outcome is ReportOutcome.FAILED
    return (Status.OFF_TRACK if failed else Status.DONE), work.outcome.value


def minutes_text(took: timedelta) -> str:
    """6 min, 1 h 5 min: rounded up, as nobody should count on less."""
    minutes = -int(-took.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def planned_text(task: Task, durations: Durations) -> str:
    """Return the planned and the rehearsed time of a task: "Planned 10 min, rehearsed 8 min"."""
    if task.direction is Direction.UNDO:
        took = durations.undone.get(task.step.key)
        return "Its undo was never rehearsed" if took is None else f"Rehearsed {minutes_text(took)}"
    took = durations.done.get(task.step.key)
    rehearsed = "" if took is None else f", rehearsed {minutes_text(took)}"
    return f"Planned {task.step.minutes} min{rehearsed}"


def turn_back_text(progress: Progress, durations: Durations, window_end: datetime | None) -> str:
    """Return what is said below the latest moment to turn back, or why there is none."""
    left = time_to_undo(progress, durations)
    if progress.past_no_return:
        return "past the point of no return"
    if left is None:
        return "an undo was never rehearsed"
    before = turn_back_before(progress, durations, window_end)
    undo = f"undo takes {minutes_text(left)}" if left else "nothing to undo yet"
    if before is None:
        return f"no window; {undo}"
    if before < progress.clock:
        return f"passed; {undo}"
    return f"in {minutes_text(before - progress.clock)}; {undo}"


def failure_text(task: Task, progress: Progress, in_charge: str) -> str:
    """Return what reporting that this step, or its undo, failed will do to the run."""
    if task.direction is Direction.UNDO:
        return f"Then {in_charge} decides how the run goes on. It is kept on record that this undo failed."
    as_before = "Failed means that all is as it was before the step"
    if progress.past_no_return:
        return f"Nothing is undone any more: then {in_charge} decides how the run goes on. {as_before}."
    as_before += "; if it isn't, report it done and roll back."
    if progress.turned:
        return f"The run goes back already: this step counts as not done. {as_before}"
    others = any(work.in_flight for key, work in progress.done.items() if key != task.step.key)
    if others:
        then = "What is under way reports first; then what was done is undone, newest first."
    elif progress.to_undo:
        then = "What was done is undone, newest first."
    else:
        then = "Nothing is there to undo, so it ends."
    return f"The run turns round: nothing more is started. {then} This can't be taken back. {as_before}"


def rehearsed_text(runbook: Runbook, digest: str, now: datetime) -> str:
    """Return how often a rehearsal of this very plan came to its end: "plan rehearsed twice"."""
    number = sum(map(came_to_its_end, runbook.rehearsals(digest, now)))
    times = {1: "once", 2: "twice"}.get(number, f"{number} times")
    return f"plan rehearsed {times}" if number else "plan never rehearsed"


def plan_duration(runbook: Runbook, now: datetime) -> timedelta:
    """Return how long the plan takes along its critical path, with the durations that were rehearsed."""
    plan = runbook.plan()
    began = replay(steps_of(plan), [Report("", Direction.DO, ReportOutcome.GO, now)], now)
    end = forecast_end(began, runbook.durations(sha256_of(plan), now))
    return timedelta(0) if end is None else end - now

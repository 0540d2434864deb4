"""Where a run stands, as data: for programs that take part in it, and for the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from models.run_times import Durations, forecast_end, turn_back_before
from models.runbooks import Run
from models.saga import Direction, Outcome, Progress, Task


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
        "outcomes": [outcome.value for outcome in Outcome if outcome in task.outcomes],
        "started": moment(task.work.started) if task.work else None,
        "times_out_after_minutes": step.timeout,
        "waits_for_person": task.waits_for_person,
    }


def moment(at: datetime | None) -> str | None:
    """Return a moment as ISO 8601 in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

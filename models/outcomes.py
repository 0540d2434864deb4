"""The status of a metric against its baseline and target. Missing, stale or unsigned is never on track."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from analysis.progress import Scale
from models.status import Status
from models.summary import MetricFacts, Summary
from models.units import progress, unit
from models.wording import day_month, days

# No progress is expected before this day: the foundation isn't built yet.
PROGRESS_FROM_DAY = 31
# A metric is at risk if its progress is behind the expected one by more than this.
MARGIN = 0.15


@dataclass(frozen=True)
class Outcome:
    """The status of a metric on a date.

    `factor` is how many times better than its baseline it is (None if that has no meaning). `progress` is the progress to
    the target, 0 at the baseline and 1 at the target; `expected` is what it should be by now.
    """

    metric: MetricFacts
    status: Status
    reason: str
    factor: float | None
    progress: float | None
    expected: float


def outcomes(summary: Summary, on: date) -> list[Outcome]:
    """Return the status of each active metric."""
    return [outcome(summary, metric, on) for metric in summary.metrics]


def outcome(summary: Summary, metric: MetricFacts, on: date) -> Outcome:
    """Return the status of one metric: first what is missing, then its progress.

    The reason names no factor: how much a metric changed is said once, by its verdict.
    """
    measure = unit(metric.unit)
    factor = measure.times_better(metric.baseline, metric.current, metric.direction)
    is_multiplicative = factor is not None and (metric.target or 0) > 0
    scale: Scale = "log" if is_multiplicative and metric.scale != "linear" else "linear"
    current = progress(metric.baseline, metric.current, metric.target, scale)
    expected = _expected(summary, metric, on, scale)
    status, reason = _status(metric, current, expected, on)
    return Outcome(metric, status, reason, factor, current, expected)


def _status(metric: MetricFacts, current: float | None, expected: float, on: date) -> tuple[Status, str]:
    """Return the status and its reason, given the current and the expected progress."""
    missing = _missing(metric, on)
    if missing:
        return Status.NOT_KNOWN, missing
    if current is None or not _target_is_better(metric):
        return Status.NOT_KNOWN, "its target is no better than its baseline"
    if current >= 1:
        return Status.ON_TRACK, "target reached"
    text = f"{_percent(current)} of the way to its target"
    if metric.target_on is not None and on > metric.target_on:
        return Status.OFF_TRACK, f"{text}, which was due {day_month(metric.target_on)}"
    if current < -MARGIN:
        status = Status.OFF_TRACK if expected > 0 else Status.AT_RISK
        return status, "moved away from its target"
    if current < expected - MARGIN:
        return Status.AT_RISK, f"{text}, should be at {_percent(expected)} by now"
    return Status.ON_TRACK, text


def _target_is_better(metric: MetricFacts) -> bool:
    if metric.target is None or metric.baseline is None:
        return False
    return (metric.target > metric.baseline) is (metric.direction == "higher")


def _missing(metric: MetricFacts, on: date) -> str | None:
    """Return what is missing for a status of this metric, or None."""
    if metric.baseline is None:
        return "no baseline"
    if metric.target is None:
        return "no target"
    if metric.current is None or metric.last_on is None:
        return "never measured"
    if metric.is_stale(on):
        cadence = "daily" if metric.cadence_days == 1 else f"every {days(metric.cadence_days)}"
        return f"last measured {days((on - metric.last_on).days)} ago, expected {cadence}"
    if metric.seal == "broken":
        return "changed since the sponsor signed it"
    if metric.changes_asked:
        return "the sponsor requested changes"
    if metric.seal == "unsigned":
        return "not signed by the sponsor"
    return None


def _expected(summary: Summary, metric: MetricFacts, on: date, scale: Scale) -> float:
    """Return the progress that is expected by now, interpolated between the agreed steps.

    It begins with 0 on day 30 and ends with 1 on the target's day.
    """
    today = summary.day(on)
    last = summary.day(metric.target_on) if metric.target_on else summary.days
    steps = _steps(summary, metric, scale, last)
    past = [step for step in steps if step[0] <= today]
    start_day, start = past[-1] if past else (PROGRESS_FROM_DAY - 1, 0.0)
    end_day, end = next((step for step in steps if step[0] > today), (last, 1.0))
    if end_day <= start_day:
        return start
    share = (today - start_day) / (end_day - start_day)
    return start + (end - start) * min(max(share, 0.0), 1.0)


def _steps(summary: Summary, metric: MetricFacts, scale: Scale, last: int) -> list[tuple[int, float]]:
    """Return the day and the progress of each agreed step before the day `last`, in order."""
    steps = [
        (summary.day(when), progress(metric.baseline, value, metric.target, scale))
        for when, value in metric.steps
    ]
    return sorted((day, part) for day, part in steps if part is not None and day < last)


def _percent(part: float) -> str:
    """Return a share as a percentage, rounded down: only a target that is reached is 100%."""
    return f"{int(max(part, 0) * 100)}%"

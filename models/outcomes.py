"""Where a metric stands against its baseline and target. Missing, stale or unsigned is never green."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from analysis.progress import Scale
from models.status import Status
from models.summary import MetricFacts, Summary
from models.units import format_factor, progress, unit
from models.wording import day_month, days

# Before the foundation there is nothing that could have moved a metric.
MOVES_FROM_DAY = 31
# Behind the straight way to its target by more than this share of it, a metric is at risk.
BEHIND = 0.15


@dataclass(frozen=True)
class Outcome:
    """A metric on a date: `factor` is how many times better than its baseline it is (None where that has no meaning),
    `progress` the part of the way to its target, `expected` the part that it should have come by now."""

    metric: MetricFacts
    status: Status
    reason: str
    factor: float | None
    progress: float | None
    expected: float


def outcomes(summary: Summary, on: date) -> list[Outcome]:
    """How each active metric stands."""
    return [outcome(summary, metric, on) for metric in summary.metrics]


def outcome(summary: Summary, metric: MetricFacts, on: date) -> Outcome:
    """How one metric stands: first what isn't known of it, then how far it has come."""
    measure = unit(metric.unit)
    factor = measure.times_better(metric.baseline, metric.current, metric.direction)
    has_logs = factor is not None and (metric.target or 0) > 0
    scale = "log" if has_logs and metric.scale != "linear" else "linear"
    come = progress(metric.baseline, metric.current, metric.target, scale)
    expected = _expected(summary, metric, on, scale)
    status, reason = _judged(metric, come, expected, on)
    if factor is not None and status is not Status.NOT_KNOWN:
        reason = f"{_times(factor)}; {reason}"
    return Outcome(metric, status, reason, factor, come, expected)


def _judged(metric: MetricFacts, come: float | None, expected: float, on: date) -> tuple[Status, str]:
    unknown = _not_known(metric, on)
    if unknown:
        return Status.NOT_KNOWN, unknown
    if come is None or (metric.target > metric.baseline) is not (metric.direction == "higher"):
        return Status.NOT_KNOWN, "its target is no better than its baseline"
    if come >= 1:
        return Status.ON_TRACK, "target reached"
    way = f"{_percent(come)} of the way to its target"
    if metric.target_on is not None and on > metric.target_on:
        return Status.OFF_TRACK, f"{way}, which was due {day_month(metric.target_on)}"
    if come < -BEHIND:
        status = Status.OFF_TRACK if expected > 0 else Status.AT_RISK
        return status, "moved away from its target"
    if come < expected - BEHIND:
        return Status.AT_RISK, f"{way}, {_percent(expected)} expected by now"
    return Status.ON_TRACK, way


def _not_known(metric: MetricFacts, on: date) -> str | None:
    """What keeps anyone from saying how this metric stands, or None."""
    if metric.baseline is None:
        return "no baseline"
    if metric.target is None:
        return "no target"
    if metric.current is None or metric.last_on is None:
        return "never measured"
    if metric.is_stale(on):
        return (
            f"last measured {days((on - metric.last_on).days)} ago, expected every {days(metric.cadence_days)}"
            if metric.cadence_days > 1
            else f"last measured {days((on - metric.last_on).days)} ago, expected daily"
        )
    if metric.seal == "broken":
        return "changed since the sponsor signed it"
    if metric.changes_asked:
        return "the sponsor asks for changes to it"
    if metric.seal == "unsigned":
        return "not signed by the sponsor"
    return None


def _expected(summary: Summary, metric: MetricFacts, on: date, scale: Scale) -> float:
    """The part of the way that should be behind by now: what the last step asked for that is due, and no less than the
    straight way, which begins on day 31, or at the last such step, and ends on the target's day."""
    last = summary.day(metric.target_on) if metric.target_on else summary.days
    first, behind = MOVES_FROM_DAY - 1, 0.0
    ahead = [
        (summary.day(day), progress(metric.baseline, step, metric.target, scale))
        for day, step in metric.steps
    ]
    ahead = sorted((day, part) for day, part in ahead if part is not None and day < last)
    for day, part in ahead:
        if day <= summary.day(on):
            first, behind = day, part
    goal, part = next(((day, part) for day, part in ahead if day > summary.day(on)), (last, 1.0))
    if goal <= first:
        return behind
    gone = (summary.day(on) - first) / (goal - first)
    return behind + (part - behind) * min(max(gone, 0.0), 1.0)


def _percent(part: float) -> str:
    """A part of the way, rounded down: only what is reached is 100%."""
    return f"{int(max(part, 0) * 100)}%"


def _times(factor: float) -> str:
    if factor == 1:
        return "the same as its baseline"
    if factor > 1:
        return f"{format_factor(factor)} better than baseline"
    return f"{format_factor(1 / factor)} worse than baseline"

"""From which day of the plan a change of a metric can be confirmed, by its cadence and what was measured before."""

from __future__ import annotations

from datetime import date

from analysis.confirmable import first_confirmable_day
from models.summary import MetricFacts, Summary

FIRST_WORKFLOW = "first_workflow_live"
DAYS_A_WEEK = 7


def go_live_day(summary: Summary, on: date) -> int:
    """Return the day of the plan on which the first workflow goes live: as planned, or today if that day has passed.

    Without such a milestone it is today.
    """
    due = [row.due_on for row in summary.milestones if row.criterion == FIRST_WORKFLOW]
    return max(summary.day(max(due, default=on)), summary.day(on), 1)


def confirmable_from(summary: Summary, metric: MetricFacts, on: date) -> int | None:
    """Return the first day of the plan on which a change can be confirmed, or None if no day can be.

    A change is expected when a workflow that moves the metric went live, or is planned to go live.
    """
    live = go_live_day(summary, on) if metric.moved_on is None else summary.day(metric.moved_on)
    every = DAYS_A_WEEK if metric.cadence_days <= 1 else 1
    return first_confirmable_day(live, metric.cadence_days, metric.baseline_points // every)


def nothing_confirmable(summary: Summary, on: date) -> bool:
    """Return whether there are metrics, and none whose change can be confirmed by the end of the running plan."""
    if summary.closed_on is not None or summary.day(on) > summary.days:
        return False
    days = [confirmable_from(summary, metric, on) for metric in summary.metrics]
    return bool(days) and all(day is None or day > summary.days for day in days)

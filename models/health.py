"""The health of an engagement: five checks, each with a reason in one sentence, and the worst of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from operator import itemgetter

from models.milestones import MilestoneState, MilestoneStatus, milestone_statuses
from models.outcomes import Outcome, outcomes
from models.status import Status, worst
from models.summary import MetricFacts, Summary
from models.wording import count, day_month, days, join_list, quoted_list

# Plan: a milestone later than this, or this many late at once, makes the plan off track.
LATE_DAYS_OFF_TRACK = 7
LATE_MILESTONES_OFF_TRACK = 3
# From these days of the cycle on, a check has to be known. Before, there can't be evidence for it yet.
OUTCOMES_DUE_FROM_DAY = 61
EVIDENCE_DUE_FROM_DAY = 31
ADOPTION_DUE_FROM_DAY = 61
SPONSOR_DUE_FROM_DAY = 31
# Adoption: after so long without a release, users stop looking.
MAX_DAYS_SINCE_RELEASE = 21


@dataclass(frozen=True)
class Check:
    """One of the five checks: its status, the reason in one sentence, and the page with the evidence.

    A check that isn't due yet doesn't count for the health.
    """

    name: str
    status: Status
    reason: str
    page: str
    due: bool = True


@dataclass(frozen=True)
class Health:
    status: Status
    checks: list[Check]

    @property
    def reason(self) -> str:
        """The name and the reason of the first check that has the health's status."""
        check = next(
            (check for check in self.checks if check.status is self.status and check.due), self.checks[0]
        )
        return f"{check.name}: {check.reason}"


def health(summary: Summary, on: date) -> Health:
    """Return the five checks on a date and, as the health's status, the worst of those that are due."""
    return health_from(summary, milestone_statuses(summary, on), outcomes(summary, on), on)


def health_from(summary: Summary, plan: list[MilestoneStatus], metrics: list[Outcome], on: date) -> Health:
    """Like `health`, given precomputed milestone statuses and outcomes."""
    checks = [
        _plan(plan),
        _outcomes(summary, metrics, on),
        _evidence(summary, on),
        _adoption(summary, on),
        _sponsor(summary, on),
    ]
    return Health(worst([check.status for check in checks if check.due]), checks)


def _plan(plan: list[MilestoneStatus]) -> Check:
    def check(status: Status, reason: str) -> Check:
        return Check("Plan", status, reason, "plan")

    late = [row for row in plan if row.state is MilestoneState.LATE]
    at_risk = [row for row in plan if row.state is MilestoneState.AT_RISK]
    if not plan:
        return check(Status.NOT_KNOWN, "There is no plan yet")
    if late:
        is_serious = (
            max(row.slip for row in late) > LATE_DAYS_OFF_TRACK or len(late) >= LATE_MILESTONES_OFF_TRACK
        )
        reason = f"{len(late)} of {count(len(plan), 'milestone')} late: {_names(late)}"
        return check(Status.OFF_TRACK if is_serious else Status.AT_RISK, reason)
    if at_risk:
        return check(Status.AT_RISK, f"At today's pace {_names(at_risk)} will be late")
    if not any(row.finding.have for row in plan):
        first = min((row.milestone for row in plan), key=lambda milestone: milestone.due_on)
        return check(
            Status.NOT_KNOWN, f"No milestone has evidence yet; {first.name} is due {day_month(first.due_on)}"
        )
    done = sum(row.state is MilestoneState.DONE for row in plan)
    return check(Status.ON_TRACK, f"{done} of {count(len(plan), 'milestone')} done, none late")


def _names(plan: list[MilestoneStatus]) -> str:
    return join_list([row.milestone.name for row in plan], 2)


def _outcomes(summary: Summary, metrics: list[Outcome], on: date) -> Check:
    def check(status: Status, reason: str) -> Check:
        return Check("Outcomes", status, reason, "metrics", summary.day(on) >= OUTCOMES_DUE_FROM_DAY)

    if not metrics:
        return check(Status.NOT_KNOWN, "No metric is defined")
    status, total = worst([outcome.status for outcome in metrics]), count(len(metrics), "metric")
    if status is Status.ON_TRACK:
        reached = sum(outcome.progress is not None and outcome.progress >= 1 for outcome in metrics)
        return check(status, f"{len(metrics)} of {total} on the way to target, {reached} reached")
    worst_metrics = [outcome for outcome in metrics if outcome.status is status]
    shared = "without enough evidence" if status is Status.NOT_KNOWN else status.value
    first = worst_metrics[0]
    return check(status, f"{len(worst_metrics)} of {total} {shared}: {first.metric.name}, {first.reason}")


def _evidence(summary: Summary, on: date) -> Check:
    def check(status: Status, reason: str) -> Check:
        return Check("Evidence", status, reason, "metrics", summary.day(on) >= EVIDENCE_DUE_FROM_DAY)

    metrics, total = summary.metrics, count(len(summary.metrics), "metric")
    measured, stale = _measured(metrics), _measured([metric for metric in metrics if metric.is_stale(on)])
    if not metrics:
        return check(Status.NOT_KNOWN, "No metric is defined, so nothing can be measured")
    if not measured:
        return check(Status.NOT_KNOWN, "No metric has a measurement")
    if stale:
        oldest_on, name = min(stale, key=itemgetter(0))
        reason = f"{len(stale)} of {total} out of date: {name} was last measured {day_month(oldest_on)}"
        return check(Status.OFF_TRACK if len(stale) * 2 > len(metrics) else Status.AT_RISK, reason)
    if len(measured) < len(metrics):
        return check(Status.AT_RISK, f"{count(len(metrics) - len(measured), 'metric')} never measured")
    newest_on = max(when for when, _ in measured)
    reason = f"Every metric is as fresh as its cadence asks; the newest is from {day_month(newest_on)}"
    return check(Status.ON_TRACK, reason)


def _measured(metrics: list[MetricFacts]) -> list[tuple[date, str]]:
    """Return the date of the last measurement and the name of each metric that was measured."""
    return [(metric.last_on, metric.name) for metric in metrics if metric.last_on is not None]


def _adoption(summary: Summary, on: date) -> Check:
    live = [flow for flow in summary.workflows if flow.is_live(on)]
    is_late = summary.day(on) >= ADOPTION_DUE_FROM_DAY

    def check(status: Status, reason: str, page: str) -> Check:
        return Check("Adoption", status, reason, page, bool(live) or is_late)

    if not live:
        return check(Status.NOT_KNOWN, "No workflow is live that anyone could use", "workflows")
    untrained = [flow.name for flow in live if flow.trained_on is None or flow.trained_on > on]
    waited = days_since_release(summary, on)
    if len(untrained) == len(live) and is_late:
        return check(Status.OFF_TRACK, "Nobody was trained on any live workflow", "adoption")
    if untrained:
        return check(Status.AT_RISK, f"Nobody was trained on {quoted_list(untrained, 2)}", "adoption")
    if waited > MAX_DAYS_SINCE_RELEASE:
        return check(Status.AT_RISK, f"{days(waited)} since the last release to users", "workflows")
    text = f"{count(len(live), 'live workflow')}, each with a training that people attended"
    return check(Status.ON_TRACK, text, "adoption")


def days_since_release(summary: Summary, on: date) -> int:
    """Return the days since users last received something new; since day 1 if they received nothing."""
    return (on - (last_release_on(summary, on) or summary.first_day_1)).days


def last_release_on(summary: Summary, on: date) -> date | None:
    """Return when users last received something new, a workflow or a training; None if they received nothing."""
    releases = [when for flow in summary.workflows if (when := flow.live_by(on)) is not None]
    releases += [held_on for held_on in summary.trainings_on if held_on <= on]
    return max(releases, default=None)


def _sponsor(summary: Summary, on: date) -> Check:
    def check(status: Status, reason: str, page: str = "metrics") -> Check:
        return Check("Sponsor", status, reason, page, summary.day(on) >= SPONSOR_DUE_FROM_DAY)

    metrics = summary.metrics
    if not metrics:
        return check(Status.NOT_KNOWN, "There is no metric to sign")
    signed = sum(metric.is_signed(on) for metric in metrics)
    signed_text = f"{signed} of {count(len(metrics), 'metric')} signed by a sponsor"
    if broken := [metric.name for metric in metrics if metric.seal == "broken"]:
        return check(Status.OFF_TRACK, f"{quoted_list(broken, 2)} changed after signing")
    if to_change := [metric.name for metric in metrics if metric.changes_asked]:
        return check(Status.AT_RISK, f"Changes are requested to {quoted_list(to_change, 2)}")
    if signed < len(metrics):
        return check(Status.AT_RISK if signed else Status.NOT_KNOWN, signed_text)
    if overdue := [decision.title for decision in summary.decisions if decision.is_overdue(on)]:
        reason = f"{count(len(overdue), 'decision')} overdue: {quoted_list(overdue, 1)}"
        return check(Status.AT_RISK, reason, "decisions")
    return check(Status.ON_TRACK, signed_text)

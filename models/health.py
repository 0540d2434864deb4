"""The health of an engagement: five checks, each with one sentence of reason, and the worst of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.milestones import MilestoneState, MilestoneStatus, milestone_statuses
from models.outcomes import Outcome, outcomes
from models.status import Status, worst
from models.summary import Summary
from models.wording import count, day_month, days, join_list, quoted_list, upper_first

# Plan: later than this, or this many late at once, and the plan is off track.
LATE_DAYS_OFF_TRACK = 7
LATE_MILESTONES_OFF_TRACK = 3
# From these days of the cycle a check has to be known; before, there can't be evidence for it yet.
OUTCOMES_DUE_FROM_DAY = 61
EVIDENCE_DUE_FROM_DAY = 31
ADOPTION_DUE_FROM_DAY = 61
SPONSOR_DUE_FROM_DAY = 31
# Adoption: users who receive nothing new for so long stop looking.
NOTHING_NEW_DAYS = 21


@dataclass(frozen=True)
class Check:
    """One of the five questions: its status, the reason in one sentence, and the page with the evidence.

    A check that isn't due yet doesn't hold the health back.
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
        """The first reason for the status, as one sentence with the name of its check."""
        check = next(
            (check for check in self.checks if check.status is self.status and check.due), self.checks[0]
        )
        return f"{check.name}: {check.reason}"


def health(summary: Summary, on: date) -> Health:
    """The five checks on a date, and the worst of those that are due."""
    return health_from(summary, milestone_statuses(summary, on), outcomes(summary, on), on)


def health_from(summary: Summary, plan: list[MilestoneStatus], metrics: list[Outcome], on: date) -> Health:
    """The same, for who has the standings and outcomes already."""
    checks = [
        _plan(plan),
        _outcomes(summary, metrics, on),
        _evidence(summary, on),
        _adoption(summary, on),
        _sponsor(summary, on),
    ]
    return Health(worst([check.status for check in checks if check.due]), checks)


def _plan(plan: list[MilestoneStatus]) -> Check:
    if not plan:
        return Check("Plan", Status.NOT_KNOWN, "There is no plan yet", "plan")
    late = [standing for standing in plan if standing.state is MilestoneState.LATE]
    at_risk = [standing for standing in plan if standing.state is MilestoneState.AT_RISK]
    done = sum(standing.state is MilestoneState.DONE for standing in plan)
    if late:
        names = join_list([row.milestone.name for row in late], 2)
        said = f"{len(late)} of {count(len(plan), 'milestone')} late: {names}"
        longest = max(standing.slip for standing in late)
        serious = longest > LATE_DAYS_OFF_TRACK or len(late) >= LATE_MILESTONES_OFF_TRACK
        return Check("Plan", Status.OFF_TRACK if serious else Status.AT_RISK, said, "plan")
    if at_risk:
        said = f"At today's pace {join_list([row.milestone.name for row in at_risk], 2)} will be late"
        return Check("Plan", Status.AT_RISK, said, "plan")
    if not any(standing.finding.have for standing in plan):
        first = min(plan, key=lambda standing: standing.milestone.due_on).milestone
        said = f"Nothing is recorded yet; {first.name} is due {day_month(first.due_on)}"
        return Check("Plan", Status.NOT_KNOWN, said, "plan")
    return Check(
        "Plan", Status.ON_TRACK, f"{done} of {count(len(plan), 'milestone')} done, none late", "plan"
    )


def _outcomes(summary: Summary, metrics: list[Outcome], on: date) -> Check:
    due = summary.day(on) >= OUTCOMES_DUE_FROM_DAY
    if not metrics:
        return Check("Outcomes", Status.NOT_KNOWN, "No metric is defined", "metrics", due)
    status = worst([outcome.status for outcome in metrics])
    those = [outcome for outcome in metrics if outcome.status is status]
    if status is Status.ON_TRACK:
        reached = sum(outcome.progress is not None and outcome.progress >= 1 for outcome in metrics)
        said = f"{len(metrics)} of {count(len(metrics), 'metric')} on the way to target, {reached} reached"
        return Check("Outcomes", status, said, "metrics", due)
    said = (
        f"{len(those)} of {count(len(metrics), 'metric')} {status}: {those[0].metric.name}, {those[0].reason}"
    )
    return Check("Outcomes", status, said, "metrics", due)


def _evidence(summary: Summary, on: date) -> Check:
    due = summary.day(on) >= EVIDENCE_DUE_FROM_DAY
    measured = [metric for metric in summary.metrics if metric.last_on is not None]
    if not summary.metrics:
        return Check(
            "Evidence", Status.NOT_KNOWN, "No metric is defined, so nothing can be measured", "metrics", due
        )
    if not measured:
        return Check("Evidence", Status.NOT_KNOWN, "No metric has a measurement", "metrics", due)
    stale = [metric for metric in measured if metric.is_stale(on)]
    never = len(summary.metrics) - len(measured)
    if stale:
        oldest = min(stale, key=lambda metric: metric.last_on)
        said = (
            f"{len(stale)} of {count(len(summary.metrics), 'metric')} out of date: "
            f"{oldest.name} was last measured {day_month(oldest.last_on)}"
        )
        most = len(stale) * 2 > len(summary.metrics)
        return Check("Evidence", Status.OFF_TRACK if most else Status.AT_RISK, said, "metrics", due)
    if never:
        return Check("Evidence", Status.AT_RISK, f"{count(never, 'metric')} never measured", "metrics", due)
    newest = max(metric.last_on for metric in measured)
    said = f"Every metric is as fresh as its cadence asks; the newest is from {day_month(newest)}"
    return Check("Evidence", Status.ON_TRACK, said, "metrics", due)


def _adoption(summary: Summary, on: date) -> Check:
    live = [flow for flow in summary.workflows if flow.is_live(on)]
    due = bool(live) or summary.day(on) >= ADOPTION_DUE_FROM_DAY
    if not live:
        return Check(
            "Adoption", Status.NOT_KNOWN, "No workflow is live that anyone could use", "workflows", due
        )
    untrained = [flow.name for flow in live if flow.trained_on is None or flow.trained_on > on]
    quiet = (on - last_received_on(summary, on)).days
    if len(untrained) == len(live) and summary.day(on) >= ADOPTION_DUE_FROM_DAY:
        return Check("Adoption", Status.OFF_TRACK, "Nobody was trained on any live workflow", "adoption", due)
    if untrained:
        said = f"Nobody was trained on {quoted_list(untrained, 2)}"
        return Check("Adoption", Status.AT_RISK, said, "adoption", due)
    if quiet > NOTHING_NEW_DAYS:
        said = f"{days(quiet)} since users last received something new"
        return Check("Adoption", Status.AT_RISK, said, "workflows", due)
    said = f"{count(len(live), 'live workflow')}, each with a training that people attended"
    return Check("Adoption", Status.ON_TRACK, said, "adoption", due)


def last_received_on(summary: Summary, on: date) -> date:
    """When users last received something new: a workflow or a training; day 1 where there was nothing."""
    received = [flow.live_on for flow in summary.workflows if flow.was_live(on)]
    received += [held for held in summary.trainings_on if held <= on]
    return max(received, default=summary.first_day_1)


def _sponsor(summary: Summary, on: date) -> Check:
    due = summary.day(on) >= SPONSOR_DUE_FROM_DAY
    metrics = summary.metrics
    if not metrics:
        return Check("Sponsor", Status.NOT_KNOWN, "There is no metric to sign", "metrics", due)
    signed = [metric for metric in metrics if metric.signed_on is not None and metric.signed_on <= on]
    broken = [metric.name for metric in metrics if metric.seal == "broken"]
    overdue = [
        decision.title
        for decision in summary.decisions
        if decision.decided_on is None and decision.needed_by is not None and decision.needed_by < on
    ]
    said = f"{len(signed)} of {count(len(metrics), 'metric')} signed by a sponsor"
    if broken:
        return Check(
            "Sponsor", Status.OFF_TRACK, f"{quoted_list(broken, 2)} changed after signing", "metrics", due
        )
    asked = [metric.name for metric in metrics if metric.changes_asked]
    if asked:
        return Check(
            "Sponsor", Status.AT_RISK, f"Changes are asked for to {quoted_list(asked, 2)}", "metrics", due
        )
    if not signed:
        return Check("Sponsor", Status.NOT_KNOWN, upper_first(said), "metrics", due)
    if len(signed) < len(metrics):
        return Check("Sponsor", Status.AT_RISK, said, "metrics", due)
    if overdue:
        said = f"{count(len(overdue), 'decision')} overdue: {quoted_list(overdue, 1)}"
        return Check("Sponsor", Status.AT_RISK, said, "decisions", due)
    return Check("Sponsor", Status.ON_TRACK, said, "metrics", due)

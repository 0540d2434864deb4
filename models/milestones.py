"""Where a milestone stands: computed from its evidence and a date, with the reason, the pace and the forecast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from math import ceil

from models.criteria import Finding, evaluate
from models.status import Status
from models.summary import MilestoneFacts, Statement, Summary
from models.wording import day_month, days, lower_first

# Fewer days of work say nothing about a pace.
PACE_AFTER_DAYS = 5
# A pace that needs longer than this says only that it doesn't get there.
FARTHEST_FORECAST_DAYS = 3_650
# With nothing to show after this share of its time, a milestone is at risk.
SILENT_SHARE = 0.5


class MilestoneState(StrEnum):
    """The state of a milestone. The value is the word people read."""

    PLANNED = "planned"
    IN_PROGRESS = "in progress"
    AT_RISK = "at risk"
    LATE = "late"
    DONE = "done"
    WAIVED = "waived"

    @property
    def status(self) -> Status:
        """The status whose icon, colour and mark it is shown with."""
        return _STATUS[self]


_STATUS = {
    MilestoneState.PLANNED: Status.PLANNED,
    MilestoneState.IN_PROGRESS: Status.ON_TRACK,
    MilestoneState.AT_RISK: Status.AT_RISK,
    MilestoneState.LATE: Status.OFF_TRACK,
    MilestoneState.DONE: Status.DONE,
    MilestoneState.WAIVED: Status.PLANNED,
}


@dataclass(frozen=True)
class MilestoneStatus:
    """How a milestone stands on a date.

    `ends_on` is when it was met, or when it will be at today's pace (None where there is no pace to tell by); `slip` is
    how many days that is after its due date (negative where earlier), or where there is no pace how many days it is
    late so far. `claim` and `waiver` are those that hold.
    """

    milestone: MilestoneFacts
    finding: Finding
    state: MilestoneState
    reason: str
    ends_on: date | None
    slip: int
    claim: Statement | None
    waiver: Statement | None

    @property
    def is_open(self) -> bool:
        return self.state not in (MilestoneState.DONE, MilestoneState.WAIVED)


def milestone_statuses(summary: Summary, on: date) -> list[MilestoneStatus]:
    """How each milestone of the current cycle stands, in the plan's order."""
    in_order = sorted(
        summary.milestones, key=lambda milestone: (milestone.phase, milestone.due_on, milestone.id)
    )
    return [milestone_status(summary, milestone, on) for milestone in in_order]


def milestone_status(summary: Summary, milestone: MilestoneFacts, on: date) -> MilestoneStatus:
    """How one milestone stands."""
    finding = evaluate(summary, milestone, on)
    state, reason, ends_on = _judged(milestone, finding, on)
    waiver = next((waiver for waiver in reversed(milestone.waivers) if waiver.holds(on)), None)
    if waiver is not None and not finding.met:
        state = MilestoneState.WAIVED
        reason = f"Waived by {waiver.by} until {day_month(waiver.until)}: {waiver.reason}"
    return MilestoneStatus(
        milestone=milestone,
        finding=finding,
        state=state,
        reason=reason,
        ends_on=ends_on,
        slip=(ends_on - milestone.due_on).days if ends_on else max((on - milestone.due_on).days, 0),
        claim=next((claim for claim in reversed(milestone.claims) if claim.holds(on)), None),
        waiver=waiver,
    )


def _judged(milestone: MilestoneFacts, finding: Finding, on: date) -> tuple[MilestoneState, str, date | None]:
    """State, reason and end by the evidence alone."""
    if finding.met:
        late = (finding.met_on - milestone.due_on).days
        when = f"Done on {day_month(finding.met_on)}" + (f", {days(late)} late" if late > 0 else "")
        return MilestoneState.DONE, f"{when}: {lower_first(finding.text)}", finding.met_on
    forecast = _forecast(milestone, finding, on)
    if on > milestone.due_on:
        late = (on - milestone.due_on).days
        ends = max(forecast, on) if forecast else None
        return (
            MilestoneState.LATE,
            f"{finding.text}; due {day_month(milestone.due_on)}, {days(late)} ago",
            ends,
        )
    if on < milestone.start_on and finding.have == 0:
        return MilestoneState.PLANNED, f"Starts {day_month(milestone.start_on)}", milestone.due_on
    if forecast is not None and forecast > milestone.due_on:
        slip = (forecast - milestone.due_on).days
        pace = _pace(milestone, finding, on)
        return (
            MilestoneState.AT_RISK,
            f"{finding.text}; at {pace} it will be done on {day_month(forecast)}, {days(slip)} late",
            forecast,
        )
    if finding.have == 0 and _is_silent_too_long(milestone, finding, on):
        left = (milestone.due_on - on).days
        return MilestoneState.AT_RISK, f"{finding.text}, with {days(left)} left", None
    return (
        MilestoneState.IN_PROGRESS,
        f"{finding.text}; due {day_month(milestone.due_on)}",
        forecast or milestone.due_on,
    )


def _elapsed(milestone: MilestoneFacts, on: date) -> int:
    """Days of work so far, today included."""
    return (on - milestone.start_on).days + 1


def _is_silent_too_long(milestone: MilestoneFacts, finding: Finding, on: date) -> bool:
    """With nothing to show, half of the time is gone, or even one piece of evidence would be too slow a pace."""
    share_gone = _elapsed(milestone, on) / ((milestone.due_on - milestone.start_on).days + 1)
    with_one = _forecast(milestone, replace(finding, have=1), on) if finding.needed > 1 else None
    return share_gone >= SILENT_SHARE or (with_one is not None and with_one > milestone.due_on)


def _forecast(milestone: MilestoneFacts, finding: Finding, on: date) -> date | None:
    """When it will be met if the rest goes at the pace so far; None before there is a pace."""
    elapsed = _elapsed(milestone, on)
    if finding.have == 0 or elapsed < PACE_AFTER_DAYS:
        return None
    left = max(finding.needed - finding.have, 1)
    return on + timedelta(days=min(ceil(left * elapsed / finding.have), FARTHEST_FORECAST_DAYS))


def _pace(milestone: MilestoneFacts, finding: Finding, on: date) -> str:
    a_week = finding.have / _elapsed(milestone, on) * 7
    return f"today's pace of {a_week:.1f} a week"

"""The status of a milestone: computed from its evidence and a date, with the reason, the pace and the forecast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from math import ceil

from models.criteria import Finding, evaluate
from models.status import Status
from models.summary import MilestoneFacts, Statement, Summary
from models.wording import day_month, days, lower_first

# The days of work that a pace is calculated from, at least.
MIN_PACE_DAYS = 5
# Later forecasts are cut off: they only mean that the pace doesn't suffice.
MAX_FORECAST_DAYS = 3_650
# Without any evidence after this share of its time, a milestone is at risk.
MAX_SHARE_WITHOUT_EVIDENCE = 0.5


class MilestoneState(StrEnum):
    """The state of a milestone. The value is the word that people read."""

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
    """The status of a milestone on a date.

    `ends_on` is the date on which it was met, or will be at today's pace (None without a pace). `slip` is how many days
    that is after its due date (negative if before), or without a pace how many days it is late so far. `claim` and
    `waiver` are those in force.
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
    def status(self) -> Status:
        """The status that it is shown with: without any evidence it is grey, never green."""
        if self.state is MilestoneState.IN_PROGRESS and not self.finding.have:
            return Status.NOT_KNOWN
        return self.state.status

    @property
    def label(self) -> str:
        """The word of its badge: "In progress", or "No evidence yet"."""
        return Status.NOT_KNOWN.label if self.status is Status.NOT_KNOWN else self.state.value.capitalize()

    @property
    def is_open(self) -> bool:
        return self.state not in (MilestoneState.DONE, MilestoneState.WAIVED)


def milestone_statuses(summary: Summary, on: date) -> list[MilestoneStatus]:
    """Return the status of each milestone of the current cycle, in the plan's order."""
    in_order = sorted(
        summary.milestones, key=lambda milestone: (milestone.phase, milestone.due_on, milestone.id)
    )
    return [milestone_status(summary, milestone, on) for milestone in in_order]


def milestone_status(summary: Summary, milestone: MilestoneFacts, on: date) -> MilestoneStatus:
    """Return the status of one milestone."""
    finding = evaluate(summary, milestone, on)
    state, reason, ends_on = _computed(milestone, finding, on)
    waiver = _newest_in_force(milestone.waivers, on)
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
        claim=_newest_in_force(milestone.claims, on),
        waiver=waiver,
    )


def _newest_in_force(statements: list[Statement], on: date) -> Statement | None:
    return next((statement for statement in reversed(statements) if statement.is_in_force(on)), None)


_Computed = tuple[MilestoneState, str, date | None]


def _computed(milestone: MilestoneFacts, finding: Finding, on: date) -> _Computed:
    """State, reason and end date by the evidence alone."""
    if finding.met_on is not None:
        return _done(milestone, finding, finding.met_on)
    forecast = _forecast(milestone, finding, on)
    if on > milestone.due_on:
        return _late(milestone, finding, forecast, on)
    if on < milestone.start_on and finding.have == 0:
        return MilestoneState.PLANNED, f"Starts {day_month(milestone.start_on)}", milestone.due_on
    if forecast is not None and forecast > milestone.due_on:
        slip, pace = (forecast - milestone.due_on).days, _pace(milestone, finding, on)
        reason = f"{finding.text}; at {pace} it will be done on {day_month(forecast)}, {days(slip)} late"
        return MilestoneState.AT_RISK, reason, forecast
    if finding.have == 0 and _is_overdue_for_evidence(milestone, finding, on):
        left = (milestone.due_on - on).days
        return MilestoneState.AT_RISK, f"{finding.text}, with {days(left)} left", None
    reason = f"{finding.text}; due {day_month(milestone.due_on)}"
    return MilestoneState.IN_PROGRESS, reason, forecast or milestone.due_on


def _done(milestone: MilestoneFacts, finding: Finding, met_on: date) -> _Computed:
    late = (met_on - milestone.due_on).days
    when = f"Done on {day_month(met_on)}" + (f", {days(late)} late" if late > 0 else "")
    return MilestoneState.DONE, f"{when}: {lower_first(finding.text)}", met_on


def _late(milestone: MilestoneFacts, finding: Finding, forecast: date | None, on: date) -> _Computed:
    late = (on - milestone.due_on).days
    reason = f"{finding.text}; due {day_month(milestone.due_on)}, {days(late)} ago"
    return MilestoneState.LATE, reason, max(forecast, on) if forecast else None


def _elapsed(milestone: MilestoneFacts, on: date) -> int:
    """Days of work so far, today included."""
    return (on - milestone.start_on).days + 1


def _is_overdue_for_evidence(milestone: MilestoneFacts, finding: Finding, on: date) -> bool:
    """Whether, without any evidence, half of the time is over or even one piece now would be too slow a pace."""
    share_gone = _elapsed(milestone, on) / ((milestone.due_on - milestone.start_on).days + 1)
    with_one = _forecast(milestone, replace(finding, have=1), on) if finding.needed > 1 else None
    return share_gone >= MAX_SHARE_WITHOUT_EVIDENCE or (with_one is not None and with_one > milestone.due_on)


def _forecast(milestone: MilestoneFacts, finding: Finding, on: date) -> date | None:
    """Return the date on which it will be met at the pace so far; None before there is a pace."""
    elapsed = _elapsed(milestone, on)
    if finding.have == 0 or elapsed < MIN_PACE_DAYS:
        return None
    left = max(finding.needed - finding.have, 1)
    return on + timedelta(days=min(ceil(left * elapsed / finding.have), MAX_FORECAST_DAYS))


def _pace(milestone: MilestoneFacts, finding: Finding, on: date) -> str:
    a_week = finding.have / _elapsed(milestone, on) * 7
    return f"today's pace of {a_week:.1f} a week"

"""Decisions as the page shows them: the needed ones, overdue first, and the made ones, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.decisions import Decision
from models.engagement import Engagement
from models.milestones import MilestoneState, MilestoneStatus
from models.pitfalls import NEXT_CYCLE_AFTER_DAY
from models.plan import CYCLE_DAYS
from models.summary import Summary
from models.wording import day_month, days, with_full_stop


@dataclass(frozen=True)
class Need:
    """Something that somebody has to decide: what, who and by when, and the page (and record) that it is decided on."""

    what: str
    text: str
    page: str
    record: tuple[str, str] | None = None


def needs(engagement: Engagement, summary: Summary, plan: list[MilestoneStatus], on: date) -> list[Need]:
    """What needs a decision: the roadmap's open ones, each late milestone, and the next cycle before this one ends."""
    needs = [
        Need(row.title, _needed_said(row, on), "decisions", ("decision", str(row.id)))
        for row in needed(engagement)
    ]
    needs += [
        Need(
            f"{row.milestone.name} is late", f"{engagement.lead} to complete, reschedule or waive it", "plan"
        )
        for row in plan
        if row.state is MilestoneState.LATE
    ]
    unplanned = summary.next_cycle_on is None and summary.closed_on is None
    if unplanned and summary.day(on) > NEXT_CYCLE_AFTER_DAY:
        last = day_month(engagement.cycle().date_of(CYCLE_DAYS))
        needs.append(Need("Plan the next cycle", f"{engagement.lead}, before {last}", "plan"))
    return needs


def _needed_said(decision: Decision, on: date) -> str:
    if decision.needed_by is None:
        return f"{decision.owner}, no date"
    overdue = ", overdue" if decision.needed_by < on else ""
    return f"{decision.owner}, by {day_month(decision.needed_by)}{overdue}"


def needed(engagement: Engagement) -> list[Decision]:
    """The decisions that are still to be made, the one that is needed first at the top: overdue ones lead."""
    still_open = [row for row in engagement.decisions if row.is_open]
    return sorted(still_open, key=lambda row: (row.needed_by or date.max, row.id))


def made(engagement: Engagement) -> list[Decision]:
    """The decisions that were made, newest first."""
    closed = [row for row in engagement.decisions if not row.is_open]
    return sorted(closed, key=lambda row: (row.decided_on, row.id), reverse=True)


def due_text(decision: Decision, on: date) -> str:
    """By 24 Nov, 3 days left; By 20 Nov, 2 days ago"""
    if decision.needed_by is None:
        return "No date"
    left = (decision.needed_by - on).days
    when = "today" if left == 0 else f"{days(left)} left" if left > 0 else f"{days(-left)} ago"
    return f"By {day_month(decision.needed_by)}, {when}"


def made_text(decision: Decision) -> str:
    """Dana Ruiz, 11 Nov 2026. Rests on: 9 of 12 frictions. Metric: Loan decision time."""
    on = decision.decided_on
    text = decision.owner + (f", {day_month(on)} {on.year}." if on else ".")
    text += (
        f" Rests on: {with_full_stop(decision.rests_on)}"
        if decision.rests_on
        else " What it rests on wasn't recorded."
    )
    return text + (f" Metric: {decision.metric.name}." if decision.metric else "")

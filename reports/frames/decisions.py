"""Decisions as the page shows them: the needed ones, overdue first, and the made ones, newest first."""

from __future__ import annotations

from datetime import date

from models.decisions import Decision
from models.engagement import Engagement
from models.wording import day_month, days, with_full_stop


def needed(engagement: Engagement) -> list[Decision]:
    """Return the decisions that are still to be made, the one that is needed first at the top: overdue ones lead."""
    still_open = [row for row in engagement.decisions if row.is_open]
    return sorted(still_open, key=lambda row: (row.needed_by or date.max, row.id))


def made(engagement: Engagement) -> list[Decision]:
    """Return the decisions that were made, newest first."""
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

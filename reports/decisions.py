"""Decisions as the page shows them: the needed ones, overdue first, and the made ones, newest first."""

from __future__ import annotations

from datetime import date

import pandas as pd

from models.decisions import Decision
from models.engagement import Engagement
from models.wording import day_month, days


def needed(engagement: Engagement) -> list[Decision]:
    """The decisions that are still to be made, the one that is needed first at the top: overdue ones lead."""
    still_open = [row for row in engagement.decisions if row.is_open]
    return sorted(still_open, key=lambda row: (row.needed_by or date.max, row.id))


def made(engagement: Engagement) -> list[Decision]:
    """The decisions that were made, newest first."""
    closed = [row for row in engagement.decisions if not row.is_open]
    return sorted(closed, key=lambda row: (row.decided_on, row.id), reverse=True)


def due_said(decision: Decision, on: date) -> str:
    """By 24 Nov, 3 days left; By 20 Nov, 2 days ago"""
    if decision.needed_by is None:
        return "No date"
    left = (decision.needed_by - on).days
    when = "today" if left == 0 else f"{days(left)} left" if left > 0 else f"{days(-left)} ago"
    return f"By {day_month(decision.needed_by)}, {when}"


def decision_table(decisions: list[Decision]) -> pd.DataFrame:
    """One row a decision that was made: when, what, the outcome, what it rests on, its metric, by whom."""
    return pd.DataFrame(
        {
            "Decided": [
                f"{day_month(row.decided_on)} {row.decided_on.year}".replace(" ", "\u00a0")
                for row in decisions
            ],
            "Decision": [row.title for row in decisions],
            "Outcome": [row.outcome or "" for row in decisions],
            "Rests on": [row.rests_on or "not recorded" for row in decisions],
            "Metric": [row.metric.name if row.metric else "none" for row in decisions],
            "Owner": [row.owner for row in decisions],
        }
    )

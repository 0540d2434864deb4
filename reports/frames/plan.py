"""The plan as rows for its chart and its list."""

from __future__ import annotations

from datetime import date

import pandas as pd

from models.milestones import MilestoneState, MilestoneStatus
from models.wording import day_month


def plan_frame(plan: list[MilestoneStatus], on: date) -> pd.DataFrame:
    """One row a milestone as reports/charts/plan.py takes them: the plan's dates, what is expected, and a note."""
    rows = [
        {
            "milestone": row.milestone.name,
            "start": row.milestone.start_on,
            "due": row.milestone.due_on,
            "forecast_start": _begun_on(row, on),
            "forecast_end": _ends_on(row, on),
            "status": row.status.value,
            "note": slip_note(row),
        }
        for row in plan
    ]
    columns = ["milestone", "start", "due", "forecast_start", "forecast_end", "status", "note"]
    frame = pd.DataFrame(rows, columns=columns)
    for column in columns[1:5]:
        frame[column] = pd.to_datetime(frame[column])
    return frame


def slip_note(row: MilestoneStatus) -> str:
    """Return how a milestone slips, in short: "6 d late", "waived", or nothing."""
    if row.state is MilestoneState.WAIVED:
        return "waived"
    return f"{row.slip} d late" if row.slip > 0 else ""


def _begun_on(row: MilestoneStatus, on: date) -> date | None:
    if row.state is MilestoneState.PLANNED or row.state is MilestoneState.WAIVED:
        return None
    end = _ends_on(row, on)
    return min(row.milestone.start_on, end) if end else row.milestone.start_on


def _ends_on(row: MilestoneStatus, on: date) -> date | None:
    if row.state in (MilestoneState.PLANNED, MilestoneState.WAIVED):
        return None
    if row.ends_on is None:
        return max(on, row.milestone.due_on)
    return row.ends_on


def milestone_table(plan: list[MilestoneStatus]) -> pd.DataFrame:
    """The chart's text alternative: milestone, state, due date and reason in words, as text and not as Markdown."""
    return pd.DataFrame(
        [
            {
                "Milestone": row.milestone.name,
                "State": row.label,
                "Due": day_month(row.milestone.due_on),
                "Why": row.reason,
            }
            for row in plan
        ]
    )

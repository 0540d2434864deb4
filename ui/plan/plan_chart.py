"""The 30-60-90 chart in its card: where an engagement is in its plan."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from models.engagement import Engagement
from models.milestones import MilestoneStatus
from models.status import Status
from reports.charts.plan import PLAN_BAR, Phase, plan
from reports.charts.theme import Mark, legend
from reports.frames.plan import milestone_table, plan_frame
from ui import html
from ui.memoize import memoize

IN_LEGEND: list[Status | Mark] = [
    Status.ON_TRACK,
    Status.AT_RISK,
    Status.OFF_TRACK,
    Status.DONE,
    Status.PLANNED,
    PLAN_BAR,
]


def plan_card(engagement: Engagement, milestones: list[MilestoneStatus], on: date, below: Markup) -> Markup:
    """Return a card with the chart of the milestones and their statuses on a date, and with `below` under it."""
    cycle = engagement.cycle()
    phases = [
        Phase(phase.name, phase.from_day, phase.to_day)
        for phase in sorted(cycle.phases, key=lambda phase: phase.number)
    ]
    chart = memoize("plan", engagement, lambda: plan(plan_frame(milestones, on), cycle.day_1, on, phases), on)
    table = html.table(milestone_table(milestones).to_dict("list"), "Milestones")
    as_table = html.collapsible("The same as a table", table)
    return html.card("Where we are in the 90 days", legend(IN_LEGEND), chart, below, as_table)

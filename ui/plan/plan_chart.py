"""The 30-60-90 chart in its card: where an engagement is in its plan."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from models.engagement import Engagement
from models.milestones import MilestoneStatus
from models.status import Status
from models.wording import day_month
from reports.charts.plan import PLAN_BAR, Phase, plan
from reports.charts.theme import Mark, legend
from reports.frames.plan import milestone_table, plan_frame
from ui import html, navigation
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
    """Return the chart of the milestones, with their status on a day, in a card with `below` under it."""
    chart = memoize(
        "plan", engagement, lambda: _chart(engagement, milestones, on), on, str(navigation.as_of())
    )
    table = html.table(milestone_table(milestones).to_dict("list"), "Milestones")
    same = html.collapsible("The same as a table", table)
    title = f"{engagement.name}: where we are in the 90 days"
    buttons = html.picture_buttons(title, f"{engagement.client}, as of {day_month(on)} {on.year}.")
    return html.card("Where we are in the 90 days", legend(IN_LEGEND), chart, buttons, below, same)


def _chart(engagement: Engagement, milestones: list[MilestoneStatus], on: date) -> Markup:
    """Return the chart, each row of which leads to the milestone's evidence."""
    cycle = engagement.cycle()
    phases = [
        Phase(phase.name, phase.from_day, phase.to_day)
        for phase in sorted(cycle.phases, key=lambda phase: phase.number)
    ]
    leads = [navigation.address(row.finding.page, engagement.slug) for row in milestones]
    return plan(plan_frame(milestones, on).assign(href=leads), cycle.day_1, on, phases)

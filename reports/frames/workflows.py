"""What the page of workflows shows: the workflows as a table, and what their milestones still miss."""

from __future__ import annotations

from datetime import date

import pandas as pd

from models.engagement import Engagement
from models.milestones import MilestoneState, MilestoneStatus, milestone_statuses
from models.summary import Summary
from models.wording import count, day_month, join_list
from models.workflows import Workflow


def milestone_of(summary: Summary, criterion: str, on: date) -> MilestoneStatus | None:
    """Return how the milestone of a criterion stands in the current cycle; None where the plan has none."""
    return next(
        (row for row in milestone_statuses(summary, on) if row.milestone.criterion == criterion), None
    )


def first_live_first(workflows: list[Workflow]) -> list[Workflow]:
    """Workflows as people ask for them: live ones as they went live, then what is built, candidates, and retired."""
    order = ["live", "building", "candidate", "retired"]
    return sorted(workflows, key=lambda flow: (order.index(flow.state), flow.live_on or date.max, flow.id))


def state_text(flow: Workflow) -> str:
    """Live since 3 Nov, building, candidate, retired."""
    return (
        f"Live since {day_month(flow.live_on)}" if flow.is_live and flow.live_on else flow.state.capitalize()
    )


def rehearsal_text(flow: Workflow) -> str:
    """Return when its manual fallback was last rehearsed, or what it lacks."""
    if not flow.fallback:
        return "No manual fallback"
    if flow.rehearsed_on is None:
        return "Never rehearsed"
    return f"Last rehearsed {day_month(flow.rehearsed_on)}"


def workflow_table(workflows: list[Workflow]) -> pd.DataFrame:
    """Return one row a workflow: name, state, systems, rehearsal, frictions, metric."""
    return pd.DataFrame(
        {
            "Workflow": [flow.name for flow in workflows],
            "State": [state_text(flow) for flow in workflows],
            "Runs over": [
                ", ".join(use.system.name for use in flow.uses) or "not known" for flow in workflows
            ],
            "Manual fallback": [rehearsal_text(flow) for flow in workflows],
            "Asked for by": [frictions_text(flow) for flow in workflows],
            "Metric": [flow.metric.name if flow.metric else "none" for flow in workflows],
        }
    )


def frictions_text(flow: Workflow) -> str:
    """3 frictions, or no friction"""
    return count(len(flow.frictions), "friction") if flow.frictions else "no friction"


def missing_for_first(engagement: Engagement, on: date) -> list[str]:
    """Return what each workflow that is built or live still needs before it can be the first one live, in words."""
    missing = []
    for flow in engagement.workflows:
        if flow.state not in ("building", "live"):
            continue
        steps = [
            step
            for step, holds in [
                ("take it live", flow.is_live and flow.was_live(on)),
                ("describe its manual fallback", flow.fallback),
                ("rehearse its fallback", flow.rehearsed_on is not None and flow.rehearsed_on <= on),
            ]
            if not holds
        ]
        if steps:
            missing.append(f"{flow.name}: {join_list(steps)}")
    return missing or ["Choose a workflow that a friction asked for, and begin to build it"]


def missing_for_more(engagement: Engagement, status: MilestoneStatus) -> list[str]:
    """Return what keeps more workflows from counting, in words."""
    unasked = [flow.name for flow in engagement.workflows if flow.is_live and not flow.is_asked_for]
    building = [flow.name for flow in engagement.workflows if flow.state == "building"]
    more = status.finding.needed - status.finding.have
    missing = [f"{name}: link the friction that asked for it" for name in unasked]
    being_built = f", {join_list(building)} being built" if building else ""
    return [*missing, f"{count(more, 'more workflow')} live that a friction asked for{being_built}"]


def missing(engagement: Engagement, status: MilestoneStatus, on: date) -> list[str]:
    """Return what is missing for the milestone of the first workflow, or of more of them; nothing where it is met."""
    if status.state is MilestoneState.DONE:
        return []
    if status.milestone.criterion == "first_workflow_live":
        return missing_for_first(engagement, on)
    return missing_for_more(engagement, status)

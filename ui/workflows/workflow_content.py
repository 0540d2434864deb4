"""What is read on the page of workflows: its milestones, the workflows, and the pipelines beneath, as HTML components."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from textwrap import shorten

from markupsafe import Markup

from models.engagement import Engagement
from models.milestones import MilestoneStatus
from models.pipelines import PIPELINE_KINDS, Pipeline
from models.status import Status
from models.summary import Summary
from models.wording import upper_first
from models.workflows import Workflow
from reports.frames import workflows as rows
from ui import html, navigation

MILESTONES = ("first_workflow_live", "workflows_extended")
# More of a manual fallback is read in the drawer.
FALLBACK_SHOWN = 110
# Pixels: below these, a card stands under the one before it.
MILESTONE_WIDTH, PIPELINES_WIDTH = 300, 200
LOOKS = {
    "live": ("green", "check_circle"),
    "building": ("blue", "construction"),
    "candidate": ("gray", "lightbulb"),
    "retired": ("gray", "archive"),
}
UNDECLARED = {
    "build": "Nothing shows that it builds.",
    "test": "Nothing shows that it was tested.",
    "deploy": "Nothing shows that it can be deployed.",
}


def milestones(engagement: Engagement, summary: Summary, on: date) -> Markup:
    """Return the cards of the workflows' milestones, with what each still misses; empty where the plan has none."""
    plan = [status for criterion in MILESTONES if (status := rows.milestone_of(summary, criterion, on))]
    cards = [_milestone(engagement, status, on) for status in plan]
    return html.grid(cards, MILESTONE_WIDTH) if cards else Markup()


def _milestone(engagement: Engagement, status: MilestoneStatus, on: date) -> Markup:
    missing = html.bullet_list(rows.missing(engagement, status, on))
    name = html.join([html.bold(status.milestone.name), " ", html.badge(status.status, status.label)])
    parts = [Markup("<p>{}</p>").format(name), html.paragraph(f"{status.reason}.")]
    return html.framed(*parts, *([html.caption("Missing"), missing] if missing else []))


def workflow_cards(slug: str, flows: Sequence[Workflow], *, with_themes: bool) -> Markup:
    """Return the workflows, each with what it runs over, falls back to, who asked for it, and its metric.

    `with_themes` names the themes of the frictions that ask for it: what interviewees said.
    """
    cards = [_workflow(slug, flow, with_themes) for flow in flows]
    table = html.table(rows.workflow_table(list(flows)).to_dict("list"), "Workflows")
    return html.section("Workflows", html.stack([*cards, html.collapsible("The same as a table", table)]))


def _workflow(slug: str, flow: Workflow, with_themes: bool) -> Markup:
    fallback = shorten(flow.fallback, FALLBACK_SHOWN, placeholder="…") if flow.fallback else "None described"
    themes = dict.fromkeys(friction.theme for friction in flow.frictions) if with_themes else {}
    return html.render(
        "workflow.html",
        title=html.record_link("workflow", slug, flow, flow.name),
        badge=html.coloured_badge(*LOOKS[flow.state], rows.state_text(flow)),
        facts={
            "Runs over": (", ".join(use.system.name for use in flow.uses) or "No system named", ""),
            "Manual fallback": (fallback, rows.rehearsal_text(flow) if flow.fallback else ""),
            "Asked for by": (upper_first(rows.frictions_text(flow)), ", ".join(themes)),
            "Metric": (flow.metric.name if flow.metric else "None", ""),
        },
    )


def foundation(engagement: Engagement, summary: Summary, on: date, *, may_declare: bool) -> Markup:
    """Return the foundation's milestone, and the pipelines by their kind, with the links that declare one."""
    status = rows.milestone_of(summary, "foundation_live", on)
    milestone = (
        [Markup("<p>{} {}.</p>").format(html.badge(status.status, status.label), status.reason)]
        if status is not None
        else []
    )
    kinds = [_pipelines(engagement, kind, on, may_declare) for kind in PIPELINE_KINDS]
    return html.section("Foundation", *milestone, html.grid(kinds, PIPELINES_WIDTH))


def _pipelines(engagement: Engagement, kind: str, on: date, may_declare: bool) -> Markup:
    of_kind = [_pipeline(engagement.slug, row, on) for row in engagement.pipelines if row.kind == kind]
    label = f"Declare another {kind} pipeline" if of_kind else f"Declare the {kind} pipeline"
    ways = {label: navigation.address("workflows", engagement.slug, do="declare", kind=kind)}
    return html.render(
        "pipelines.html",
        kind=kind.capitalize(),
        pipelines=of_kind,
        not_declared=html.badge(Status.NOT_KNOWN, "Not declared"),
        undeclared=UNDECLARED[kind],
        declare=html.link_group(f"The {kind} pipelines", ways, "") if may_declare else "",
    )


def _pipeline(slug: str, pipeline: Pipeline, on: date) -> dict[str, Markup | str]:
    title = html.title_link("workflows", slug, pipeline.name, pipeline=str(pipeline.id))
    link = html.external_link("Open the pipeline", pipeline.link) if pipeline.link else ""
    return {
        "title": title,
        "badge": html.badge(*pipeline.status(on)),
        "link": link or "No link, so nobody can look it up",
    }

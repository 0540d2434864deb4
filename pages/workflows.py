"""Workflows: what users work through, who asked for it, and the pipelines beneath."""

from textwrap import shorten

import streamlit as st

from models.permissions import Action
from models.pipelines import PIPELINE_KINDS
from models.status import Status
from models.wording import upper_first
from reports.frames import workflows as rows
from ui import drawer, frame, html, markdown
from ui.workflows.pipeline_drawer import declare_pipeline, open_pipeline
from ui.workflows.workflow_drawer import add_workflow, open_workflow

# More of a manual fallback is read in the drawer.
FALLBACK_SHOWN = 110
BADGES = {
    "live": ":green-badge[:material/check_circle: {}]",
    "building": ":blue-badge[:material/construction: {}]",
    "candidate": ":gray-badge[:material/lightbulb: {}]",
    "retired": ":gray-badge[:material/archive: {}]",
}

UNDECLARED = {
    "build": "Nothing shows that it builds.",
    "test": "Nothing shows that it was tested.",
    "deploy": "Nothing shows that it can be deployed.",
}

engagement = frame.engagement()
summary, on = frame.head("Workflows", engagement)
slug = engagement.slug
flows = rows.first_live_first(engagement.workflows)
may_edit = frame.may(engagement, Action.EDIT_WORKFLOWS)
may_read = frame.may(engagement, Action.READ_INTERVIEWS)
may_report = frame.may(engagement, Action.EDIT_FOUNDATION)

asked_for = ["first_workflow_live", "workflows_extended"]
plan = [status for criterion in asked_for if (status := rows.milestone_of(summary, criterion, on))]
for card, status in zip(st.columns(max(len(plan), 1)), plan, strict=False):
    with card.container(border=True, height="stretch"):
        st.markdown(
            f"**{markdown.escaped(status.milestone.name)}** {markdown.badge(status.status, status.label)}"
        )
        st.markdown(f"{markdown.escaped(status.reason)}.")
        left = rows.missing(engagement, status, on)
        if left:
            st.caption("Missing")
            st.markdown("\n".join(f"- {markdown.escaped(step)}" for step in left))

st.header("Workflows")
if not flows:
    frame.empty(
        "No workflow is named yet.",
        "A workflow is a thin slice that users work through from end to end. Name the first one that a friction "
        "asks for; everything else, from fallback to training, hangs on it. For example: decision for "
        "returning customers, with the evening batch as the manual fallback.",
        "Add the first workflow" if may_edit else "",
        lambda: add_workflow(engagement),
    )
    if may_edit:
        html.show(html.link("imports", slug, "Or import workflows from a file"), width="content")
for flow in flows:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            html.show(html.record_link("workflow", slug, flow, flow.name), width="content")
            st.markdown(BADGES[flow.state].format(rows.state_text(flow)), width="content")
        fallback = (
            shorten(flow.fallback, FALLBACK_SHOWN, placeholder="…") if flow.fallback else "None described"
        )
        themes = ", ".join(dict.fromkeys(friction.theme for friction in flow.frictions)) if may_read else ""
        facts = {
            "Runs over": (", ".join(use.system.name for use in flow.uses) or "No system named", ""),
            "Manual fallback": (fallback, rows.rehearsal_text(flow) if flow.fallback else ""),
            "Asked for by": (upper_first(rows.frictions_text(flow)), themes),
            "Metric": (flow.metric.name if flow.metric else "None", ""),
        }
        with st.grid(4, min_column_width=150):
            for label, (text, more) in facts.items():
                with st.container(gap=None):
                    st.caption(label)
                    st.markdown(
                        markdown.escaped(text) + (f"  \n:gray[{markdown.escaped(more)}]" if more else "")
                    )
if flows:
    if may_edit and st.button("Add a workflow"):
        add_workflow(engagement)
    table = html.table(rows.workflow_table(flows).to_dict("list"), "Workflows")
    html.show(html.collapsible("The same as a table", table))

st.header("Foundation")
foundation = rows.milestone_of(summary, "foundation_live", on)
if foundation is not None:
    st.markdown(
        f"{markdown.badge(foundation.status, foundation.label)} {markdown.escaped(foundation.reason)}."
    )
by_kind = {kind: [row for row in engagement.pipelines if row.kind == kind] for kind in PIPELINE_KINDS}
for column, (kind, pipelines) in zip(st.columns(3), by_kind.items(), strict=True):
    with column.container(border=True, height="stretch"):
        st.caption(kind.capitalize())
        for pipeline in pipelines:
            link = html.title_link("workflows", slug, pipeline.name, pipeline=str(pipeline.id))
            html.show(link, width="content")
            html.show(html.badge(*pipeline.status(on)), width="content")
            if pipeline.link:
                st.markdown(markdown.external_link("Open the pipeline", pipeline.link))
            else:
                st.markdown("No link, so nobody can look it up")
        if not pipelines:
            html.show(html.badge(Status.NOT_KNOWN, "Not declared"), width="content")
            st.markdown(UNDECLARED[kind])
        label = f"Declare another {kind} pipeline" if pipelines else f"Declare the {kind} pipeline"
        if may_report and st.button(label, type="tertiary" if pipelines else "secondary"):
            declare_pipeline(engagement, kind)

drawer.open_from_address(
    {
        "workflow": (flows, lambda flow: open_workflow(engagement, flow, on)),
        "pipeline": (engagement.pipelines, lambda pipeline: open_pipeline(engagement, pipeline, on)),
    }
)

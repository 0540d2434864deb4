"""Workflows: what users work through, who asked for it, and the pipelines beneath."""

import streamlit as st
from markupsafe import Markup

from models.permissions import Action
from models.pipelines import PIPELINE_KINDS
from reports.frames import workflows as rows
from ui import drawer, frame, html, navigation
from ui.memoize import memoize
from ui.workflows import workflow_content
from ui.workflows.pipeline_drawer import declare_pipeline, open_pipeline
from ui.workflows.workflow_drawer import add_workflow, open_workflow

engagement = frame.engagement()
summary, on = frame.head("Workflows", engagement)
slug = engagement.slug
flows = rows.first_live_first(engagement.workflows)
may_edit = frame.may(engagement, Action.EDIT_WORKFLOWS)
may_read = frame.may(engagement, Action.READ_INTERVIEWS)
may_report = frame.may(engagement, Action.EDIT_FOUNDATION)


def milestones_and_workflows() -> Markup:
    parts = [workflow_content.milestones(engagement, summary, on)]
    if flows:
        parts.append(workflow_content.workflow_cards(slug, flows, with_themes=may_read))
    return html.stack(filter(None, parts))


def foundation() -> Markup:
    return workflow_content.foundation(engagement, summary, on, may_declare=may_report)


html.show(memoize("workflows", engagement, milestones_and_workflows, on, may_read, str(navigation.as_of())))
if not flows:
    st.header("Workflows")
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
elif may_edit and st.button("Add a workflow"):
    add_workflow(engagement)

html.show(memoize("foundation", engagement, foundation, on, may_report, str(navigation.as_of())))

asked = navigation.take_act("kind")
if asked.get("do") == "declare" and may_report:
    if (kind := asked.get("kind", "")) in PIPELINE_KINDS:
        declare_pipeline(engagement, kind)
else:
    drawer.open_from_address(
        {
            "workflow": (flows, lambda flow: open_workflow(engagement, flow, on)),
            "pipeline": (engagement.pipelines, lambda pipeline: open_pipeline(engagement, pipeline, on)),
        }
    )

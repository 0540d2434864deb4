"""Adoption: whether people were trained on what is live, and have something to work from."""

import streamlit as st

from models.permissions import Action
from models.wording import count, day_month
from reports.frames import adoption as rows
from reports.frames.workflows import milestone_of
from ui import drawer, frame, html, markdown
from ui.workflows.adoption_drawer import open_document, open_training

engagement = frame.engagement()
summary, on = frame.head("Adoption", engagement)
may_edit = frame.may(engagement, Action.EDIT_ADOPTION)
live = rows.live_workflows(engagement, on)
gaps = rows.adoption_gaps(engagement, on)
milestone = milestone_of(summary, "adoption_begun", on)


with st.container(border=True):
    if milestone is not None:
        title, state = st.columns([4, 1], vertical_alignment="center")
        title.header(markdown.escaped(milestone.milestone.name))
        with state.container(horizontal=True, horizontal_alignment="right"):
            html.show(html.badge(milestone.status, milestone.label), width="content")
        st.markdown(f"{markdown.escaped(milestone.reason)}.")
    if gaps:
        st.caption(f"{count(len(gaps), 'gap')} in what is live")
        st.markdown("\n".join(f"- {markdown.escaped(gap)}" for gap in gaps))
    elif live:
        st.markdown("Every live workflow has a training that people came to, and a document.")
    if may_edit:
        with st.container(horizontal=True):
            if st.button("Record a training", type="primary"):
                open_training(engagement, on)
            if st.button("Add a document"):
                open_document(engagement, on)

st.header("Live workflows")
if live:
    none = html.coloured_badge("orange", "warning", "None")
    trained = [
        ", ".join(f"{rows.attendance(row)} on {day_month(row.held_on)}" for row in rows.trained(flow))
        for flow in live
    ]
    written = [
        html.join([html.external_link(row.title, row.link) for row in flow.documents], ", ") for flow in live
    ]
    html.show(
        html.table(
            {
                "Workflow": [flow.name for flow in live],
                "Live since": [day_month(flow.live_on) if flow.live_on else "" for flow in live],
                "Training": [text or none for text in trained],
                "Document": [text or none for text in written],
            },
            "Live workflows with their trainings and documents",
        )
    )
else:
    st.write("No workflow is live yet, so there is nothing that people have to be ready for.")
    html.show(html.link("workflows", engagement.slug, "See what is being built"), width="content")

st.header("Trainings")
trainings = rows.trainings(engagement)
if trainings:
    html.show(
        html.table(
            rows.training_table(trainings).to_dict("list"),
            "Trainings, newest first, with how many attended of how many were invited",
        )
    )
    drawer.record_select("training", trainings)
else:
    st.write(
        "No training is recorded. What nobody was shown, few use: record each with who was invited and who came."
    )

st.header("Documents")
documents = rows.documents(engagement)
if documents:
    html.show(
        html.table(
            {
                "Document": [html.external_link(row.title, row.link) for row in documents],
                "Published on": [
                    f"{day_month(row.published_on)} {row.published_on.year}" for row in documents
                ],
                "Workflow": [row.workflow.name if row.workflow else rows.ALL_WORKFLOWS for row in documents],
            },
            "Documents, newest first",
        )
    )
    drawer.record_select("document", documents)
else:
    st.write(
        "No document is listed. People need one for each live workflow that they can work from on their own."
    )

drawer.open_from_address(
    {
        "training": (trainings, lambda row: open_training(engagement, on, row)),
        "document": (documents, lambda row: open_document(engagement, on, row)),
    }
)

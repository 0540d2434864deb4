"""Decisions: what is needed from whom by when, and what was decided on which evidence."""

import streamlit as st

from models.permissions import Action
from models.status import Status
from models.wording import count
from reports import decisions as rows
from reports.workflows import standing_of
from ui import drawer, frame
from ui.decision_drawer import need_a_decision, record_a_decision, show_decision

engagement = frame.engagement()
summary, on = frame.head("Decisions", engagement)
may_decide = frame.may(engagement, Action.DECIDE)
needed, made = rows.needed(engagement), rows.made(engagement)
standing = standing_of(summary, "metrics_reviewed", on)

with st.container(border=True):
    overdue = sum(row.needed_by is not None and row.needed_by < on for row in needed)
    late = f", {overdue} overdue" if overdue else ""
    st.header(f"{count(len(needed), 'decision')} needed{late}" if needed else "No decision is needed")
    for decision in needed:
        line = st.container(gap=None)
        with line.container(horizontal=True, vertical_alignment="center"):
            drawer.opener("decision", decision, decision.title)
            if decision.needed_by is not None and decision.needed_by < on:
                frame.badge(Status.OFF_TRACK, "Overdue")
        line.caption(f"{frame.escaped(decision.owner)}. {rows.due_said(decision, on)}.")
    if not needed:
        st.write("Whatever only a sponsor or a lead can settle belongs here, with who decides and by when.")
    if may_decide:
        with st.container(horizontal=True):
            if st.button("Ask for a decision", type="primary"):
                need_a_decision(engagement, on)
            if st.button("Record a decision that was made"):
                record_a_decision(engagement, on)

st.header("Decided")
if standing is not None:
    st.markdown(
        f"**{frame.escaped(standing.milestone.name)}** "
        f"{frame.badge_text(standing.state.status, standing.state.value.capitalize())} "
        f"{frame.escaped(standing.reason)}."
    )
for decision in made:
    line = st.container(gap=None)
    with line:
        drawer.opener("decision", decision, decision.title)
    line.markdown(frame.escaped(decision.outcome or "The outcome wasn't recorded."))
    line.caption(frame.escaped(rows.made_said(decision)))
if not made:
    st.write("Nothing was decided yet. A roadmap that no evidence ever moves isn't being steered.")

show = {"decision": (engagement.decisions, lambda decision: show_decision(engagement, decision, on))}
drawer.from_address(show)

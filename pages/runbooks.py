"""Runbooks: how each replacement is switched over; one of them (`&runbook=ID`), and one run in the room (`&run=N`)."""

import streamlit as st

from models.permissions import Action
from models.wording import count
from reports.frames.runs import rehearsed_text
from ui import current_user, frame, html
from ui.runbooks.run_view import show_run
from ui.runbooks.runbook_view import show_runbook, write_runbook

engagement = frame.engagement()
slug = engagement.slug
runbook = next((row for row in engagement.runbooks if str(row.id) == st.query_params.get("runbook")), None)

if "runbook" in st.query_params:
    number = st.query_params.get("run")
    run = runbook and number and next((row for row in runbook.runs if str(row.number) == number), None)
    if runbook is None or (number and not run):
        st.title(frame.NOT_FOUND)
        st.write("There is no such runbook or run in this engagement.")
        html.show(html.link("runbooks", slug, "Open the runbooks"), width="content")
    elif run:
        show_run(engagement, run)
    else:
        show_runbook(engagement, runbook)
    st.stop()

frame.head("Runbooks", engagement)
with_one = {row.replacement_id for row in engagement.runbooks}
free = [row for row in engagement.replacements if row.id not in with_one]
may_edit = frame.may(engagement, Action.EDIT_RUNBOOKS)
if not engagement.runbooks:
    frame.empty(
        "No runbook is written yet.",
        "A runbook says who does what on the evening of a cutover, and how each step is undone. It is rehearsed before "
        "anything runs for real. For example: 1. Freeze intake; 2. Drain the queue; 3. Check the balance."
        + ("" if free else " It belongs to a replacement: add that first."),
        "Write the first runbook" if may_edit and free else "",
        lambda: write_runbook(engagement, free),
    )
    if may_edit and not free:
        html.show(html.link("replacements", slug, "Open the replacements"), width="content")
for row in engagement.runbooks:
    with st.container(border=True):
        html.show(html.record_link("runbook", slug, row, row.name), width="content")
        now = current_user.now()
        latest = f"; run {row.runs[-1].number} is {row.runs[-1].progress(now).state}" if row.runs else ""
        st.caption(f"{count(len(row.steps), 'step')}, {rehearsed_text(row, row.digest(), now)}{latest}")
if engagement.runbooks and free and may_edit and st.button("Write another runbook"):
    write_runbook(engagement, free)

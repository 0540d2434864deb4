"""Replacements: what moves from old to new, what a full cutover still needs; and one at a time (`&replacement=ID`)."""

import streamlit as st

from models.permissions import Action
from reports.replacements.gates import gates
from reports.replacements.rows import page_title, rows_of
from store.states import summary_of
from ui import frame, html
from ui.current_user import reader
from ui.notes import show_notes
from ui.replacements.acts import add_replacement
from ui.replacements.replacement_rows import replacement_rows
from ui.replacements.replacement_view import show_replacement

engagement = frame.engagement()
slug, today = engagement.slug, frame.today(engagement)
gate_by_id = gates(reader(), engagement, today, frame.revision())
rows = rows_of(engagement, summary_of(engagement), gate_by_id, today)
may_edit = frame.may(engagement, Action.EDIT_REPLACEMENTS)

if "replacement" in st.query_params:
    row = next((row for row in rows if str(row.replacement.id) == st.query_params["replacement"]), None)
    if row is None:
        st.title(frame.NOT_FOUND)
        st.write("There is no such replacement in this engagement. It may have been removed since.")
        html.show(html.link("replacements", slug, "Open the replacements"), width="content")
        st.stop()
    html.show(html.back_link("replacements", slug, "All replacements"), width="content")
    ends = f"{row.replacement.old.name} → {row.replacement.new.name}"
    frame.head(row.replacement.name, engagement, f"{ends}, for “{row.replacement.workflow.name}”.")
    show_replacement(engagement, row, today)
    show_notes(engagement, "replacement", row.replacement.id)
    st.stop()

frame.head(
    page_title(rows),
    engagement,
    "The share of work that the new part answers, and what a full cutover still needs.",
)
if rows:
    html.show(replacement_rows(slug, rows))
    if may_edit and st.button("Add a replacement"):
        add_replacement(engagement, today)
else:
    has_systems = len(engagement.systems) > 1
    ready = may_edit and has_systems and engagement.workflows
    frame.empty(
        "No replacement is named yet.",
        "A replacement says which new system takes over the work of which old one, for one workflow, and how to go "
        "back. It needs a workflow and both systems in the inventory. For example: the loan decision moves from the "
        "nightly batch to the decision engine, and one flag sends it back.",
        "Add the first replacement" if ready else "",
        lambda: add_replacement(engagement, today),
    )
    if may_edit and not ready:
        needed = ("workflows", "Add a workflow") if has_systems else ("inventory", "Add systems")
        html.show(html.link(needed[0], slug, needed[1]), width="content")

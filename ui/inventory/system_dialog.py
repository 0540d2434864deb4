"""The dialog that changes a system."""

from __future__ import annotations

from typing import Any

import streamlit as st

from models.inventory import CRITICALITIES, LIFECYCLES, System
from services.inventory import systems
from services.parsing.typed_texts import placeholders_of_typed
from ui import feedback
from ui.current_user import actor


def edit_system(slug: str, system: System) -> None:
    """Open a dialog that changes a system."""
    st.dialog("Edit system", position="right")(_form)(slug, system)


def _form(slug: str, system: System) -> None:
    feedback.show_in_dialog()
    form = f"system {system.id} {system.version}"

    def save() -> None:
        entered = {column: st.session_state[f"{form} {column}"] for column in shown}
        fields = {column: value for column, value in entered.items() if value != shown[column]}
        who = actor(once=feedback.submission(form))
        changed = [(system.id, system.version, fields)]
        if feedback.attempt(lambda: systems.save(who, slug, changed=changed), "Saved the system"):
            feedback.renew(form)
            feedback.warn(placeholders_of_typed({"Owner": fields.get("owner")}))

    with st.form(form, border=False):
        shown = _fields(system, form)
        st.form_submit_button("Save system", type="primary", on_click=save)


def _fields(system: System, form: str) -> dict[str, Any]:
    """Draw a field for each column. Returns what each starts with."""
    shown = {
        column: getattr(system, column) or ""
        for column in ("name", "kind", "owner", "technology", "note", "code")
    }
    for column in ("name", "kind", "owner"):
        st.text_input(column.capitalize(), shown[column], key=f"{form} {column}")
    for column, choices in [("criticality", CRITICALITIES), ("lifecycle", LIFECYCLES)]:
        shown[column] = getattr(system, column)
        known = choices.index(shown[column]) if shown[column] else None
        st.selectbox(column.capitalize(), choices, known, key=f"{form} {column}", placeholder="Not known")
    st.text_input("Technology", shown["technology"], key=f"{form} technology")
    shown |= {"standalone": system.standalone, "reviewed_on": system.reviewed_on}
    st.checkbox("Standalone: it has no dependencies", system.standalone, key=f"{form} standalone")
    st.date_input(
        "Reviewed by its owner on", system.reviewed_on, key=f"{form} reviewed_on", format="YYYY-MM-DD"
    )
    st.text_input("Code", shown["code"], key=f"{form} code", placeholder="repository:path; repository:path")
    st.text_area("Note", shown["note"], key=f"{form} note")
    return shown

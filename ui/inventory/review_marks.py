"""The button that notes that owners have reviewed their systems."""

from __future__ import annotations

from datetime import date

import streamlit as st

from models.inventory import System
from models.wording import count, day_month
from services.inventory import systems
from ui import drawer


def mark_reviewed(slug: str, unreviewed: list[System], on: date) -> None:
    """Draw the button for systems whose owner's review is missing; nothing where there are none."""
    if not unreviewed:
        return
    by_id = {row.id: row for row in unreviewed}

    def save() -> None:
        chosen = [by_id[row_id] for row_id in st.session_state["reviewed systems"]]
        what = count(len(chosen), "system")
        changed = [(row.id, row.version, {"reviewed_on": on}) for row in chosen]
        drawer.attempt(
            "mark reviewed",
            lambda actor: systems.save(actor, slug, changed=changed),
            f"Marked {what} as reviewed",
        )

    with st.popover("Mark as reviewed", icon=":material/task_alt:"):
        st.write(f"Their owner said that what is recorded is right, as of {day_month(on)}.")
        st.multiselect(
            "Systems",
            list(by_id),
            list(by_id),
            format_func=lambda row_id: f"{by_id[row_id].name} ({by_id[row_id].owner})",
            key="reviewed systems",
        )
        st.button("Mark as reviewed by the owner", type="primary", on_click=save)

"""The line at the top of a page that takes back what the person did last, for some minutes."""

from __future__ import annotations

import streamlit as st

from models.errors import RuleBroken
from models.wording import past_tense
from services.core import undo
from ui import current_user, feedback, navigation
from ui.current_user import actor, reader


def show(slug: str | None) -> None:
    """Draw the line, if the last thing that was done in this tab can still be undone."""
    if slug is None or not st.session_state.get("may undo") or navigation.as_of():
        return
    try:
        last = undo.last_act(reader(), slug)
    except RuleBroken:
        last = None
    if last is None:
        if not st.session_state.get("feedback"):
            st.session_state.pop("may undo", None)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="undo bar"):
        minutes = max(1, round((last.until - current_user.now()).total_seconds() / 60))
        st.caption(f"You {past_tense(last.use_case)}. It can be undone for {minutes} min.")
        st.button(
            "Undo the change", icon=":material/undo:", type="tertiary", on_click=_undo, args=(slug, last.act)
        )


def _undo(slug: str, act: int) -> None:
    if feedback.attempt(lambda: undo.undo(actor(), slug, act), "Undone: everything is as it was before"):
        st.session_state.pop("may undo", None)

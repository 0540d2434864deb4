"""Calls that traces saw and the inventory doesn't declare: proposals of dependencies, each with a button."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from models.engagement import Engagement
from models.permissions import Action
from models.replacements import Proof
from models.traces import seen_in
from services.replacements import traces
from ui import feedback, frame
from ui.current_user import actor
from ui.markdown import escaped


def show_seen_calls(engagement: Engagement, proofs: Iterable[Proof]) -> None:
    """Draw what these proofs of traces saw that the inventory lacks; nothing where it lacks nothing."""
    seen = seen_in(engagement, proofs)
    if not seen.proposals and not seen.unknown:
        return
    st.header("Seen in traces, not in the inventory")
    for call in seen.proposals:
        with st.container(horizontal=True, vertical_alignment="center"):
            text = f"{call.caller.name} calls {call.called.name}, {call.calls:,} times."
            st.markdown(escaped(text), width="content")
            if frame.may(engagement, Action.EDIT_INVENTORY):
                st.button(
                    "Add the dependency",
                    key=f"declare {call.caller.id} {call.called.id}",
                    on_click=_declare,
                    args=(engagement.slug, call.caller.id, call.called.id),
                )
    if seen.unknown:
        st.markdown(escaped(f"No system has these names: {', '.join(seen.unknown)}."))


def _declare(slug: str, caller_id: int, called_id: int) -> None:
    feedback.attempt(
        lambda: traces.declare_seen_call(actor(), slug, caller_id, called_id), "Added the dependency"
    )

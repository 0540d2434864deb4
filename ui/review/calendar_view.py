"""In the calendar: the secret address of a person's feed, shown once, and the way to revoke it."""

from __future__ import annotations

import streamlit as st

from services.review import calendar_feed
from ui import feedback, navigation
from ui.current_user import actor

MADE = "calendar secret"


def show() -> None:
    """Draw the section; nothing in the past, where nothing can be changed."""
    if navigation.as_of():
        return
    st.header("In your calendar")
    if secret := st.session_state.pop(MADE, None):
        st.write(
            "Subscribe to this address. It is shown once: whoever has it sees your milestones and reviews."
        )
        st.code(f"{st.context.url.split('/review')[0]}/api/v1/calendar/{secret}.ics", language=None)
    has = calendar_feed.has_feed(actor())
    st.caption(
        "Your address answers. A new one takes its place."
        if has
        else "Milestones and weekly reviews of all your engagements, in the calendar that you use."
    )
    with st.container(horizontal=True):
        st.button("Make a new calendar address" if has else "Make a calendar address", on_click=_make)
        if has:
            st.button("Revoke the calendar address", on_click=_revoke)


def _make() -> None:
    made: list[str] = []
    if feedback.attempt(lambda: made.append(calendar_feed.open_feed(actor())), "Made the address"):
        st.session_state[MADE] = made[0]


def _revoke() -> None:
    feedback.attempt(
        lambda: calendar_feed.revoke_feed(actor()), "Revoked the address: it answers nobody any more"
    )

"""The section "In your calendar": the secret address of a person's feed, shown once, and the button that revokes it."""

from __future__ import annotations

import streamlit as st

from services.core.site_url import home_url
from services.review import calendar_feed
from ui import feedback, navigation
from ui.current_user import actor

NEW_SECRET = "calendar secret"


def show() -> None:
    """Draw the section; nothing in the past, where nothing can be changed."""
    if navigation.as_of():
        return
    st.header("In your calendar")
    if secret := st.session_state.pop(NEW_SECRET, None):
        st.write(
            "Subscribe to this address. It is shown once: whoever has it sees your milestones and reviews."
        )
        st.code(
            f"{(st.context.url or home_url()).split('/review')[0]}/api/v1/calendar/{secret}.ics",
            language=None,
            wrap_lines=True,
        )
    has_feed = calendar_feed.has_feed(actor())
    st.caption(
        "Your address works. A new one replaces it."
        if has_feed
        else "Milestones and weekly reviews of all your engagements, in the calendar that you use."
    )
    with st.container(horizontal=True):
        st.button("Make a new calendar address" if has_feed else "Make a calendar address", on_click=_make)
        if has_feed:
            st.button("Revoke the calendar address", on_click=_revoke)


def _make() -> None:
    def make() -> None:
        st.session_state[NEW_SECRET] = calendar_feed.open_feed(actor())

    feedback.attempt(make, "Made the address")


def _revoke() -> None:
    feedback.attempt(lambda: calendar_feed.revoke_feed(actor()), "Revoked the address: it stops working now")

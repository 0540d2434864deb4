"""Who is at the screen. The edge that asks what time it is, for everything that a page does."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from models.people import Actor
from services.people import first_administrator


def actor(once: str | None = None) -> Actor:
    """The person at the screen, now; `once` names the submission of a form, so that it is carried out once."""
    if "user" not in st.session_state:
        st.session_state["user"] = first_administrator(datetime.now(UTC))
    user_id, name = st.session_state["user"]
    return Actor(name=name, at=datetime.now(UTC), via="page", user_id=user_id, once=once)

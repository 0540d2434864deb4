"""Who is at the screen. The edge that asks what time it is, for everything that a page does."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from models.engagement import Engagement
from models.people import Actor
from models.permissions import Action, permits
from services.people import first_administrator


def actor(once: str | None = None) -> Actor:
    """The person at the screen, now; `once` names the submission of a form, so that it is carried out once."""
    if "user" not in st.session_state:
        st.session_state["user"] = first_administrator(datetime.now(UTC))
    user_id, name = st.session_state["user"]
    return Actor(name=name, at=datetime.now(UTC), via="page", user_id=user_id, once=once)


def may(engagement: Engagement, action: Action) -> bool:
    """Whether the person at the screen may do `action` in this engagement: whether to offer or show it at all."""
    me = actor().user_id
    return any(permits(member.role, action) for member in engagement.members if member.user_id == me)

"""The security log: sign-ins, what was done to accounts, refused attempts. For administrators."""

import pandas as pd
import streamlit as st

from models.errors import RuleBroken
from models.security_log import Kind
from services.people import security_log
from ui import current_user
from ui.current_user import actor

st.title("Security log")
st.caption(
    "Sign-ins, what was done to accounts, and refused attempts, the newest first. The same refusal within an hour is one "
    "line, which says how often. Kept for 400 days."
)
chosen = st.multiselect("What happened", list(Kind), placeholder="Anything")
try:
    events = security_log.events(actor(), [str(kind) for kind in chosen] or None)
except RuleBroken as refused:
    current_user.note_refusal(refused)
    st.write(str(refused))
    st.stop()
if not events:
    st.info("Nothing of this kind has happened yet.")
    st.stop()
st.dataframe(
    pd.DataFrame([vars(event) for event in events]),
    hide_index=True,
    column_order=["last_at", "kind", "times", "account", "by", "address", "detail"],
    column_config={
        "last_at": st.column_config.DatetimeColumn(
            "When (UTC)", format="D MMM YYYY, HH:mm:ss", timezone="UTC"
        ),
        "kind": "What happened",
        "times": st.column_config.NumberColumn("Times", width="small"),
        "account": "Account",
        "by": "By",
        "address": "From",
        "detail": st.column_config.TextColumn("Detail", width="large"),
    },
    alt=f"{len(events)} events, the newest: {events[0].kind} by {events[0].by}",
)

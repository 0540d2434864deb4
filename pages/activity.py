"""One person's activity, in the engagements that they share with whoever looks."""

import pandas as pd
import streamlit as st

from models.errors import RuleBroken
from store.activity import acts_of_person
from ui import current_user, markdown
from ui.current_user import actor

me = actor()
asked = st.query_params.get("person", str(me.user_id))
try:
    name, acts = acts_of_person(me, int(asked) if asked.isdecimal() and len(asked) < 10 else 0)
except RuleBroken as refused:
    current_user.note_refusal(refused)
    st.title("Not found, or not shared with you")
    st.write(str(refused))
    st.stop()

st.title(markdown.escaped(name))
st.caption("What they did in the engagements whose journal you can read, the newest first.")
if not acts:
    st.info("Nothing yet.")
    st.stop()
st.dataframe(
    pd.DataFrame([vars(act) for act in acts]),
    hide_index=True,
    column_order=["at", "engagement", "use_case", "rows", "via"],
    column_config={
        "at": st.column_config.DatetimeColumn("When (UTC)", format="D MMM YYYY, HH:mm", timezone="UTC"),
        "engagement": "Engagement",
        "use_case": "To do what",
        "rows": "Rows changed",
        "via": "By",
    },
    alt="; ".join(f"{act.at:%d %b}: {act.use_case}" for act in acts[:20]),
)

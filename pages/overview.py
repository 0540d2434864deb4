"""Overview: where the engagement stands, why, and what to do next."""

import streamlit as st

from models.health import health
from models.milestones import standings
from ui import frame

engagement = frame.engagement()
summary, on = frame.head(engagement.name, engagement)
for check in health(summary, on).checks:
    st.write(check.name, check.reason)
for row in standings(summary, on):
    st.write(row.milestone.name, row.reason)

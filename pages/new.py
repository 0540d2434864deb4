"""New engagement: its people and its day 1; the plan follows from a template."""

from datetime import timedelta

import streamlit as st

from models.slugs import slug_for
from models.time_zones import time_zones
from models.wording import day_month
from services.engagement import engagements
from services.plan.templates import template, templates
from ui import current_user, feedback, html, navigation
from ui.current_user import account, actor
from ui.drawer import FIELD_WIDTH

who = actor()
today = who.today(current_user.time_zone())

st.title("New engagement")
st.caption(
    "One client's transformation. Its plan is laid out from a template, with dates counted from day 1."
)

if not account().administrator:
    st.write("Only an administrator can create an engagement. Ask yours.")
    html.show(html.link("portfolio", None, "Open the portfolio"), width="content")
    st.stop()


def create_engagement(submission: str) -> None:
    """Create the engagement of this `submission`, and open it. A second click has the same submission, as the form isn't
    drawn anew between the two: it opens what the first one created."""
    given = {
        key: st.session_state[f"new {key}"]
        for key in ("name", "client", "sector", "region", "zone", "lead", "sponsor", "sponsor_email")
    }
    created_by = f"created by {submission}"

    def create() -> None:
        st.session_state[created_by] = engagements.create_engagement(
            actor(once=submission),
            slug_for(st.session_state["new slug"] or ""),
            day_1=st.session_state["new day 1"],
            template_name=st.session_state["new template"],
            **given,
        )

    if feedback.attempt(create, f"Created {given['name']}"):
        feedback.renew("new engagement")
        st.session_state["created"] = st.session_state[created_by]


# Only a click on the form leads on: a second one can come when the page has been left already.
created = st.session_state.pop("created", None)
if created and st.session_state.get("new create"):
    navigation.go("overview", created)

with st.form("new engagement"):
    fields = st.grid(2, min_column_width=FIELD_WIDTH)
    fields.text_input("Name", key="new name", placeholder="Loan decisions in seconds", max_chars=300)
    fields.text_input("Client", key="new client", placeholder="Harbor Lending", max_chars=300)
    fields.text_input("Executive sponsor", key="new sponsor", placeholder="Dana Ruiz, COO", max_chars=300)
    fields.text_input(
        "Sponsor's e-mail",
        key="new sponsor_email",
        placeholder="dana@harbor.example",
        help="Where the sponsor is asked to sign. Nothing is sent before you ask.",
        max_chars=300,
    )
    fields.date_input(
        "Day 1",
        today,
        key="new day 1",
        min_value=today - timedelta(days=400),
        max_value=today + timedelta(days=400),
    )
    zones = sorted(time_zones())
    fields.selectbox("Time zone", zones, index=zones.index(current_user.time_zone()), key="new zone")
    fields.text_input("Lead", key="new lead", placeholder=who.name, max_chars=300)
    fields.selectbox("Plan template", templates(), key="new template")
    fields.text_input("Sector", key="new sector", placeholder="Financial services", max_chars=300)
    fields.text_input("Region", key="new region", placeholder="North America", max_chars=300)
    fields.text_input(
        "Address",
        key="new slug",
        placeholder="Taken from the client's name",
        help="The engagement's name in links.",
        max_chars=60,
    )
    st.form_submit_button(
        "Create engagement",
        type="primary",
        key="new create",
        on_click=create_engagement,
        args=(feedback.submission("new engagement"),),
    )

st.header("What the plan holds")
plan = template(st.session_state.get("new template") or templates()[0])
for phase in plan.phases:
    st.markdown(f"**Days {phase.from_day} to {phase.to_day}: {phase.name}**")
    begins = st.session_state.get("new day 1") or today
    for milestone in phase.milestones:
        due = begins + timedelta(days=milestone.due_day - 1)
        st.markdown(f"- {milestone.name}, due day {milestone.due_day} ({day_month(due)})")

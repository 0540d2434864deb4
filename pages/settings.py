"""Settings: what the engagement is called, who takes part, when day 1 is, and whether interviewees are named."""

from datetime import timedelta
from functools import partial

import pandas as pd
import streamlit as st
from markupsafe import Markup

from models.api_tokens import MAX_DAYS, Scope
from models.people import Role
from models.permissions import Action
from models.time_zones import time_zones
from models.version import VERSION
from models.wording import day_month
from services.engagement import engagements, invitations
from services.people import tokens
from ui import feedback, frame, html, markdown
from ui.current_user import actor
from ui.drawer import FIELD_WIDTH
from ui.engagement import archive_view

engagement = frame.engagement()
summary, on = frame.head("Settings", engagement)
slug, cycle = engagement.slug, engagement.cycle()

if not frame.may(engagement, Action.CHANGE_ENGAGEMENT):
    st.write("Only a lead of this engagement can change its settings.")
    st.stop()
if frame.is_archived():
    archive_view.show_on_settings(engagement, may_change=True)
    st.stop()

st.header("The engagement")


def describe() -> None:
    given = {
        key: st.session_state[f"settings {key}"]
        for key in ("name", "client", "sector", "region", "zone", "lead", "sponsor", "hide_interviewees")
    }
    feedback.attempt(
        lambda: engagements.update_details(actor(), slug, seen=engagement.version, **given),
        "Saved the settings",
    )


with st.form("settings"):
    fields = st.grid(2, min_column_width=FIELD_WIDTH)
    zones = sorted(time_zones())
    fields.text_input("Name", engagement.name, key="settings name", max_chars=300)
    fields.text_input("Client", engagement.client, key="settings client", max_chars=300)
    fields.text_input("Lead", engagement.lead, key="settings lead", max_chars=300)
    fields.text_input("Executive sponsor", engagement.sponsor, key="settings sponsor", max_chars=300)
    fields.text_input("Sector", engagement.sector, key="settings sector", max_chars=300)
    fields.text_input("Region", engagement.region, key="settings region", max_chars=300)
    fields.selectbox("Time zone", zones, index=zones.index(engagement.zone), key="settings zone")
    st.toggle(
        "Hide the names of interviewees in every view and export",
        engagement.hide_interviewees,
        key="settings hide_interviewees",
        help="They are shown as “Interviewee 3”, the same number everywhere.",
    )
    st.form_submit_button("Save the settings", type="primary", on_click=describe)

st.header("Day 1")
st.write(
    f"Cycle {cycle.number} began on {day_month(cycle.day_1)} {cycle.day_1.year}. Evidence keeps its own dates."
)
day_1 = st.date_input(
    "New day 1",
    cycle.day_1,
    min_value=cycle.day_1 - timedelta(days=400),
    max_value=cycle.day_1 + timedelta(days=400),
)
moves = engagements.dates_that_move(engagement, day_1)
if moves:
    html.show(
        html.table(
            {
                "What moves": [move.what for move in moves],
                "From": [f"{day_month(move.old)} {move.old.year}" for move in moves],
                "To": [f"{day_month(move.new)} {move.new.year}" for move in moves],
            },
            "What moves with day 1",
        )
    )
    st.button(
        f"Move day 1 to {day_month(day_1)}",
        type="primary",
        on_click=feedback.attempting(
            lambda: engagements.move_day_1(actor(), slug, day_1, seen=cycle.version),
            f"Moved day 1 to {day_month(day_1)}",
        ),
    )

st.header("Members")
st.write(
    "Only members see this engagement. For everybody else it doesn't exist. Whoever you invite finds the invitation "
    "in their portfolio, at once or as soon as an administrator has added them, and joins from there."
)
people = engagements.members(actor(), slug)
# As a grid of plain text: a table of Markdown would link some e-mails, and of others a part, which is somebody else's.
st.dataframe(
    pd.DataFrame([{"Name": person.name, "E-mail": person.email, "Role": person.role} for person in people]),
    hide_index=True,
    alt="; ".join(f"{person.name}, {person.email}: {person.role}" for person in people),
)


def invite() -> None:
    email, role = st.session_state["member email"], st.session_state["member role"]
    carried_out = feedback.attempt(
        lambda: invitations.invite(actor(), slug, email, role), f"Saved: {email.strip()}, {role}"
    )
    if carried_out:
        st.session_state["member email"] = ""


with st.form("member"):
    left, right = st.columns([3, 1])
    left.text_input("E-mail", key="member email", max_chars=300)
    roles = [role.value for role in Role]
    right.selectbox("Role", roles, index=roles.index(Role.VIEWER), key="member role")
    st.form_submit_button("Invite, or change a member's role", on_click=invite)


def withdraw(invitation_id: int) -> None:
    invitations.withdraw(actor(), slug, invitation_id)


for invitation in invitations.pending_invitations(actor(), slug):
    with st.container(horizontal=True, vertical_alignment="center"):
        who = f"{invitation.name} ({invitation.email})" if invitation.name else invitation.email
        st.markdown(f"{markdown.escaped(who)} is invited as {invitation.role}.")
        st.button(
            "Withdraw the invitation",
            key=f"withdraw {invitation.id}",
            on_click=feedback.attempting(partial(withdraw, invitation.id), "Withdrew the invitation"),
        )


def remove() -> None:
    leaving = st.session_state["leaving member"]
    if leaving is None:
        feedback.set_feedback("error", "Choose the member to remove first. Nothing was changed.")
        return
    feedback.attempt(lambda: engagements.remove_member(actor(), slug, leaving), "Removed the member")


if len(people) > 1:
    with st.form("leaving"):
        by_id = {person.user_id: f"{person.name} ({person.email}, {person.role})" for person in people}
        st.selectbox(
            "Member",
            list(by_id),
            None,
            by_id.__getitem__,
            key="leaving member",
            placeholder="Choose a member",
        )
        st.form_submit_button("Remove the member", on_click=remove)

st.header("API tokens")
st.write("A program with a token does one thing in this engagement, until a date. A token is shown once.")
# It is shown on the page that is drawn after the click, and stored nowhere.
token = st.session_state.pop("new token", None)
if token:
    st.success("The new token. Copy it now; it isn't shown again.")
    st.code(token, language=None, wrap_lines=True)


def make_token() -> None:
    given = {name: st.session_state[f"token {name}"] for name in ("name", "scope", "days")}

    def make() -> None:
        st.session_state["new token"] = tokens.make_token(
            actor(once=feedback.submission("token")), slug, **given
        )

    if feedback.attempt(make, "Made the token"):
        feedback.renew("token")


known = tokens.list_tokens(actor(), slug)
if known:
    html.show(
        html.table(
            {
                "Name": [row.name for row in known],
                "For": [row.scope for row in known],
                "Begins with": [Markup("<code>{}</code>").format(row.shown) for row in known],
                "Made by": [row.made_by for row in known],
                "Until": [f"{row.expires_at:%d %b %Y}" for row in known],
                "Last used": [f"{row.used_at:%d %b %Y}" if row.used_at else "never" for row in known],
                "Revoked": [f"{row.revoked_at:%d %b %Y}" if row.revoked_at else "" for row in known],
            },
            "Tokens of programs",
        )
    )
    valid = {row.id: f"{row.name} ({row.shown}…)" for row in known if row.revoked_at is None}
    if valid:
        with st.form("revoke token"):
            st.selectbox("Token", list(valid), format_func=valid.__getitem__, key="token revoked")
            st.form_submit_button(
                "Revoke the token",
                on_click=feedback.attempting(
                    lambda: tokens.revoke_token(actor(), slug, st.session_state["token revoked"]),
                    "Revoked the token",
                ),
            )

with st.form("token"):
    left, middle, right = st.columns([3, 2, 1])
    left.text_input("Name of the program", key="token name", max_chars=300)
    middle.selectbox("It may", [scope.value for scope in Scope], key="token scope")
    right.number_input("Days", 1, MAX_DAYS, 90, key="token days")
    st.form_submit_button("Make a token", on_click=make_token)

archive_view.show_on_settings(engagement, True)
st.caption(f"Headway {VERSION}")

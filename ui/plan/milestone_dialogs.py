"""The dialogs of a milestone: state a claim, waive it, link evidence, change it, add one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import streamlit as st

from models.engagement import Engagement
from models.milestones import MilestoneStatus
from models.plan import CYCLE_DAYS, Milestone
from models.wording import count
from services.plan import milestones
from ui import drawer, markdown
from ui.notes import show_notes

CLAIM_DAYS, WAIVER_DAYS = 7, 30
"""How long a claim and a waiver hold by default."""


def actions_menu(engagement: Engagement, milestone: Milestone, row: MilestoneStatus, on: date) -> None:
    """Draw the menu of what may be done about the milestone."""

    def choice(label: str, act: Callable[..., None], *args: object) -> None:
        st.button(label, key=f"{label} {milestone.id}", on_click=act, args=args)

    def take_back(use_case: Callable[..., None], row_id: int, done: str) -> None:
        drawer.attempt(done, lambda actor: use_case(actor, engagement.slug, row_id), done)

    with st.popover("More", type="tertiary"):
        if milestone.criterion == "evidence_linked":
            choice("Link evidence", link_evidence, engagement, milestone, on)
        choice("State a claim", state_a_claim, engagement, milestone, on)
        if row.claim is not None:
            choice(
                "Withdraw the claim", take_back, milestones.withdraw_claim, row.claim.id, "Withdrew the claim"
            )
        choice("Waive it", waive, engagement, milestone, on)
        if row.waiver is not None:
            choice(
                "Revoke the waiver", take_back, milestones.revoke_waiver, row.waiver.id, "Revoked the waiver"
            )
        choice("Change it", change, engagement, milestone)


def notes_button(milestone: Milestone, written: int) -> None:
    """Draw the button that opens the notes on the milestone, with how many were `written`."""
    st.button(
        count(written, "note") if written else "Notes",
        key=f"notes {milestone.id}",
        type="tertiary",
        on_click=drawer.put_in_address,
        args=("milestone", milestone.id),
    )


def open_notes(engagement: Engagement, milestone: Milestone) -> None:
    """Open the notes on the milestone; closing them takes it out of the address."""
    drawer.drawer(
        milestone.name,
        lambda: show_notes(engagement, "milestone", milestone.id),
        on_dismiss=lambda: drawer.take_out_of_address("milestone"),
    )


def state_a_claim(engagement: Engagement, milestone: Milestone, on: date) -> None:
    def fields(key: Callable[[str], str]) -> None:
        st.selectbox("The milestone is", milestones.CLAIMS, key=key("says"))
        st.text_area(
            "Because", key=key("reason"), placeholder="What you know that the evidence doesn't show yet"
        )
        last = on + timedelta(days=milestones.MAX_CLAIM_DAYS)
        until = on + timedelta(days=CLAIM_DAYS)
        st.date_input("Until", until, key=key("expires_on"), min_value=on, max_value=last)

    drawer.open_form(
        "State a claim",
        "claim",
        fields,
        lambda actor, values: milestones.state_claim(actor, engagement.slug, milestone.id, **values),
        button="State the claim",
        done=f"Stated a claim on {milestone.name}",
        about=f"Your claim on **{markdown.escaped(milestone.name)}** is shown beside the computed state. It never "
        "replaces it, and it expires.",
    )


def waive(engagement: Engagement, milestone: Milestone, on: date) -> None:
    def fields(key: Callable[[str], str]) -> None:
        st.text_area("Reason", key=key("reason"))
        st.text_input("Approved by", key=key("approver"), placeholder=engagement.sponsor)
        st.date_input("Until", on + timedelta(days=WAIVER_DAYS), key=key("expires_on"), min_value=on)

    drawer.open_form(
        "Waive a milestone",
        "waiver",
        fields,
        lambda actor, values: milestones.waive(actor, engagement.slug, milestone.id, **values),
        button="Waive the milestone",
        done=f"Waived {milestone.name}",
        about=f"Until the date, **{markdown.escaped(milestone.name)}** needn't be met and doesn't count as late.",
    )


def link_evidence(engagement: Engagement, milestone: Milestone, on: date) -> None:
    def fields(key: Callable[[str], str]) -> None:
        st.text_input("What it shows", key=key("title"))
        st.text_input("Link", key=key("link"), placeholder="https://")
        st.date_input("Dated", on, key=key("dated"), max_value=on)

    drawer.open_form(
        "Link evidence",
        "evidence",
        fields,
        lambda actor, values: milestones.link_evidence(actor, engagement.slug, milestone.id, **values),
        button="Link the evidence",
        done=f"Linked evidence to {milestone.name}",
    )


def change(engagement: Engagement, milestone: Milestone) -> None:
    def fields(key: Callable[[str], str]) -> None:
        st.text_input("Name", milestone.name, key=key("name"))
        st.number_input("How much it needs", 1, 1000, milestone.needed, key=key("needed"))
        _days(key, milestone.start_day, milestone.due_day)

    drawer.open_form(
        "Change a milestone",
        "milestone",
        fields,
        lambda actor, values: milestones.change_milestone(
            actor, engagement.slug, milestone.id, seen=milestone.version, **values
        ),
        button="Change the milestone",
        done=f"Changed {milestone.name}",
    )


def add_milestone(engagement: Engagement) -> None:
    phases = {phase.id: phase.name for phase in engagement.cycle().phases}

    def fields(key: Callable[[str], str]) -> None:
        st.text_input("Name", key=key("name"))
        st.selectbox("Phase", list(phases), format_func=phases.__getitem__, key=key("phase_id"))
        _days(key, 1, 30)

    drawer.open_form(
        "Add a milestone",
        "own milestone",
        fields,
        lambda actor, values: milestones.add_milestone(actor, engagement.slug, **values),
        button="Add the milestone",
        done="Added the milestone",
        about="A milestone of your own is done once somebody links dated evidence to it.",
    )


def _days(key: Callable[[str], str], start: int, due: int) -> None:
    st.number_input("Starts on day", 1, CYCLE_DAYS, start, key=key("start_day"))
    st.number_input("Due on day", 1, CYCLE_DAYS, due, key=key("due_day"))

"""The dialogs of a milestone: state a claim, waive it, link evidence, change it, add one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import streamlit as st

from models.engagement import Engagement
from models.milestones import MilestoneStatus
from models.plan import CYCLE_DAYS, Milestone
from services.plan import milestones
from ui import drawer, html, markdown
from ui.notes import show_notes

CLAIM_DAYS, WAIVER_DAYS = 7, 30
"""How long a claim and a waiver hold by default."""
LABELS = {
    "link": "Link evidence",
    "claim": "State a claim",
    "withdraw": "Withdraw the claim",
    "waive": "Waive it",
    "revoke": "Revoke the waiver",
    "change": "Change it",
}
DONE = {"withdraw": "Withdrew the claim", "revoke": "Revoked the waiver"}


def acts(milestone: Milestone, row: MilestoneStatus) -> dict[str, str]:
    """Return the labels of what may be done about the milestone, by what an address asks for (`do=claim`)."""
    offered = {
        "link": milestone.criterion == "evidence_linked",
        "claim": True,
        "withdraw": row.claim is not None,
        "waive": True,
        "revoke": row.waiver is not None,
        "change": True,
    }
    return {key: LABELS[key] for key, is_offered in offered.items() if is_offered}


def open_act(act: str, engagement: Engagement, milestone: Milestone, row: MilestoneStatus, on: date) -> None:
    """Open the dialog of one of `acts`; nothing if it isn't one of them (any more)."""
    if act not in acts(milestone, row):
        return
    match act:
        case "link":
            link_evidence(engagement, milestone, on)
        case "claim":
            state_a_claim(engagement, milestone, on)
        case "withdraw" if row.claim is not None:
            what = f"{row.claim.by} claims: {row.claim.says}: {row.claim.reason}"
            _take_back(act, what, milestones.withdraw_claim, engagement.slug, row.claim.id)
        case "waive":
            waive(engagement, milestone, on)
        case "revoke" if row.waiver is not None:
            _take_back(act, row.reason, milestones.revoke_waiver, engagement.slug, row.waiver.id)
        case "change":
            change(engagement, milestone)


def _take_back(act: str, what: str, use_case: Callable[..., None], slug: str, row_id: int) -> None:
    """Open the dialog that takes a claim or a waiver back; `what` says what it was."""
    label, done = LABELS[act], DONE[act]

    def body() -> None:
        html.show(html.paragraph(what))
        st.button(
            label,
            type="primary",
            key=f"{act} {row_id}",
            on_click=drawer.attempting(done, lambda actor: use_case(actor, slug, row_id), done),
        )

    drawer.drawer(label, body)


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

"""One replacement: whether it may cut over, its gate, its way back, what traces saw, and its history."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.gate import LABELS, CheckOutcome, Gate
from models.permissions import Action
from models.replacements import Replacement
from models.traces import newest_traces
from models.wording import day_month, upper_first
from reports.charts.theme import LOOKS
from reports.replacements.rows import GONE, MARKS, ReplacementRow, history, unused_approval
from services.core.site_url import home_url
from services.replacements import gate_addresses, gating, proofs
from ui import feedback, frame, html
from ui.current_user import actor
from ui.inventory.seen_calls import show_seen_calls
from ui.markdown import escaped
from ui.replacements import acts

MIN_TABLE_WIDTH = 560


def show_replacement(engagement: Engagement, row: ReplacementRow, on: date) -> None:
    """Draw the page of one replacement, below its head."""
    may_edit = frame.may(engagement, Action.EDIT_REPLACEMENTS)
    with st.container(border=True):
        _answer(row)
        _approval(engagement, row, on)
        if may_edit:
            _buttons(engagement, row.replacement, on)
    runbook = next((each for each in engagement.runbooks if each.replacement_id == row.replacement.id), None)
    if runbook is not None:
        html.show(html.record_link("runbook", engagement.slug, runbook, runbook.name), width="content")
    st.header("The gate")
    _gate(engagement, row, on)
    st.header("Way back")
    _way_back(engagement, row, on)
    own = [proof for proof in newest_traces(engagement, on) if proof.replacement_id == row.replacement.id]
    show_seen_calls(engagement, own)
    st.header("What happened")
    _history(row.replacement)
    if may_edit:
        _withdrawals(engagement, row.replacement)
    if frame.may(engagement, Action.MANAGE_TOKENS):
        st.header("For pipelines")
        _addresses(engagement, row.replacement)


def _answer(row: ReplacementRow) -> None:
    badge = html.badge(row.status.status, upper_first(row.status.text))
    sentence = html.coloured(LOOKS[row.tone].markdown, html.bold(row.sentence))
    html.show(html.stack([badge, Markup("<p>{}</p>").format(sentence)]))


def _approval(engagement: Engagement, row: ReplacementRow, on: date) -> None:
    """Draw the approval, where the gate is open and nobody approved it yet."""
    waits = row.status.state not in GONE and unused_approval(row.replacement, on) is None
    if not (row.gate.open and waits and frame.may(engagement, Action.CUT_OVER)):
        return

    def approve(shown: str) -> None:
        feedback.attempt(
            lambda: gating.approve_cutover(
                actor(once=feedback.submission(f"approve {row.replacement.id}")),
                engagement.slug,
                row.replacement.id,
                shown,
            ),
            "Approved the cutover",
        )

    with st.popover("Approve the cutover", type="primary"):
        st.write(
            "You approve that the new part answers everything, with the gate as it is shown here. The approval stays "
            "on record with your name, and lapses after 7 days without a full share."
        )
        st.button(
            "Approve the cutover", type="primary", key="approve", on_click=approve, args=(row.gate.digest,)
        )


def _buttons(engagement: Engagement, row: Replacement, on: date) -> None:
    with st.container(horizontal=True):
        if st.button("Record a share"):
            acts.record_share(engagement, row, on)
        if st.button("Record a proof"):
            acts.record_proof(engagement, row, on)
        if st.button("Read traces"):
            acts.read_traces(engagement, row, on)
        if st.button("Edit the replacement", type="tertiary"):
            acts.edit_replacement(engagement, row, on)


def _gate(engagement: Engagement, row: ReplacementRow, on: date) -> None:
    gate = row.gate
    cells: dict[str, list[Any]] = {
        "Check": [upper_first(LABELS[check.name]) for check in gate.checks],
        "Outcome": [
            Markup('<span style="color: {}" aria-hidden="true">{}</span> {}').format(
                MARKS[check.outcome].colour, MARKS[check.outcome].glyph, upper_first(check.outcome.value)
            )
            for check in gate.checks
        ],
        "Why": [upper_first(check.why) for check in gate.checks],
    }
    html.show(html.table(cells, f"The gate of {row.replacement.name}", MIN_TABLE_WIDTH))
    if frame.may(engagement, Action.WAIVE):
        _waivers(engagement, row.replacement, gate, on)


def _waivers(engagement: Engagement, row: Replacement, gate: Gate, on: date) -> None:
    with st.container(horizontal=True):
        for check in gate.missing:
            label = LABELS[check.name]
            if st.button(f"Waive “{label}”", key=f"waive {check.name}", type="tertiary"):
                acts.waive_check(engagement, row, check, label, on)
        waived = {check.name for check in gate.checks if check.outcome is CheckOutcome.WAIVED}
        for waiver in row.waivers:
            if waiver.is_in_force(on) and waiver.check in waived:
                st.button(
                    f"Revoke the waiver of “{LABELS[waiver.check]}”",
                    key=f"revoke {waiver.id}",
                    type="tertiary",
                    on_click=_revoke_waiver,
                    args=(engagement.slug, waiver.id),
                )


def _revoke_waiver(slug: str, waiver_id: int) -> None:
    feedback.attempt(lambda: gating.revoke_gate_waiver(actor(), slug, waiver_id), "Revoked the waiver")


def _way_back(engagement: Engagement, row: ReplacementRow, on: date) -> None:
    replacement = row.replacement
    if replacement.no_return_on is not None and replacement.no_return_on <= on:
        st.warning(
            f"Since {day_month(replacement.no_return_on)} going back loses data.", icon=":material/warning:"
        )
    st.markdown(escaped(replacement.how_back or "Nobody described yet how to go back."))
    with st.container(horizontal=True):
        flow = replacement.workflow
        slug = engagement.slug
        html.show(html.link("workflows", slug, flow.name, workflow=str(flow.id)), width="content")
        for system in (replacement.old, replacement.new):
            html.show(html.link("inventory", slug, system.name, system=str(system.id)), width="content")
        if (contract := replacement.contract) is not None:
            address = {"system": str(contract.system_id)}
            html.show(html.link("inventory", slug, f"Contract: {contract.name}", **address), width="content")


def _history(row: Replacement) -> None:
    entries = history(row)
    if not entries:
        st.write("Nothing yet: no share, no proof, no approval.")
        return
    cells = {
        "Date": [day_month(entry.on) for entry in entries],
        "What": [entry.what for entry in entries],
        "Detail": [entry.detail for entry in entries],
    }
    html.show(html.table(cells, f"What happened to {row.name}", MIN_TABLE_WIDTH))


def _withdrawals(engagement: Engagement, row: Replacement) -> None:
    counting = {
        proof.id: f"{upper_first(proof.kind)} of {day_month(proof.on)}: {proof.outcome}"
        for proof in row.proofs
        if proof.withdrawn_on is None
    }
    if not counting:
        return

    def withdraw() -> None:
        chosen = st.session_state["withdrawn proof"]
        if chosen is not None:
            feedback.attempt(
                lambda: proofs.withdraw_proof(actor(), engagement.slug, chosen), "Withdrew the proof"
            )

    with st.popover("Withdraw a proof", type="tertiary"):
        st.write("It stays readable and counts no longer.")
        st.selectbox("Proof", list(counting), None, counting.__getitem__, key="withdrawn proof")
        st.button("Withdraw the proof", on_click=withdraw)


def _addresses(engagement: Engagement, row: Replacement) -> None:
    slug = engagement.slug
    st.code(f'python manage.py gate {slug} "{row.name}"', language=None, wrap_lines=True)
    st.caption("Exit code 0 if the gate is open, 1 if it is closed. With a token, over HTTP:")
    st.code(
        f"POST {home_url()}/api/v1/engagements/{slug}/replacements/{row.id}/gate",
        language=None,
        wrap_lines=True,
    )
    secret = st.session_state.pop("new gate address", None)
    if secret:
        st.success("The secret address. Copy it now; it isn't shown again.")
        st.code(f"POST {home_url()}/api/v1/gates/{secret}", language=None, wrap_lines=True)

    def make() -> None:
        st.session_state["new gate address"] = gate_addresses.open_address(
            actor(once=feedback.submission("gate address")), slug, row.id
        )

    def open_address() -> None:
        feedback.attempt(make, "Made the address")

    def revoke() -> None:
        feedback.attempt(lambda: gate_addresses.revoke_address(actor(), slug, row.id), "Revoked the address")

    known = gate_addresses.open_addresses(actor(), slug).get(row.id)
    with st.container(horizontal=True, vertical_alignment="center"):
        if known is not None:
            st.markdown(
                escaped(f"A secret address was made by {known.made_by} on {day_month(known.created_at)}.")
            )
        label = "Make a new secret address" if known else "Make a secret address"
        st.button(label, on_click=open_address)
        if known is not None:
            st.button(
                "Revoke the address",
                on_click=revoke,
            )

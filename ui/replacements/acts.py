"""The acts on a replacement: dialogs with one form each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import streamlit as st

from models.engagement import Engagement
from models.gate import MAX_WAIVER_DAYS, Check
from models.people import Actor
from models.replacements import COMPARISON, PROOF_OUTCOMES, TRACES, Replacement
from models.replacements import PROOF_KINDS as KINDS
from models.wording import count, upper_first
from services.replacements import gating, proofs, replacements, traces
from ui import drawer

Key = Callable[[str], str]
KIND_LABELS = {"rollback": "Going back", "breaker": "Circuit breaker", "comparison": "Same answers"}


def add_replacement(engagement: Engagement, on: date) -> None:
    """Open a dialog that adds a replacement."""
    drawer.open_form(
        "Add a replacement",
        "new replacement",
        lambda key: _fields(engagement, key, None, on),
        lambda actor, values: drawer.put_in_address(
            "replacement", replacements.add_replacement(actor, engagement.slug, _given(values))
        ),
        button="Add the replacement",
        done="Added the replacement",
        about="One old system hands the work of one workflow to one new system.",
    )


def edit_replacement(engagement: Engagement, row: Replacement, on: date) -> None:
    """Open a dialog that changes a replacement, and removes one of which no work was moved yet."""

    def body() -> None:
        drawer.form(
            f"replacement {row.id} {row.version}",
            lambda key: _fields(engagement, key, row, on),
            lambda actor, values: replacements.change_replacement(
                actor, engagement.slug, row.id, _given(values), row.version
            ),
            button="Save the replacement",
            done="Saved the replacement",
        )
        has_runbook = any(runbook.replacement_id == row.id for runbook in engagement.runbooks)
        if not (row.shares or row.cutovers or has_runbook):
            drawer.remove_button(
                "replacement", row, replacements.remove_replacement, engagement.slug, _what_goes_with(row)
            )

    drawer.drawer(row.name, body)


def _what_goes_with(row: Replacement) -> str:
    """Return what else is removed with a replacement, in a sentence."""
    counts = [count(len(row.proofs), "proof"), count(len(row.waivers), "waiver")]
    gone = " and ".join(text for text in counts if not text.startswith("0 "))
    return f"The replacement is removed{f', with its {gone}' if gone else ''}."


def _fields(engagement: Engagement, key: Key, row: Replacement | None, on: date) -> None:
    systems = {system.id: system.name for system in engagement.systems}
    flows = {flow.id: flow.name for flow in engagement.workflows}
    st.text_input("Name", row.name if row else "", key=key("name"), placeholder="Application intake")
    _choice("Workflow whose work moves", flows, row.workflow_id if row else None, key("workflow_id"))
    _choice("Old system", systems, row.old_id if row else None, key("old_id"))
    _choice("New system", systems, row.new_id if row else None, key("new_id"))
    contracts = {contract.id: contract.name for contract in engagement.contracts}
    _choice("Contract between them", contracts, row.contract_id if row else None, key("contract_id"),
            help="Its versions are added on the page of the system that provides it.")  # fmt: skip
    st.text_area(
        "How to go back", row.how_back if row else None, key=key("how_back"),
        placeholder="Who turns what back, where, and how long it takes",
    )  # fmt: skip
    st.date_input(
        "Switch the old part off by", row.retire_by if row else on + timedelta(days=60), key=key("retire_by"),
        format="YYYY-MM-DD",
    )  # fmt: skip
    st.date_input(
        "Going back loses data from", row.no_return_on if row else None, key=key("no_return_on"),
        format="YYYY-MM-DD",
    )  # fmt: skip
    if row is not None:
        st.date_input(
            "Old part switched off on", row.retired_on, key=key("retired_on"), format="YYYY-MM-DD",
            help="Once the new part answers 100% and its cutover was approved.",
        )  # fmt: skip
    st.checkbox("Needs a circuit breaker", row.needs_breaker if row else True, key=key("needs_breaker"))
    st.text_input("If not, why", (row.no_breaker_reason if row else None) or "", key=key("no_breaker_reason"))


def _choice(
    label: str, names: Mapping[int, str], chosen: int | None, key: str, help: str | None = None
) -> None:
    ids = list(names)
    index = ids.index(chosen) if chosen is not None and chosen in names else None
    st.selectbox(label, ids, index, format_func=lambda row_id: names.get(row_id, ""), key=key, help=help)


_COLUMNS = (
    "name", "workflow_id", "old_id", "new_id", "contract_id", "how_back", "retire_by", "no_return_on", "retired_on",
    "needs_breaker", "no_breaker_reason",
)  # fmt: skip


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in _COLUMNS if name in values}


def record_share(engagement: Engagement, row: Replacement, on: date) -> None:
    """Open a dialog that records how much the new part answers."""

    def fields(key: Key) -> None:
        newest = max(row.shares, key=lambda share: share.on, default=None)
        drawer.evidence_date(engagement, on, "Since", None, key("on"))
        st.number_input(
            "Percent of the work that the new part answers", 0.0, 100.0, newest.percent if newest else 0.0,
            format="%g", key=key("percent"),
        )  # fmt: skip
        st.text_input("Why", key=key("why"), placeholder="Second wave, or errors in the first")

    drawer.open_form(
        "Record a share",
        f"share of {row.id} {len(row.shares)}",
        fields,
        lambda actor, values: replacements.record_share(
            actor, engagement.slug, row.id, on=values["on"], percent=values["percent"], why=values["why"]
        ),
        button="Record the share",
        done="Recorded the share",
        about="A share is a fact: it is recorded whatever the gate says. Going back asks nobody.",
    )


def record_proof(engagement: Engagement, row: Replacement, on: date) -> None:
    """Open a dialog that records a proof."""

    def fields(key: Key) -> None:
        st.selectbox(
            "What was tried", [kind for kind in KINDS if kind != TRACES], format_func=KIND_LABELS.__getitem__,
            key=key("kind"),
        )  # fmt: skip
        drawer.evidence_date(engagement, on, "Tried on", None, key("on"))
        st.selectbox("Outcome", PROOF_OUTCOMES, format_func=upper_first, key=key("outcome"))
        st.number_input("Answers compared", 0, None, None, 1, key=key("n"), help="Of a comparison only.")
        st.number_input("Of them different", 0, None, None, 1, key=key("bad"))
        st.number_input("Seconds that it took", 0, None, None, 1, key=key("seconds"))
        st.text_input("Link", key=key("link"), placeholder="https://")
        st.text_area(
            "Note", key=key("note"),
            placeholder="Of a comparison: how often do the old part's answers differ from its own?",
        )  # fmt: skip

    def carry_out(actor: Actor, values: Mapping[str, Any]) -> None:
        given = dict(values)
        if given["kind"] != COMPARISON:
            given |= {"n": None, "bad": None}
        proofs.record_proof(actor, engagement.slug, row.id, given)

    drawer.open_form(
        "Record a proof", f"proof of {row.id} {len(row.proofs)}", fields, carry_out,
        button="Record the proof", done="Recorded the proof",
    )  # fmt: skip


def read_traces(engagement: Engagement, row: Replacement, on: date) -> None:
    """Open a dialog that reads who called whom from a tracing tool's file."""

    def fields(key: Key) -> None:
        st.file_uploader(
            "File of Jaeger, Zipkin or Prometheus", type=["json", "txt", "prom"], key=key("file")
        )
        drawer.evidence_date(engagement, on, "The last day that its calls are of", None, key("until"))
        st.number_input("Days that they are of", 1, traces.MAX_DAYS, 7, key=key("days"))

    def carry_out(actor: Actor, values: Mapping[str, Any]) -> None:
        file = values.get("file")
        content = traces.parse(b"" if file is None else file.getvalue())
        traces.record_traces(
            actor, engagement.slug, row.id, content, until=values["until"], days=values["days"]
        )

    drawer.open_form(
        "Read traces", f"traces of {row.id} {len(row.proofs)}", fields, carry_out,
        button="Read the traces", done="Read the traces",
        about="The file doesn't hold the time that it is of, so say it: an old file must not look fresh.",
    )  # fmt: skip


def waive_check(engagement: Engagement, row: Replacement, check: Check, label: str, on: date) -> None:
    """Open a dialog that waives a check."""

    def fields(key: Key) -> None:
        st.text_area("Reason", key=key("reason"))
        st.text_input("Approved by", key=key("approver"))
        st.date_input(
            "Until", on + timedelta(days=7), min_value=on, max_value=on + timedelta(days=MAX_WAIVER_DAYS),
            key=key("expires_on"), format="YYYY-MM-DD",
        )  # fmt: skip

    drawer.open_form(
        f"Waive “{label}”",
        f"waive {check.name} of {row.id} {len(row.waivers)}",
        fields,
        lambda actor, values: gating.waive_check(
            actor, engagement.slug, row.id, check=check.name, reason=values["reason"],
            approver=values["approver"], expires_on=values["expires_on"],
        ),
        button="Waive the check",
        done="Waived the check",
        about=f"It covers what is wrong now: {check.why}. What comes later isn't covered.",
    )  # fmt: skip

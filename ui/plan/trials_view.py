"""The trials of a decision in its drawer: what each tool took, what that comes to, and recording one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import streamlit as st

from models.decisions import Decision
from models.engagement import Engagement
from models.people import Actor
from models.radar import comparison_of
from models.trials import KINDS
from reports.frames.trials import table_of
from services.plan import trials
from ui import drawer, html, markdown

RECORDING = "records trials of"


def is_recording(decision: Decision) -> bool:
    """Return whether trials of this decision are being recorded: saving one draws the drawer anew, and there are more."""
    return bool(st.session_state.get(RECORDING) == decision.id)


def show_trials(engagement: Engagement, decision: Decision, on: date, may_decide: bool) -> None:
    """Draw what the trials of a decision come to and, for who may decide, the forms."""
    if decision.trials:
        sentence = comparison_of(decision).sentence
        st.markdown(f"**{markdown.escaped(sentence)}**")
        cells = table_of(decision)
        html.show(html.table(cells, "Minutes that each tool took for each task", 500))
        st.caption(
            "Median minutes. What nobody finished counts as longer than the longest trial of its task."
        )
        if may_decide and not comparison_of(decision).reasons and sentence not in (decision.rests_on or ""):
            st.button(
                "Put this sentence into the decision", on_click=_conclude, args=(engagement.slug, decision)
            )
    else:
        st.write(
            "Judge tools by use: let two people or more build something with each, and find a planted fault with each. "
            "The minutes decide, not a list of features."
        )
    if may_decide:
        _record(engagement, decision, on)
        _remove(engagement, decision)


def _conclude(slug: str, decision: Decision) -> None:
    drawer.attempt(
        f"conclude {decision.id}",
        lambda actor: trials.conclude_trials(actor, slug, decision.id, decision.version),
        "Put what the trials come to into the decision",
    )


def _record(engagement: Engagement, decision: Decision, on: date) -> None:
    def fields(key: Callable[[str], str]) -> None:
        st.text_input("Tool", key=key("tool"))
        st.text_input("Task", key=key("task"), placeholder="Find the planted fault")
        st.segmented_control("Kind of task", KINDS, default=KINDS[0], required=True, key=key("kind"))
        st.text_input("Person", key=key("person"))
        drawer.evidence_date(engagement, on, "Tried on", None, key("on"))
        st.number_input("Minutes", min_value=0.0, value=None, step=1.0, key=key("minutes"))
        st.checkbox("Finished", True, key=key("finished"))
        st.text_input("Note", key=key("note"))

    def record(actor: Actor, values: Mapping[str, Any]) -> None:
        trials.record_trial(actor, engagement.slug, decision.id, values)
        st.session_state[RECORDING] = decision.id

    with st.expander("Record a trial", expanded=not decision.trials or is_recording(decision)):
        drawer.form(
            f"trial of {decision.id} {len(decision.trials)}",
            fields,
            record,
            button="Record the trial",
            done="Recorded the trial",
        )


def _remove(engagement: Engagement, decision: Decision) -> None:
    if not decision.trials:
        return
    with st.expander("Remove a trial"):
        named = {
            row.id: f"{row.tool}, {row.task}, {row.person}: {row.minutes:g} min" for row in decision.trials
        }
        chosen = st.selectbox("Trial", list(named), format_func=named.__getitem__, key=f"trial {decision.id}")
        row = next(row for row in decision.trials if row.id == chosen)

        def remove() -> None:
            removed = drawer.attempt(
                f"remove trial {row.id}",
                lambda actor: trials.remove_trial(actor, engagement.slug, row.id, row.version),
                "Removed the trial",
            )
            if removed:
                st.session_state[RECORDING] = decision.id

        st.button("Remove the trial", on_click=remove)

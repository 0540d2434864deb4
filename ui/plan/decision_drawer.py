"""A decision in its drawer, and the dialogs that ask for a decision and record one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import streamlit as st

from models.decisions import Decision
from models.engagement import Engagement
from models.people import Actor
from models.permissions import Action
from models.wording import day_month
from reports.frames.decisions import due_text
from services.plan import decisions
from ui import drawer, frame, html, markdown
from ui.notes import show_notes
from ui.plan.trials_view import RECORDING, is_recording, show_trials

# A decision that is needed is needed soon.
NEEDED_WITHIN_DAYS = 7


def ask_for_decision(engagement: Engagement, on: date) -> None:
    """Open a dialog that asks for a decision that somebody has to make."""

    def fields(key: Callable[[str], str]) -> None:
        _need_fields(engagement, key, None, on)

    drawer.open_form(
        "Ask for a decision",
        "new need",
        fields,
        lambda actor, values: decisions.request_decision(actor, engagement.slug, **values),
        button="Ask for the decision",
        done="Asked for the decision",
    )


def record_decision(engagement: Engagement, on: date) -> None:
    """Open a dialog that records a decision that was made without having been asked for."""

    def fields(key: Callable[[str], str]) -> None:
        _what_fields(engagement, key, None)
        _outcome_fields(engagement, key, None, on)

    drawer.open_form(
        "Record a decision",
        "new decision",
        fields,
        lambda actor, values: decisions.record_decision(actor, engagement.slug, values),
        button="Record the decision",
        done="Recorded the decision",
    )


def open_decision(engagement: Engagement, decision: Decision, on: date) -> None:
    """Open a decision in its drawer; closing that takes it out of the address."""

    def body() -> None:
        tab = "Trials" if is_recording(decision) else None
        if not frame.may(engagement, Action.DECIDE):
            _details(engagement, decision, on)
            if decision.trials:
                show_trials(engagement, decision, on, may_decide=False)
        elif decision.is_open:
            decide, tried, change = st.tabs(["Decide", "Trials", "Change"], default=tab)
            with tried:
                show_trials(engagement, decision, on, may_decide=True)
            with decide:
                _details(engagement, decision, on)
                _decide(engagement, decision, on)
            with change:
                _change(engagement, decision, lambda key: _need_fields(engagement, key, decision, on))
                drawer.remove_button(
                    "decision", decision, decisions.drop_decision, engagement.slug,
                    "Nobody is asked for this decision any more. The journal keeps that it was needed.", verb="drop",
                )  # fmt: skip
        else:
            details, tried, change = st.tabs(["Details", "Trials", "Change"], default=tab)
            with tried:
                show_trials(engagement, decision, on, may_decide=True)
            with details:
                _details(engagement, decision, on)
            with change:
                _change(engagement, decision, lambda key: _made_fields(engagement, key, decision, on))
        show_notes(engagement, "decision", decision.id)

    drawer.drawer(decision.title, body, on_dismiss=_close)


def _close() -> None:
    st.session_state.pop(RECORDING, None)
    drawer.take_out_of_address("decision")


def _details(engagement: Engagement, decision: Decision, on: date) -> None:
    _about_system(engagement, decision)
    decided_on = decision.decided_on
    if decided_on is None:
        st.markdown(f"{markdown.escaped(decision.owner)}. {due_text(decision, on)}.")
        return
    st.markdown(f"**{markdown.escaped(decision.outcome or '')}**")
    st.markdown(
        f"Decided by {markdown.escaped(decision.owner)} on {day_month(decided_on)} {decided_on.year}."
    )
    st.header("What it rests on")
    st.markdown(markdown.escaped(decision.rests_on or "Not recorded"))
    st.header("Metric that moved it")
    if decision.metric:
        html.show(
            html.link("metrics", engagement.slug, decision.metric.name, metric=decision.metric.slug),
            width="content",
        )
    else:
        st.write("None was named.")


def _about_system(engagement: Engagement, decision: Decision) -> None:
    if decision.system is not None:
        label = f"About {decision.system.name}"
        link = html.link("inventory", engagement.slug, label, system=str(decision.system.id))
        html.show(link, width="content")


def _what_fields(engagement: Engagement, key: Callable[[str], str], decision: Decision | None) -> None:
    st.text_input("Decision", decision.title if decision else "", key=key("title"))
    st.text_input(
        "Owner",
        decision.owner if decision else "",
        key=key("owner"),
        placeholder=engagement.sponsor or "Who decides",
    )
    _system_field(engagement, key, decision)


def _need_fields(
    engagement: Engagement, key: Callable[[str], str], decision: Decision | None, on: date
) -> None:
    _what_fields(engagement, key, decision)
    begins = max(on, engagement.day_1)
    soon = (decision and decision.needed_by) or begins + timedelta(days=NEEDED_WITHIN_DAYS)
    # A decision may be older than a first day that was moved since.
    earliest = min(soon, engagement.day_1)
    st.date_input("Needed by", soon, key=key("needed_by"), min_value=earliest, format="YYYY-MM-DD")


def _outcome_fields(
    engagement: Engagement, key: Callable[[str], str], decision: Decision | None, on: date
) -> None:
    st.text_area(
        "Outcome", decision.outcome if decision else None, key=key("outcome"), placeholder="What was decided"
    )
    decided_on = decision.decided_on if decision else None
    drawer.evidence_date(engagement, on, "Decided on", decided_on, key("decided_on"))
    st.text_area(
        "What it rests on", decision.rests_on if decision else None, key=key("rests_on"),
        placeholder="The evidence: interviews, a rehearsal, a measurement",
    )  # fmt: skip
    metrics = {None: "None"} | {metric.id: metric.name for metric in engagement.metrics if metric.active}
    if decision is not None and decision.metric is not None:
        metrics[decision.metric_id] = decision.metric.name
    st.selectbox(
        "Metric that moved it", list(metrics), list(metrics).index(decision.metric_id) if decision else 0,
        format_func=metrics.__getitem__, key=key("metric_id"),
    )  # fmt: skip


def _system_field(engagement: Engagement, key: Callable[[str], str], decision: Decision | None) -> None:
    systems = {None: "None"} | {row.id: row.name for row in engagement.systems}
    st.selectbox(
        "System that it is about", list(systems), list(systems).index(decision.system_id) if decision else 0,
        format_func=systems.__getitem__, key=key("system_id"),
    )  # fmt: skip


def _made_fields(engagement: Engagement, key: Callable[[str], str], decision: Decision, on: date) -> None:
    _what_fields(engagement, key, decision)
    _outcome_fields(engagement, key, decision, on)


def _decide(engagement: Engagement, decision: Decision, on: date) -> None:
    drawer.form(
        f"decide {decision.id} {decision.version}",
        lambda key: _outcome_fields(engagement, key, decision, on),
        lambda actor, values: decisions.decide(
            actor, engagement.slug, decision.id, **values, seen=decision.version
        ),
        button="Record the outcome",
        done="Recorded the decision",
    )


def _change(
    engagement: Engagement, decision: Decision, fields: Callable[[Callable[[str], str]], None]
) -> None:
    def carry_out(actor: Actor, values: Mapping[str, Any]) -> None:
        decisions.change_decision(actor, engagement.slug, decision.id, values, decision.version)

    drawer.form(
        f"change decision {decision.id} {decision.version}", fields, carry_out,
        button="Save the decision", done="Saved the decision",
    )  # fmt: skip

"""A workflow in its drawer: its details, and the forms that change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.interviews import Friction
from models.people import Actor
from models.permissions import Action
from models.wording import count, day_month
from models.workflows import WORKFLOW_STATES, Workflow
from reports.frames.workflows import frictions_text, rehearsal_text, state_text
from services.parsing.typed_texts import placeholders_of_typed
from services.workflows import workflows
from ui import drawer, feedback, frame, html, markdown

NONE = "None"
RESULTS = {True: "It worked", False: "It failed"}


def open_workflow(engagement: Engagement, flow: Workflow, on: date) -> None:
    """Open a workflow in its drawer; closing that takes it out of the address."""

    def body() -> None:
        if not frame.may(engagement, Action.EDIT_WORKFLOWS):
            _details(engagement, flow)
            return
        details, change, state, rehearse, asked = st.tabs(
            ["Details", "Change", "State", "Rehearse", "Asked for by"]
        )
        with details:
            _details(engagement, flow)
        with change:
            _change(engagement, flow)
        with state:
            _state(engagement, flow, on)
        with rehearse:
            _rehearse(engagement, flow, on)
        with asked:
            _link_frictions(engagement, flow)

    drawer.drawer(flow.name, body, on_dismiss=lambda: drawer.take_out_of_address("workflow"))


def add_workflow(engagement: Engagement) -> None:
    """Open a dialog that adds a workflow."""

    def add(actor: Actor, values: Mapping[str, Any]) -> None:
        row_id = workflows.add_workflow(actor, engagement.slug, _fields_of(values))
        drawer.put_in_address("workflow", row_id)
        _warn_of_placeholders(values)

    def body() -> None:
        drawer.form(
            "new workflow",
            lambda key: _fields(engagement, key, None),
            add,
            button="Add the workflow",
            done="Added the workflow",
        )

    drawer.drawer("Add a workflow", body)


def _details(engagement: Engagement, flow: Workflow) -> None:
    st.markdown(f"**{markdown.escaped(state_text(flow))}**, asked for by {frictions_text(flow)}.")
    if flow.note:
        st.markdown(markdown.escaped(flow.note))
    _fallback(flow)
    st.header("Systems it runs over")
    _links(
        [
            html.link("inventory", engagement.slug, use.system.name, system=str(use.system_id))
            for use in flow.uses
        ]
    )
    if not flow.uses:
        st.write("None named yet.")
    replaced = [row for row in engagement.replacements if row.workflow_id == flow.id]
    if replaced:
        st.header("Replacements that move its work")
        _links(
            [
                html.link("replacements", engagement.slug, row.name, replacement=str(row.id))
                for row in replaced
            ]
        )
    _frictions(engagement, flow)
    st.header("Metric that it moves")
    if flow.metric:
        html.show(
            html.link("metrics", engagement.slug, flow.metric.name, metric=flow.metric.slug), width="content"
        )
    else:
        st.write("None yet, so nobody can say what it changed.")
    _adoption(flow)


def _links(links: Iterable[Markup]) -> None:
    with st.container(horizontal=True):
        for link in links:
            html.show(link, width="content")


def _fallback(flow: Workflow) -> None:
    st.header("Manual fallback")
    st.markdown(
        markdown.escaped(flow.fallback) if flow.fallback else "Nobody described yet what to do when it fails."
    )
    for rehearsal in sorted(flow.rehearsals, key=lambda row: row.rehearsed_on, reverse=True):
        note = f": {markdown.escaped(rehearsal.note)}" if rehearsal.note else ""
        took = f" in {rehearsal.minutes} min" if rehearsal.minutes is not None else ""
        failed = ", **failed**" if rehearsal.failed else ""
        st.markdown(f"- Rehearsed {day_month(rehearsal.rehearsed_on)}{took}{failed}{note}")


def _frictions(engagement: Engagement, flow: Workflow) -> None:
    st.header("Frictions that asked for it")
    if flow.frictions and not frame.may(engagement, Action.READ_INTERVIEWS):
        st.write("What interviewees said stays with the team, so you see the count only.")
    elif flow.frictions:
        for friction in flow.frictions:
            st.markdown(f"- {_friction(friction)}")
    else:
        st.write("None yet: nobody was seen to struggle with what it does.")


def _adoption(flow: Workflow) -> None:
    st.header("Training and documents")
    for training in flow.trainings:
        came = f"{training.attended} of {training.invited} attended"
        st.markdown(f"- {markdown.escaped(training.title)}, {day_month(training.held_on)}: {came}")
    for document in flow.documents:
        st.markdown(
            f"- {markdown.external_link(document.title, document.link)}, {day_month(document.published_on)}"
        )
    if not flow.trainings and not flow.documents:
        st.write("None yet.")


def _friction(friction: Friction) -> str:
    interview = friction.interview
    when = day_month(interview.held_on or interview.planned_on)
    return (
        f"{markdown.escaped(friction.shown_observed)}  \n:gray[{markdown.escaped(interview.shown_name)}, {when}. "
        f"Severity {friction.severity} of 5, {markdown.escaped(friction.frequency)}.]"
    )


def _fields(engagement: Engagement, key: Callable[[str], str], flow: Workflow | None) -> None:
    systems = {system.id: system.name for system in engagement.systems}
    metrics = {metric.id: metric.name for metric in engagement.metrics if metric.active}
    if flow is not None and flow.metric is not None:
        metrics[flow.metric.id] = flow.metric.name
    st.text_input(
        "Name", flow.name if flow else "", key=key("name"), placeholder="Decide on a loan application"
    )
    st.multiselect(
        "Systems it runs over", list(systems), [use.system_id for use in flow.uses] if flow else [],
        format_func=systems.__getitem__, key=key("system_ids"),
    )  # fmt: skip
    st.text_area(
        "Manual fallback", flow.fallback if flow else None, key=key("fallback"),
        placeholder="What people do by hand when it fails: who, where, how fast",
    )  # fmt: skip
    choices = [None, *metrics]
    st.selectbox(
        "Metric that it moves", choices, choices.index(flow.metric_id) if flow else 0,
        format_func=lambda choice: metrics.get(choice, NONE), key=key("metric_id"),
    )  # fmt: skip
    st.text_area("Note", flow.note if flow else None, key=key("note"))


def _fields_of(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ("name", "system_ids", "fallback", "metric_id", "note")}


def _warn_of_placeholders(values: Mapping[str, Any]) -> None:
    """Say on the page that comes next that a fallback is none."""
    feedback.warn(placeholders_of_typed({"Manual fallback": values["fallback"]}))


def _change(engagement: Engagement, flow: Workflow) -> None:
    def change(actor: Actor, values: Mapping[str, Any]) -> None:
        workflows.change_workflow(actor, engagement.slug, flow.id, _fields_of(values), flow.version)
        _warn_of_placeholders(values)

    drawer.form(
        f"workflow {flow.id} {flow.version}",
        lambda key: _fields(engagement, key, flow),
        change,
        button="Save the workflow",
        done="Saved the workflow",
    )
    if flow.live_on is None:
        linked = count(len(flow.frictions), "friction")
        consequence = f"The workflow is removed. {linked} that asked for it stay, without the link."
        drawer.remove_button("workflow", flow, workflows.remove_workflow, engagement.slug, consequence)


def _state(engagement: Engagement, flow: Workflow, on: date) -> None:
    def fields(key: Callable[[str], str]) -> None:
        st.selectbox(
            "State",
            WORKFLOW_STATES,
            WORKFLOW_STATES.index(flow.state),
            format_func=str.capitalize,
            key=key("state"),
        )
        drawer.evidence_date(
            engagement, on, "Live since", flow.live_on, key("live_on"),
            help="The day from which users work through it. Counts for the state “live”.",
        )  # fmt: skip

    def carry_out(actor: Actor, values: Mapping[str, Any]) -> None:
        if values["state"] == "live":
            workflows.go_live(actor, engagement.slug, flow.id, live_on=values["live_on"], seen=flow.version)
        else:
            workflows.change_workflow(
                actor, engagement.slug, flow.id, {"state": values["state"]}, flow.version
            )

    st.caption(
        "Retired, it stays on record with the day it went live. Taken back to building, that day is forgotten."
    )
    drawer.form(
        f"state of workflow {flow.id} {flow.version}", fields, carry_out,
        button="Save the state", done="Saved the state of the workflow",
    )  # fmt: skip


def _rehearse(engagement: Engagement, flow: Workflow, on: date) -> None:
    st.markdown(f"**{rehearsal_text(flow)}.**")
    if not flow.fallback:
        st.write("Describe its manual fallback first, under Change.")
        return

    def fields(key: Callable[[str], str]) -> None:
        drawer.evidence_date(engagement, on, "Rehearsed on", None, key("rehearsed_on"))
        st.selectbox("Result", [True, False], format_func=RESULTS.__getitem__, key=key("worked"))
        st.number_input("Minutes that it took", 0, workflows.MAX_MINUTES, None, 1, key=key("minutes"))
        st.text_area(
            "What happened", key=key("note"), placeholder="Who tried it, how long it took, what failed"
        )

    drawer.form(
        f"rehearsal of workflow {flow.id} {len(flow.rehearsals)}",
        fields,
        lambda actor, values: workflows.rehearse_fallback(
            actor,
            engagement.slug,
            flow.id,
            rehearsed_on=values["rehearsed_on"],
            note=values["note"],
            worked=values["worked"],
            minutes=values["minutes"],
        ),
        button="Record the rehearsal",
        done="Recorded the rehearsal",
    )


def _link_frictions(engagement: Engagement, flow: Workflow) -> None:
    frictions = {friction.id: friction for friction in engagement.frictions}
    if not frictions:
        st.write("No friction is recorded yet. Interviews with end users bring them.")
        html.show(html.link("interviews", engagement.slug, "Open the interviews"), width="content")
        return

    def label(friction_id: int) -> str:
        friction = frictions[friction_id]
        linked_to = friction.workflow if friction.workflow_id != flow.id else None
        elsewhere = f", now asks for {linked_to.name}" if linked_to else ""
        return f"{friction.shown_observed} ({friction.theme}){elsewhere}"

    linked = [friction.id for friction in flow.frictions]

    def fields(key: Callable[[str], str]) -> None:
        st.multiselect(
            "Frictions that asked for it", list(frictions), linked, format_func=label, key=key("frictions")
        )

    drawer.form(
        f"frictions of workflow {flow.id} {'-'.join(map(str, linked))}",
        fields,
        lambda actor, values: workflows.link_frictions(actor, engagement.slug, flow.id, values["frictions"]),
        button="Link the frictions",
        done="Linked the frictions",
    )

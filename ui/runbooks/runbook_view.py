"""One runbook: whether it may run for real, its plan as a grid, and its runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.errors import Invalid
from models.people import Actor
from models.permissions import Action
from models.replacements import Replacement
from models.runbooks import OWNER_KINDS, REAL, Run, Runbook, missing_for_real
from models.wording import day_month
from reports.frames.runs import minutes_text, plan_duration
from services.parsing.clock_changes import why_no_moment
from services.runbooks import runbooks, runs
from ui import current_user, drawer, frame, grids, html
from ui.markdown import escaped

COLUMNS = ["key", "title", "after", "owner", "owner_kind", "action", "check", "undo", "no_undo", "minutes",
           "timeout", "no_return"]  # fmt: skip
# Hours of the window that a form begins with.
WINDOW_HOURS = 4


def show_runbook(engagement: Engagement, runbook: Runbook) -> None:
    """Draw a runbook."""
    html.show(html.back_link("runbooks", engagement.slug, "All runbooks"), width="content")
    scope = f"Runbook of “{runbook.replacement.name}”. In charge: {runbook.in_charge}."
    frame.head(runbook.name, engagement, scope)
    _readiness(engagement, runbook)
    if runbook.runs:
        st.header("Runs")
        html.show(html.bullet_list(_run_line(engagement, run) for run in reversed(runbook.runs)))
    st.header("Plan")
    _plan(engagement, runbook)


def _edit(slug: str, runbook: Runbook) -> None:
    def fields(key: Callable[[str], str]) -> None:
        st.text_input("Name", runbook.name, key=key("name"))
        st.text_input("Person in charge", runbook.in_charge, key=key("in_charge"))

    drawer.open_form(
        runbook.name,
        f"runbook {runbook.id} {runbook.version}",
        fields,
        lambda actor, values: runbooks.change_runbook(actor, slug, runbook.id, values, runbook.version),
        button="Save the runbook",
        done="Saved the runbook",
        about="Another person in charge makes it a plan that was not rehearsed. Runs that were begun keep theirs.",
    )


def _readiness(engagement: Engagement, runbook: Runbook) -> None:
    now = current_user.now()
    missing = missing_for_real(runbook, runbook.replacement.cutovers, now, engagement.date_of(now))
    with st.container(border=True):
        answer = f"Not yet: {missing}." if missing else "Yes, once the sponsor says go."
        st.markdown(f"**May it run for real?** {escaped(answer)}")
        if runbook.steps:
            at_best = minutes_text(plan_duration(runbook, now))
            st.caption(f"{len(runbook.steps)} steps, {at_best} along the critical path.")
        with st.container(horizontal=True):
            if runbook.steps and frame.may(engagement, Action.START_RUNS):
                if not missing and st.button("Prepare the real run", type="primary"):
                    _ask_to_prepare(engagement, runbook)
                if st.button("Rehearse this plan"):
                    _ask_to_rehearse(engagement, runbook)
            if frame.may(engagement, Action.EDIT_RUNBOOKS) and st.button("Edit the runbook", type="tertiary"):
                _edit(engagement.slug, runbook)


def _ask_to_rehearse(engagement: Engagement, runbook: Runbook) -> None:
    def carry_out(actor: Actor, _: Mapping[str, Any]) -> None:
        number = runs.rehearse(actor, engagement.slug, runbook.id)
        st.query_params["run"] = str(number)

    drawer.open_form(
        "Rehearse this plan",
        f"rehearse {runbook.id}",
        lambda _: None,
        carry_out,
        button="Start the rehearsal",
        done="Started the rehearsal",
        about="It begins at once, with the plan as it is now. Roll it back at its end, so that every undo is tried.",
    )


def _ask_to_prepare(engagement: Engagement, runbook: Runbook) -> None:
    zone = frame.zone_of(engagement)
    start = current_user.now().astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)

    def fields(key: Callable[[str], str]) -> None:
        st.datetime_input("Window from", start, key=key("from"), format="YYYY-MM-DD")
        until = start + timedelta(hours=WINDOW_HOURS)
        st.datetime_input("Window until", until, key=key("until"), format="YYYY-MM-DD")

    def aware(value: datetime | None) -> datetime:
        if value is None:
            raise Invalid("Give both ends of the window. Nothing was saved.")
        if why := why_no_moment(value, zone):
            raise Invalid(
                f"An end of the window is not one moment: {why}. Choose another. Nothing was saved."
            )
        return value.replace(tzinfo=zone)

    def carry_out(actor: Actor, values: Mapping[str, Any]) -> None:
        window = {"window_from": aware(values["from"]), "window_until": aware(values["until"])}
        number = runs.prepare_run(actor, engagement.slug, runbook.id, **window)
        st.query_params["run"] = str(number)

    drawer.open_form(
        "Prepare the real run",
        f"prepare {runbook.id}",
        fields,
        carry_out,
        button="Prepare the run",
        done="Prepared the run: it waits for the sponsor's go",
        about=f"Times in {engagement.zone}. {escaped(engagement.sponsor)} says go.",
    )


def _run_line(engagement: Engagement, run: Run) -> Markup:
    on = day_month(engagement.date_of(run.created_at))
    kind = "Real run" if run.kind == REAL else "Rehearsal"
    query = {"runbook": str(run.runbook_id), "run": str(run.number)}
    link = html.link("runbooks", engagement.slug, f"{kind} {run.number}", **query)
    state = run.progress(current_user.now()).state
    return html.join([link, f" {on}: {state}"])


def _plan(engagement: Engagement, runbook: Runbook) -> None:
    steps = sorted(runbook.steps, key=lambda step: step.place)
    shown = pd.DataFrame(
        [{name: getattr(step, name) for name in [*COLUMNS, "version"]} for step in steps],
        columns=[*COLUMNS, "version"],
        index=[step.id for step in steps],
    )
    alt = "The steps of the runbook, one a row."
    if not frame.may(engagement, Action.EDIT_RUNBOOKS):
        st.dataframe(
            shown, hide_index=True, column_order=COLUMNS, column_config=_columns(), placeholder="", alt=alt
        )
        return

    def save(who: Actor, edits: grids.Edits) -> str:
        runbooks.save_steps(who, engagement.slug, runbook.id, **edits.as_lists())
        return edits.text("step")

    st.caption("Any edit makes it a plan that was not rehearsed.")
    grids.grid(f"steps of {runbook.id}", shown, _columns(), save=save, button="Save the plan", alt=alt)


def _columns() -> dict[str, Any]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "key": text("No.", width="small"),
        "title": text("Step", width="medium"),
        "after": text("After", width="small", help="The numbers of the steps that come before it: 1, 2"),
        "owner": text("Owner"),
        "owner_kind": st.column_config.SelectboxColumn("Kind", options=list(OWNER_KINDS)),
        "action": text("What is done", width="medium"),
        "check": text("Done when", width="medium"),
        "undo": text("How it is undone", width="medium"),
        "no_undo": text("Or why not", width="medium"),
        "minutes": number("Minutes", step=1, min_value=1),
        "timeout": number("Time-out", step=1, min_value=1, help="Minutes after which it has failed."),
        "no_return": st.column_config.CheckboxColumn(
            "No way back", help="After it nothing is undone any more."
        ),
    }


def write_runbook(engagement: Engagement, free: list[Replacement]) -> None:
    """Open a dialog that begins the runbook of one of the replacements that have none."""

    def fields(key: Callable[[str], str]) -> None:
        names = {row.id: row.name for row in free}
        st.selectbox("Replacement", list(names), format_func=names.__getitem__, key=key("replacement_id"))
        st.text_input("Name", key=key("name"), placeholder="Switch the nightly batch off")
        st.text_input("Person in charge", engagement.lead, key=key("in_charge"))

    drawer.open_form(
        "Write a runbook",
        "new runbook",
        fields,
        lambda actor, values: runbooks.write_runbook(actor, engagement.slug, values),
        button="Write the runbook",
        done="Began the runbook: now give it its steps",
    )

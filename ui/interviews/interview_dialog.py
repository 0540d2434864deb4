"""The dialog that plans, records or changes an interview."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from models.engagement import Engagement
from models.interviews import Interview
from reports.frames.interviews import friction_rows
from services.interviews import interviews
from services.parsing.typed_texts import placeholders_of_typed
from ui import feedback, grids
from ui.current_user import actor
from ui.drawer import FIELD_WIDTH
from ui.grid_columns import text_columns, text_frame
from ui.interviews import friction_grid

THEME_LIST = pa.list_(pa.string())
RECORD_WIDTH = 980
"""Pixels in which all columns of the frictions are seen; narrower windows scroll them."""


def plan_interview(engagement: Engagement, on: date, interview: Interview | None = None) -> None:
    """Open a dialog that plans an interview, or changes one that is planned."""
    title = "Plan an interview" if interview is None else "Change a planned interview"
    st.dialog(title, position="right")(_form)(engagement, on, interview, held=False)


def record_interview(engagement: Engagement, on: date, interview: Interview | None = None) -> None:
    """Open a dialog that records an interview that was held (a planned one, or another), or changes its record."""
    new = interview is None or interview.held_on is None
    title = "Record an interview" if new else "Change an interview"
    st.dialog(title, position="right", width=RECORD_WIDTH)(_form)(engagement, on, interview, held=True)


def _form(engagement: Engagement, on: date, interview: Interview | None, *, held: bool) -> None:
    feedback.show_in_dialog()
    form = f"interview {interview.id} {interview.version} {held}" if interview else f"interview {held}"
    shown = _shown(interview, on, held=held)
    rows = friction_rows(interview.frictions if interview else [])
    # A column to choose a theme from or to add one to holds lists; each has one theme.
    rows["theme"] = pd.Series([[theme] for theme in rows["theme"]], rows.index, pd.ArrowDtype(THEME_LIST))
    grid = f"{form} frictions {feedback.submission(form)}"

    def save() -> None:
        values = {
            name: st.session_state[f"{form} {name}"] for name in shown if f"{form} {name}" in st.session_state
        }
        if interview is not None:
            values = {name: value for name, value in values.items() if value != shown[name]}
            if "held_on" in values and interview.held_on == interview.planned_on:
                # It was recorded without a plan: a corrected date is both.
                values["planned_on"] = values["held_on"]
            elif held:
                values.setdefault("held_on", shown["held_on"])
        edits = grids.edits_of(st.session_state.get(grid) or {}, list(rows.index), list(rows["version"]))
        if feedback.attempt(
            lambda: _carry_out(engagement, interview, values, edits, form, held=held), _done(interview, held)
        ):
            feedback.renew(form)
            people = {name.capitalize(): values.get(name) for name in ("interviewee", "interviewer")}
            feedback.warn(placeholders_of_typed(people))

    with st.form(form, border=False):
        _fields(engagement, on, interview, shown, form)
        if held:
            _frictions(engagement, rows, grid)
        st.form_submit_button(_button(interview, held), type="primary", on_click=save)


def _shown(interview: Interview | None, on: date, *, held: bool) -> dict[str, Any]:
    """Return what the fields start with, in the order in which they are shown."""
    when = {"held_on": min(on, interview.held_on or interview.planned_on) if interview else on}
    if not held:
        when = {"planned_on": interview.planned_on if interview else on + timedelta(days=1)}
    summary = {"summary": interview.shown_summary if interview else ""} if held else {}
    name = interview.shown_name if interview else ""
    return (
        {"interviewee": name}
        | when
        | {
            field: (getattr(interview, field) or "") if interview else ""
            for field in ("role", "team", "interviewer")
        }
        | {"end_user": interview.end_user if interview else True}
        | summary
    )


def _fields(
    engagement: Engagement, on: date, interview: Interview | None, shown: dict[str, Any], form: str
) -> None:
    fields = st.grid(2, min_column_width=FIELD_WIDTH)
    fields.text_input(
        "Interviewee", shown["interviewee"], key=f"{form} interviewee",
        # A hidden name is neither shown nor replaced.
        disabled=interview is not None and engagement.hide_interviewees,
    )  # fmt: skip
    if "held_on" in shown:
        fields.date_input(
            "Held on", shown["held_on"], key=f"{form} held_on", format="YYYY-MM-DD", max_value=on
        )
    else:
        fields.date_input("Planned for", shown["planned_on"], key=f"{form} planned_on", format="YYYY-MM-DD")
    fields.text_input("Role", shown["role"], key=f"{form} role", placeholder="Underwriter")
    fields.text_input("Team", shown["team"], key=f"{form} team", placeholder="Consumer lending")
    fields.text_input("Interviewer", shown["interviewer"], key=f"{form} interviewer")
    fields.checkbox(
        "An end user", shown["end_user"], key=f"{form} end_user",
        help="Works with the systems day to day. Only end users count towards the plan's number.",
    )  # fmt: skip
    if "summary" in shown:
        st.text_area(
            "Summary", shown["summary"], key=f"{form} summary", placeholder="What was learned", height=100
        )


def _frictions(engagement: Engagement, rows: pd.DataFrame, grid: str) -> None:
    st.markdown("**Frictions**")
    st.caption(
        "One row for each thing that you saw this person struggle with. Choose a theme in use, or type a new one."
    )
    columns = friction_grid.columns(engagement, of_one_interview=True)
    columns["theme"] = st.column_config.MultiselectColumn(
        "Theme", options=friction_grid.themes_in_use(engagement), accept_new_options=True, width=170
    )
    st.data_editor(
        grids.with_blank_rows(text_frame(rows, columns)), key=grid, num_rows="dynamic", hide_index=True, placeholder="",
        column_order=list(columns), column_config=text_columns(columns),
        alt="Grid of the frictions of this interview",
    )  # fmt: skip


def _carry_out(
    engagement: Engagement, interview: Interview | None, values: dict[str, Any], edits: grids.Edits, form: str, *,
    held: bool,
) -> None:  # fmt: skip
    who = actor(once=feedback.submission(form))
    row_id, seen = (interview.id, interview.version) if interview else (None, None)
    if held:
        columns = friction_grid.columns(engagement, of_one_interview=True)
        edits = grids.without_header(edits, columns, "frictions")
        frictions = friction_grid.friction_edits(engagement, grids.read_cells(edits, columns))
        interviews.record_interview(who, engagement.slug, values, frictions, row_id=row_id, seen=seen)
    elif interview is not None:
        interviews.change_interview(who, engagement.slug, interview.id, values, seen=seen)
    else:
        interviews.plan_interview(who, engagement.slug, values)


def _done(interview: Interview | None, held: bool) -> str:
    if held and (interview is None or interview.held_on is None):
        return "Recorded the interview"
    return "Saved the interview" if held else "Planned the interview"


def _button(interview: Interview | None, held: bool) -> str:
    if held:
        new = interview is None or interview.held_on is None
        return "Record the interview" if new else "Save the interview"
    return "Plan the interview" if interview is None else "Save the plan"

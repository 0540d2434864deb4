"""One interview: who was asked and what they answered, with the buttons that record, change and remove it."""

from __future__ import annotations

from datetime import date

import streamlit as st

from models.engagement import Engagement
from models.interviews import Interview
from models.wording import count
from reports.frames import interviews as rows
from services.interviews import interviews as interviewing
from ui import feedback, html, markdown
from ui.current_user import actor
from ui.interviews.interview_dialog import plan_interview, record_interview
from ui.notes import show_notes

# In fewer pixels, a table of frictions scrolls sideways.
TABLE_WIDTH = 640


def show_interview(engagement: Engagement, on: date, asked_for: str, *, may_record: bool) -> None:
    """Draw the interview whose id the address asks for, or that there is none."""
    interview = next((row for row in engagement.interviews if str(row.id) == asked_for), None)
    st.button("All interviews", icon=":material/arrow_back:", type="tertiary", on_click=_close)
    if interview is None:
        st.header("No such interview")
        st.write("It was removed, or the address is wrong.")
        return
    with st.container(border=True):
        _who_was_asked(interview, on)
        if may_record:
            _acts(engagement, on, interview)
    if interview.held_on is not None:
        st.header(count(len(interview.frictions), "friction") if interview.frictions else "No frictions")
    if interview.frictions:
        cells = rows.friction_cells(rows.worst_first(interview.frictions))
        html.show(html.table(cells, "Frictions of the interview, worst first", TABLE_WIDTH))
    show_notes(engagement, "interview", interview.id)


def _close() -> None:
    del st.query_params["interview"]


def _who_was_asked(interview: Interview, on: date) -> None:
    title, state = st.columns([4, 1], vertical_alignment="center")
    title.header(markdown.escaped(interview.shown_name))
    with state.container(horizontal=True, horizontal_alignment="right"):
        st.badge("End user" if interview.end_user else "Not an end user", color="gray")
    asker = interview.interviewer and f"Interviewer {interview.interviewer}"
    details = [rows.place(interview), rows.when_text(interview, on), asker]
    st.caption(markdown.escaped(". ".join(filter(None, details)) + "."))
    if interview.summary:
        st.markdown(markdown.escaped(interview.shown_summary))
    elif interview.held_on is not None:
        st.write("No summary was written down.")


def _acts(engagement: Engagement, on: date, interview: Interview) -> None:
    with st.container(horizontal=True):
        if interview.held_on is None:
            if st.button("Record the interview", type="primary"):
                record_interview(engagement, on, interview)
            if st.button("Change the plan"):
                plan_interview(engagement, on, interview)
        elif st.button("Change the interview", type="primary"):
            record_interview(engagement, on, interview)
        with st.popover("Remove", type="tertiary"):
            _remove(engagement.slug, interview)


def _remove(slug: str, interview: Interview) -> None:
    number = len(interview.frictions)

    def remove() -> None:
        if feedback.attempt(
            lambda: interviewing.remove_interview(
                actor(), slug, interview.id, with_frictions=number, seen=interview.version
            ),
            "Removed the interview",
        ):
            _close()

    frictions = count(number, "friction")
    goes = f"The interview and its {frictions} are" if number else "The interview is"
    st.write(f"{goes} removed from every count. The journal keeps what they said.")
    label = f"Remove the interview and {frictions}" if number else "Remove the interview"
    st.button(label, on_click=remove)

"""Notes on a record: what members wrote beside it, and a field to write one."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.permissions import Action
from services.notes.notes import remove_note, write_note
from store.notes import NoteText, notes
from ui import feedback, frame, html
from ui.current_user import actor, reader

# Streamlit's Markdown makes links and emoji even of escaped text.
NOTE = Markup('<p class="hw"><strong>{by}</strong>, {at}: {text}</p>')


def show_notes(engagement: Engagement, about: str, row_id: int, *, folded: bool = False) -> None:
    """Draw the notes on a decision, milestone, metric, interview, review or replacement.

    `folded`: the form for another one is drawn for who opens it; a form takes the browser longer than a page of words.
    """
    may_write = frame.may(engagement, Action.WRITE_NOTES)
    written = notes(reader(), engagement.slug, about, row_id)
    if written or not folded or not may_write:
        html.show(html.section("Notes"))
    for note in written:
        _show_note(engagement, note)
    if not may_write:
        return
    if not folded:
        _form(engagement, about, row_id)
        return
    with st.expander("Write a note", key=f"note {about} {row_id} opened", on_change="rerun") as opened:
        if opened.open:
            _form(engagement, about, row_id)


def _form(engagement: Engagement, about: str, row_id: int) -> None:
    key = f"note {about} {row_id}"

    def write() -> None:
        written = feedback.attempt(
            lambda: write_note(
                actor(once=feedback.submission(key)), engagement.slug, about, row_id, st.session_state[key]
            ),
            "Wrote the note",
        )
        if written:
            feedback.renew(key)
            st.session_state[key] = ""

    with st.form(f"{key} form", border=False):
        st.text_area("Note", key=key, placeholder="@name tells that member", max_chars=4_000)
        st.form_submit_button("Write the note", on_click=write)


def _show_note(engagement: Engagement, note: NoteText) -> None:
    def remove() -> None:
        feedback.attempt(lambda: remove_note(actor(), engagement.slug, note.id), "Removed the note")

    at = note.at.astimezone(frame.zone_of(engagement))
    html.show(NOTE.format(by=note.by, at=f"{at:%d %b, %H:%M}", text=note.text))
    if note.own:
        st.button("Remove the note", key=f"remove note {note.id}", on_click=remove, type="tertiary")

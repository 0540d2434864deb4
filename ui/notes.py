"""Notes on a record: what members wrote beside it, and a field to write one."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.permissions import Action
from services.notes.notes import remove_note, write_note
from store.notes import NoteText, notes
from ui import feedback, frame, html
from ui.current_user import actor, reader
from ui.drawer import attempting, drawer

REMOVE = "Remove the note"
# Streamlit's Markdown makes links and emoji even of escaped text.
NOTE = Markup('<p class="hw"><strong>{by}</strong>, {at}: {text}</p>')


def show_notes(
    engagement: Engagement, about: str, row_id: int, *, removal: Callable[[int], str] | None = None
) -> None:
    """Draw the notes on a decision, milestone, metric, interview, review or replacement.

    `removal` returns the address that asks to remove the note of an id (`open_removal`): then the page draws no button
    and no field before somebody wants to write one. A form takes the browser longer than a page of words.
    """
    may_write = frame.may(engagement, Action.WRITE_NOTES)
    written = notes(reader(), engagement.slug, about, row_id)
    if removal is not None:
        _show_folded(engagement, about, row_id, written, removal if may_write else None)
        return
    html.show(html.section("Notes"))
    for note in written:
        _show_note(engagement, note)
    if may_write:
        _form(engagement, about, row_id)


def _show_folded(
    engagement: Engagement,
    about: str,
    row_id: int,
    written: list[NoteText],
    removal: Callable[[int], str] | None,
) -> None:
    """Draw the notes as one component, and for who may write (who has a `removal`) a field that they open."""
    lines = [
        html.with_act(_note(engagement, note), REMOVE, removal(note.id))
        if note.own and removal
        else _note(engagement, note)
        for note in written
    ]
    if lines or removal is None:
        html.show(html.section("Notes", *lines))
    if removal is None:
        return
    with st.expander("Write a note", key=f"note {about} {row_id} opened", on_change="rerun") as opened:
        if opened.open:
            _form(engagement, about, row_id)


def open_removal(engagement: Engagement, about: str, row_id: int, note_id: str) -> None:
    """Open the dialog that removes one's own note on a record; nothing if there is none of that id."""
    if not frame.may(engagement, Action.WRITE_NOTES):
        return
    for note in notes(reader(), engagement.slug, about, row_id):
        if note.own and str(note.id) == note_id:
            _confirm_removal(engagement, note)


def _confirm_removal(engagement: Engagement, note: NoteText) -> None:
    text, slug, row_id = _note(engagement, note), engagement.slug, note.id

    def body() -> None:
        html.show(text)
        remove = attempting(
            f"remove note {row_id}", lambda who: remove_note(who, slug, row_id), "Removed the note"
        )
        st.button(REMOVE, type="primary", key=f"remove note {row_id}", on_click=remove)

    drawer(REMOVE, body)


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

    html.show(_note(engagement, note))
    if note.own:
        st.button(REMOVE, key=f"remove note {note.id}", on_click=remove, type="tertiary")


def _note(engagement: Engagement, note: NoteText) -> Markup:
    at = note.at.astimezone(frame.zone_of(engagement))
    return NOTE.format(by=note.by, at=f"{at:%d %b, %H:%M}", text=note.text)

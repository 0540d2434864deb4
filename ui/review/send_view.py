"""Friday's last step: send the frozen week to chosen members, or copy a ready text where no mail is set up."""

from __future__ import annotations

import streamlit as st

from models.wording import count, join_list
from services.mail import week_mail
from services.mail.week_mail import Recipient
from store.reviews import Week
from ui import feedback
from ui.current_user import actor, user_id
from ui.markdown import escaped

MAX_NAMED = 6


def show(slug: str, row: Week) -> None:
    """Draw what sends a week: whom it goes to is said on the button and above it."""
    people = week_mail.recipients(actor(), slug, row.id)
    if week_mail.can_mail():
        _by_mail(slug, row, people)
    else:
        _ready_text(slug, row, people)


def _by_mail(slug: str, row: Week, people: list[Recipient]) -> None:
    """Draw the choice of members who weren't sent it, all others preselected, and the button."""
    reached = [person for person in people if person.was_sent or person.chose]
    if reached:
        names = join_list([person.name for person in reached], MAX_NAMED)
        st.caption(f"Mailed on freezing, or sent before: {escaped(names)}.")
    open_to = {person.user_id: person for person in people if person not in reached}
    if not open_to:
        return
    with st.form(f"send {row.id}", border=True):
        st.multiselect(
            f"Send {row.name} to",
            list(open_to),
            [each for each in open_to if each != user_id()],
            format_func=lambda each: f"{open_to[each].name}, {open_to[each].role}",
            key=f"send to {row.id}",
            help="Each gets the verdict, the link of the light page and the PDF, with what they may read.",
        )
        st.form_submit_button(
            f"Send {row.name}", type="primary", icon=":material/send:", on_click=_send, args=(slug, row)
        )


def _send(slug: str, row: Week) -> None:
    sent: list[str] = []
    to = st.session_state[f"send to {row.id}"]
    feedback.attempt(
        lambda: sent.extend(week_mail.send_week(actor(), slug, row.id, to)),
        lambda: f"Sent {row.name} to {join_list(sent, MAX_NAMED)}",
    )


def _ready_text(slug: str, row: Week, people: list[Recipient]) -> None:
    """Draw the text to copy, and the link that opens it in one's own mail program."""
    text = week_mail.ready_text(actor(), slug, row.id)
    to = [person.email for person in people if person.user_id != user_id()]
    with st.popover(f"Send {row.name}", icon=":material/send:"):
        st.write(
            "No mail server is set up here, so send it yourself: copy this text, or open it in your mail program."
        )
        st.code(f"{text.subject}\n\n{text.body}", language=None, wrap_lines=True)
        st.link_button(
            f"Open in your mail program, to {count(len(to), 'member')}",
            text.mailto(to),
            icon=":material/outgoing_mail:",
        )

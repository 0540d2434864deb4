"""Personal data: what is held of an interviewee, handed over or erased."""

from html import escape

import streamlit as st

from models.names import normalize_name
from models.permissions import Action
from models.wording import count, quoted_list
from services.privacy import erasure
from ui import feedback, frame
from ui.current_user import actor
from ui.interviews import same_person
from ui.markdown import escaped

engagement = frame.engagement()
frame.head("Personal data", engagement)
slug = engagement.slug

if not frame.may(engagement, Action.ERASE_PERSONAL_DATA):
    st.write("Only a lead of this engagement can hand over or erase an interviewee's personal data.")
    st.stop()

st.write(
    "What an interviewee asks for: a copy of everything that is held of them here, or that it be forgotten."
)
people = erasure.interviewees(actor(), slug)
if not people:
    st.info("Nobody was interviewed in this engagement yet, so nothing of anybody's is held.")
    st.stop()
same_person.show(engagement)
person = st.selectbox("Interviewee", people, index=None, placeholder="Choose a person")
if person is None:
    st.stop()

st.header("Hand it over")
st.write("The journal keeps that you took a copy, and not of whom.")
# A route of our own: it asks again who is there, and the copy stays nowhere.
st.html(
    f'<form method="post" action="/api/v1/engagements/{slug}/personal-data">'
    f'<input type="hidden" name="person" value="{escape(person)}">'
    f'<button type="submit" style="{frame.BUTTON_STYLE}">Download what is held</button></form>'
)

st.header("Erase it")
own = [row for row in engagement.interviews if row.person == normalize_name(person)]
spellings = sorted({row.interviewee for row in own} - {person})
if spellings:
    st.write(f"Spelled also {escaped(quoted_list(spellings))}.")
st.write(
    f"The name goes from {count(len(own), 'interview')} and from wherever else it stands in this engagement, with role, "
    "team and summary; and from what the journal and earlier states say. Counts, dates and frictions stay. "
    "It can't be undone."
)


def erase(person: str) -> None:
    reason = st.session_state["erase reason"]
    if not st.session_state["erase sure"]:
        feedback.set_feedback("error", "Say that you are sure: it can't be undone. Nothing was erased.")
        return
    feedback.attempt(
        lambda: erasure.erase(actor(once=feedback.submission("erase")), slug, person, reason),
        "Erased the personal data",
    )
    feedback.renew("erase")


with st.form("erase"):
    st.text_input("Reason", key="erase reason", max_chars=300, placeholder="Asked for by e-mail on 12 Nov")
    st.checkbox("I am sure: it can't be undone", key="erase sure")
    st.form_submit_button("Erase the personal data", type="primary", on_click=erase, args=(person,))

"""My account: one's own name and e-mail, password, and the browsers in which one is signed in."""

from functools import partial

import streamlit as st

from models.wording import describe_browser
from services.people import accounts, sessions
from ui import feedback, frame, markdown
from ui.current_user import account, actor
from ui.drawer import FIELD_WIDTH

me = account()
st.title("My account")
if not me.has_password:
    st.warning(
        "You have no password yet: you came in by a one-time link. Choose one to come in again.",
        icon=":material/key:",
    )


def describe() -> None:
    name = st.session_state["account name"]
    feedback.attempt(lambda: accounts.change_own_name(actor(), name=name), "Saved your account")


with st.form("account"):
    fields = st.grid(2, min_column_width=FIELD_WIDTH)
    fields.text_input("Name", me.name, key="account name", max_chars=300)
    fields.text_input("E-mail", me.email, disabled=True, help="An administrator changes it, under People.")
    st.form_submit_button("Save the account", type="primary", on_click=describe)

st.header("Password")
# Its own page: a password never becomes part of a page's state here.
st.html(
    f'<a href="/session/password?next=/account" target="_self" style="{frame.BUTTON_STYLE}">'
    f"{'Change the password' if me.has_password else 'Choose a password'}</a>"
)

st.header("Where you are signed in")


def end_session(session_id: int) -> None:
    sessions.end_session(actor(), session_id)


for session in sessions.my_sessions(actor()):
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container():
            here = "**This browser.** " if session.is_current else ""
            st.markdown(f"{here}{markdown.escaped(describe_browser(session.browser))}")
            st.caption(
                f"From {markdown.escaped(session.address)}, signed in with a {session.began_by} on "
                f"{session.began_at:%d %b at %H:%M} UTC, last used {session.seen_at:%d %b at %H:%M} UTC."
            )
        if not session.is_current:
            st.button(
                "End this session",
                key=f"end {session.id}",
                on_click=feedback.attempting(partial(end_session, session.id), "Ended the session"),
            )
st.button(
    "Sign out everywhere else",
    on_click=feedback.attempting(
        lambda: sessions.end_other_sessions(actor()), "Signed you out everywhere else"
    ),
)

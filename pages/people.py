"""People: who can sign in. For administrators."""

import pandas as pd
import streamlit as st

from models.errors import RuleBroken
from services.core.site_url import link_url
from services.people import accounts
from ui import current_user, feedback, markdown
from ui.current_user import actor
from ui.drawer import FIELD_WIDTH

st.title("People")
st.caption("Who can sign in. What each of them sees is decided in an engagement's settings.")
try:
    everybody = accounts.list_accounts(actor())
except RuleBroken as refused:
    current_user.note_refusal(refused)
    st.write(str(refused))
    st.stop()

# A link is shown once, on the page that is drawn after the click, and stored nowhere.
made = st.session_state.pop("one-time link", None)
if made:
    name, address = made
    st.success(f"A one-time link for {markdown.escaped(name)}. Send it privately; it isn't shown again.")
    st.code(address, language=None, wrap_lines=True)


def make_link(email: str, name: str) -> None:
    st.session_state["one-time link"] = (name, link_url(accounts.make_link(actor(), email)))


def add() -> None:
    email, name = st.session_state["person email"], st.session_state["person name"]
    administrator = st.session_state["person administrator"]

    def add_and_invite() -> None:
        once = actor(once=feedback.submission("person"))
        accounts.add_user(once, email, name, administrator=administrator)
        make_link(email, name)

    if feedback.attempt(add_and_invite, f"Added {name}"):
        feedback.renew("person")


def state_of(account: accounts.Account) -> str:
    if account.disabled:
        return "Disabled"
    if not account.email_verified:
        return "E-mail not verified: make a one-time link to verify it"
    return "Can sign in" if account.has_password else "No password yet"


# As a grid of plain text: a table of Markdown would link some e-mails, and of others a part, which is somebody else's.
st.dataframe(
    pd.DataFrame(
        {
            "Name": [account.name for account in everybody],
            "E-mail": [account.email for account in everybody],
            "State": [state_of(account) for account in everybody],
            "Administrator": ["yes" if account.administrator else "" for account in everybody],
            "Last seen": [
                f"{account.last_seen:%d %b %Y, %H:%M} UTC" if account.last_seen else "never"
                for account in everybody
            ],
        }
    ),
    hide_index=True,
    alt="; ".join(f"{account.name}, {account.email}: {state_of(account)}" for account in everybody),
)

st.header("Change a person")
by_email = {account.email: account for account in everybody}
email = st.selectbox(
    "Person",
    list(by_email),
    format_func=lambda email: f"{by_email[email].name} ({email})",
    index=None,
    placeholder="Choose a person",
)
if email is not None:
    chosen = by_email[email]
    with st.container(horizontal=True):
        if chosen.disabled:
            st.button(
                "Enable the person",
                on_click=feedback.attempting(
                    lambda: accounts.enable(actor(), chosen.email), f"{chosen.name} can sign in again"
                ),
            )
        else:
            st.button(
                "Make a one-time link",
                type="primary",
                on_click=feedback.attempting(
                    lambda: make_link(chosen.email, chosen.name), f"Made a link for {chosen.name}"
                ),
            )
            st.button(
                "Sign the person out everywhere",
                on_click=feedback.attempting(
                    lambda: accounts.sign_out_user(actor(), chosen.email),
                    f"Signed {chosen.name} out everywhere",
                ),
            )
            st.button(
                "Disable the person",
                help="They are signed out everywhere at once. What they did stays theirs.",
                on_click=feedback.attempting(
                    lambda: accounts.disable(actor(), chosen.email), f"Disabled {chosen.name}"
                ),
            )

    with st.form("e-mail"):
        st.text_input("Another e-mail", chosen.email, key=f"e-mail {chosen.id}", max_chars=300)
        st.form_submit_button(
            "Change the e-mail",
            on_click=feedback.attempting(
                lambda: accounts.change_email(actor(), chosen.email, st.session_state[f"e-mail {chosen.id}"]),
                f"Changed the e-mail of {chosen.name}",
            ),
        )

st.header("Add a person")
with st.form("person", clear_on_submit=True):
    fields = st.grid(2, min_column_width=FIELD_WIDTH)
    fields.text_input("Name", key="person name", max_chars=300)
    fields.text_input("E-mail", key="person email", max_chars=300)
    st.toggle("Administrator: may add people and create engagements", key="person administrator")
    st.form_submit_button("Add the person", type="primary", on_click=add)

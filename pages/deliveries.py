"""Deliveries: where an engagement's events are sent, what waits and why; and what one is mailed oneself."""

from collections.abc import Callable
from typing import Literal

import streamlit as st
from markupsafe import Markup

from models.endpoints import CHAT, MAIL, STREAM, WEBHOOK
from models.events import TYPES
from models.people import Actor
from models.permissions import Action
from models.wording import count, join_list
from services.events import endpoints as use_cases
from services.mail import mail_choices
from services.mail.smtp import why_off
from store.endpoints import EndpointStatus, attempts, endpoints
from ui import feedback, frame, html, navigation
from ui.current_user import actor
from ui.drawer import FIELD_WIDTH

KINDS = {WEBHOOK: "Webhook", CHAT: "Chat channel (Slack, Teams)", STREAM: "Stream (NATS JetStream)"}
CHOICES = {
    "weeks": "Each frozen week, with its PDF",
    "digest": "A digest in the morning, when there is something for me",
    "mentions": "Notes that mention me at once, instead of in the digest",
}
MAX_TYPES = 6
ADDRESS = Markup('<p class="hw" style="overflow-wrap: anywhere"><strong>{}</strong></p>')
REASON = Markup('<p class="hw" style="overflow-wrap: anywhere">Why: {}</p>')
engagement = frame.engagement()
frame.head("Deliveries", engagement)
slug, zone = engagement.slug, frame.zone_of(engagement)


def save_mail() -> None:
    chosen = {name: st.session_state[f"mail {name}"] for name in CHOICES}
    feedback.attempt(lambda: mail_choices.choose(actor(), slug, **chosen), "Saved what you are mailed")


if not navigation.as_of():
    st.header("My mail")
    chosen = mail_choices.choices(actor(), slug)
    if why := why_off():
        st.info(f"Nothing is mailed yet. {why}", icon=":material/unsubscribe:")
    with st.form("mail"):
        for name, label in CHOICES.items():
            st.checkbox(label, chosen[name], key=f"mail {name}")
        st.form_submit_button("Save what I am mailed", on_click=save_mail)

if not frame.may(engagement, Action.MANAGE_DELIVERIES):
    st.caption("Only a lead of this engagement sees where its events are sent.")
    st.stop()


def switch(use_case: Callable[[Actor, str, int], object], endpoint_id: int, done: str) -> None:
    feedback.attempt(lambda: use_case(actor(), slug, endpoint_id), done)


def test_endpoint(endpoint_id: int) -> None:
    answers = []
    if feedback.attempt(
        lambda: answers.append(use_cases.send_test(actor(), slug, endpoint_id)), "Sent a test event"
    ):
        answer = answers[0]
        kind = "success" if answer.delivered else "error"
        feedback.set_feedback(kind, f"The test event was answered: {answer.text}.")


def replay(endpoint_id: int) -> None:
    since, until = (st.session_state[f"{name} {endpoint_id}"] for name in ("since", "until"))
    feedback.attempt(
        lambda: use_cases.replay(actor(), slug, endpoint_id, int(since), int(until) if until else None),
        f"Sending again what happened after revision {since}",
    )


def rotate(endpoint_id: int) -> None:
    made = []
    if feedback.attempt(
        lambda: made.append(use_cases.rotate_secret(actor(), slug, endpoint_id)), "Made a new secret"
    ):
        address = next(row.shown_address for row in endpoints(actor(), slug) if row.id == endpoint_id)
        st.session_state["new secret"] = (address, made[0])


Colour = Literal["red", "orange", "blue", "green"]
COLOURS: dict[str, Colour] = {"off": "red", "failing": "orange", "sending": "blue", "up to date": "green"}
ICONS = {"off": "block", "failing": "error", "sending": "schedule_send", "up to date": "check_circle"}


def show_endpoint(row: EndpointStatus) -> None:
    """Draw one endpoint: its state, what waits since when and why, its buttons and its last attempts."""
    with st.container(border=True):
        # Streamlit's Markdown makes a link even of an escaped address.
        html.show(ADDRESS.format(row.shown_address))
        st.badge(row.state, icon=f":material/{ICONS[row.state]}:", color=COLOURS[row.state])
        st.write(progress_text(row))
        if row.why or (row.attempts and row.last_answer):
            html.show(REASON.format(row.why or row.last_answer))
        show_buttons(row)
        show_replay(row)
        show_attempts(row)


def progress_text(row: EndpointStatus) -> str:
    """Return how far an endpoint is, what it wants, what waits since when, and when it is tried again."""
    text = f"Delivered up to revision {row.sequence} of {row.revision}."
    if row.types and row.kind != CHAT:
        text += f" It wants {join_list(row.types.split(), MAX_TYPES)} only."
    if row.waiting and row.waiting_since:
        since = row.waiting_since.astimezone(zone)
        text += f" {count(row.waiting, 'event')} waiting since {since:%d %b, %H:%M}."
    if row.next_at and row.attempts and row.off_since is None:
        text += f" Attempt {row.attempts + 1} at {row.next_at.astimezone(zone):%d %b, %H:%M}."
    return text


def show_buttons(row: EndpointStatus) -> None:
    """Draw what may be done about an endpoint in its state."""
    with st.container(horizontal=True):
        again = "Switch on and send" if row.off_since else "Send again now"
        if row.off_since or row.attempts:
            args = (use_cases.send_again, row.id, "Sending what waits")
            st.button(again, key=f"again {row.id}", on_click=switch, args=args)
        if row.kind == WEBHOOK:
            st.button("Send a test event", key=f"test {row.id}", on_click=test_endpoint, args=(row.id,))
            st.button("Make a new secret", key=f"rotate {row.id}", on_click=rotate, args=(row.id,))
        if row.off_since is None:
            args = (use_cases.switch_off, row.id, "Switched it off")
            st.button("Switch off", key=f"off {row.id}", on_click=switch, args=args)


def show_replay(row: EndpointStatus) -> None:
    """Draw the form that sends past events again."""
    with st.expander("Replay"), st.form(f"replay {row.id}"):
        st.write(
            "A mail that was sent isn't sent again."
            if row.kind == MAIL
            else "Events keep their ids: receivers recognise what they have."
        )
        fields = st.grid(2, min_column_width=FIELD_WIDTH)
        fields.number_input("After revision", 0, row.revision, 0, key=f"since {row.id}")
        fields.number_input(
            "Up to revision", 0, row.revision, None, key=f"until {row.id}", placeholder="the newest"
        )
        st.form_submit_button("Replay these events", on_click=replay, args=(row.id,))


def show_attempts(row: EndpointStatus) -> None:
    """Draw the last attempts as a table."""
    last = attempts(actor(), slug, row.id)[:10]
    if last:
        columns: dict[str, list[object]] = {
            "When": [f"{attempt.at.astimezone(zone):%d %b, %H:%M:%S}" for attempt in last],
            "Event": [attempt.type for attempt in last],
            "Revision": [attempt.revision for attempt in last],
            "Answer": [f"{attempt.answer}, {attempt.milliseconds:,} ms" for attempt in last],
        }
        with st.expander(f"The last {count(len(last), 'attempt')}"):
            html.show(html.table(columns, f"The last attempts of endpoint {row.id}"))


st.header("Endpoints")
if new := st.session_state.pop("new secret", None):
    st.warning(
        "The secret that signs what this endpoint is sent. It isn't shown again.", icon=":material/key:"
    )
    html.show(ADDRESS.format(new[0]))
    st.code(new[1], language=None, wrap_lines=True)
rows = endpoints(actor(), slug)
for row in rows:
    show_endpoint(row)
if not rows:
    frame.empty(
        "No endpoint yet",
        "Other systems learn what happens here by signed messages, and a channel reads when a week is frozen.",
    )


def add() -> None:
    kind, address, types = (st.session_state[f"endpoint {name}"] for name in ("kind", "address", "types"))
    made = []
    if feedback.attempt(
        lambda: made.append(use_cases.add_endpoint(actor(), slug, address, kind=kind, types=" ".join(types))),
        "Added the endpoint",
    ):
        st.session_state["endpoint address"] = ""
        if made[0].secret:
            st.session_state["new secret"] = (address, made[0].secret)


st.header("Add an endpoint")
with st.form("endpoint", clear_on_submit=False):
    st.selectbox("Kind", list(KINDS), format_func=KINDS.__getitem__, key="endpoint kind")
    st.text_input("Address", key="endpoint address", placeholder="https://", max_chars=2000)
    st.multiselect(
        "Types of event", TYPES, key="endpoint types", placeholder="All; for a chat channel always four"
    )
    st.form_submit_button("Add the endpoint", on_click=add)

"""Who is at the screen. The edge that asks what time it is, for everything that a page does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from models.errors import Forbidden, HeadwayError
from models.people import Actor
from services.people import accounts, security_log, sessions

# The gate alone writes this header (api/cookies.py); what a browser sends under its name is dropped there.
IDENTITY = "x-headway-session"
WHOSE = "whose session"


def session_id() -> int | None:
    """The session that this page was opened in; None where nobody has signed in."""
    given = st.context.headers.get(IDENTITY)
    return int(given) if given else None


def actor(once: str | None = None) -> Actor:
    """The person at the screen, now; `once` names the submission of a form, so that it is carried out once.

    Raises Forbidden once the session has ended: whatever a page still wants to do is not done.
    """
    at, opened_in = now(), session_id()
    # The gate has looked at what the person did; here it doesn't count as use again.
    who = sessions.by_id(opened_in, at, counts_as_use=False) if opened_in is not None else None
    if who is None:
        raise Forbidden("You aren't signed in any more. Nothing was changed. Sign in again.")
    return Actor(name=who.name, at=at, via="page", user_id=who.user_id, session_id=who.session_id, once=once)


def user_id() -> int:
    """Whose session this is: to show or hide by, not to act by. It is asked once, since it never becomes another's."""
    opened_in = session_id()
    known: tuple[int | None, int] | None = st.session_state.get(WHOSE)
    if known is None or known[0] != opened_in:
        known = st.session_state[WHOSE] = (opened_in, actor().user_id)
    return known[1]


def now() -> datetime:
    """The moment that it is."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """The date that it is for people in `zone` (an IANA name)."""
    return now().astimezone(ZoneInfo(zone)).date()


def account() -> accounts.OwnAccount:
    """The account of the person at the screen. Raises Forbidden where nobody is signed in (any more)."""
    return accounts.own_account(actor())


def note_refusal(refused: HeadwayError) -> None:
    """Keep in the security log that the person tried what they may not."""
    try:
        security_log.log_refusal(actor(), refused)
    except Forbidden:
        return  # Nobody is signed in: the gate has noted what it refused.

"""Who uses the page: their session and account; and the time, which pages ask for here and no rule asks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from models.errors import Forbidden, HeadwayError, Unavailable
from models.people import Actor
from models.time_zones import time_zones
from services.people import accounts, security_log, sessions
from store.access import NOT_SIGNED_IN

# Only AuthMiddleware writes this header (api/identity.py); it drops what a browser sends under the name.
IDENTITY_HEADER = "x-headway-session"
KNOWN_USER, READER = "user of the session", "who reads"
READS_FOR = timedelta(seconds=1)
"""How long somebody who was looked up may read without being looked up again: for the rest of the script's run."""


def session_id() -> int | None:
    """Return the session that this page was opened in; None where nobody has signed in."""
    value = st.context.headers.get(IDENTITY_HEADER)
    return int(value) if value else None


def actor(once: str | None = None) -> Actor:
    """Return the person who uses the page, now; `once` names the submission of a form, so that it is carried out once.

    Raises Forbidden once the session has ended: whatever a page still wants to do is not done.
    """
    at, opened_in = now(), session_id()
    # AuthMiddleware has counted what the person did as use of the session; here it doesn't count again.
    user = sessions.by_id(opened_in, at, counts_as_use=False) if opened_in is not None else None
    if user is None:
        raise Forbidden(NOT_SIGNED_IN)
    return Actor(
        name=user.name, at=at, via="page", user_id=user.user_id, session_id=user.session_id, once=once
    )


def reader() -> Actor:
    """Return the person who uses the page, to read by: looked up once for all that a run of the script reads.

    Whoever changes something is looked up when it is changed (`actor`). Raises Forbidden as `actor` does.
    """
    known: Actor | None = st.session_state.get(READER)
    if known is None or known.session_id != session_id() or now() - known.at > READS_FOR:
        known = st.session_state[READER] = actor()
    return known


def user_id() -> int | None:
    """Return the session's user: to show or hide by, not to act by. A session never becomes another user's, so it is
    looked up once."""
    opened_in = session_id()
    known: tuple[int | None, int | None] | None = st.session_state.get(KNOWN_USER)
    if known is None or known[0] != opened_in:
        known = opened_in, reader().user_id
        st.session_state[KNOWN_USER] = known
    return known[1]


def now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """Return today's date in `zone` (an IANA name)."""
    return now().astimezone(ZoneInfo(zone)).date()


def time_zone() -> str:
    """Return the IANA name of the time zone that the person's browser is in; "UTC" where it names none that is known."""
    zone: str | None = st.context.timezone
    return zone if zone in time_zones() else "UTC"


def account() -> accounts.OwnAccount:
    """Return the account of the person who uses the page, at the beginning of a run: looked up anew.

    Raises Forbidden if nobody is signed in (any more).
    """
    who = st.session_state[READER] = actor()
    return accounts.own_account(who)


def note_refusal(refused: HeadwayError) -> None:
    """Record in the security log that the person tried what they may not."""
    try:
        security_log.log_refusal(actor(), refused)
    except (Forbidden, Unavailable):
        return  # Nobody is signed in: AuthMiddleware has noted what it refused.

"""Sessions of users: who is signed in, and ending sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, CursorResult, bindparam, select, update
from sqlalchemy.orm import Session

from models.database import query_connection, read_connection
from models.errors import NotFound
from models.people import Actor, User
from models.prepared import Prepared
from models.security_log import Kind
from models.sessions import LAST_SEEN_INTERVAL, UserSession, hash_token
from models.settings import settings
from services.core.transaction import transaction, unjournalled_transaction
from services.people.client_info import ClientInfo
from services.people.security_log import log_event
from store.access import expect_signed_in
from store.table_rows import table_of

BY_PASSWORD, BY_LINK, BY_SIGN_OFF_LINK = "password", "link", "link for a sign-off"
BY_NEW_ACCOUNT = "link for a sign-off, choosing a password"
BY_PROVIDER = "the identity provider"
"""How a session began."""
MAX_BROWSER = 200
"""Characters of a user agent that are stored."""

# Each request and each message of a page runs one of these.
_SESSION = table_of(UserSession)
_KEY: BindParameter[Any] = bindparam("key")
_LIVE_USERS = (
    select(
        _SESSION.c.id,
        _SESSION.c.user_id,
        User.name,
        _SESSION.c.link_id,
        _SESSION.c.created_at,
        _SESSION.c.seen_at,
        _SESSION.c.ended_at,
    )
    .join(User, User.id == _SESSION.c.user_id)
    .where(~User.disabled)
)
_BY_TOKEN = Prepared(_LIVE_USERS.where(_SESSION.c.token_digest == _KEY, _SESSION.c.link_id.is_(None)))
_BY_LINK_TOKEN = Prepared(_LIVE_USERS.where(_SESSION.c.token_digest == _KEY, _SESSION.c.link_id.is_not(None)))
_BY_ID = Prepared(_LIVE_USERS.where(_SESSION.c.id == _KEY, _SESSION.c.link_id.is_(None)))


@dataclass(frozen=True)
class SignedIn:
    """The user of a live session. One with a `link_id` can only sign what that link is for."""

    session_id: int
    user_id: int
    name: str
    link_id: int | None = None


def idle_timeout() -> timedelta:
    """Return how long a session lasts unused: `HEADWAY_IDLE_MINUTES`, or 30."""
    return timedelta(minutes=settings().HEADWAY_IDLE_MINUTES)


def absolute_timeout() -> timedelta:
    """Return how long a session lasts at most: `HEADWAY_SESSION_HOURS`, or 12."""
    return timedelta(hours=settings().HEADWAY_SESSION_HOURS)


def by_token(token: str, at: datetime, *, counts_as_use: bool = True) -> SignedIn | None:
    """Return who is signed in by that token at that moment. `counts_as_use` as in `by_id`."""
    return _live(_BY_TOKEN, hash_token(token), at, counts_as_use=counts_as_use)


def by_link_token(token: str, at: datetime) -> SignedIn | None:
    """Return who has opened a link for a sign-off, by the token of the session that it began."""
    return _live(_BY_LINK_TOKEN, hash_token(token), at)


def by_id(session_id: int, at: datetime, *, counts_as_use: bool = True) -> SignedIn | None:
    """Return who is signed in by that session at that moment.

    `counts_as_use`: the idle time begins anew. A page that polls by itself doesn't count.
    """
    return _live(_BY_ID, session_id, at, counts_as_use=counts_as_use)


def _live(query: Prepared, key: str | int, at: datetime, *, counts_as_use: bool = True) -> SignedIn | None:
    with query_connection() as connection:
        row = query.row(connection, key=key)
    if row is None:
        return None
    *user, created_at, seen_at, ended_at = row
    user_session = UserSession(created_at=created_at, seen_at=seen_at, ended_at=ended_at)
    if not user_session.is_live(at, idle_timeout(), absolute_timeout()):
        return None
    signed_in = SignedIn(*user)
    if counts_as_use and at - seen_at >= min(LAST_SEEN_INTERVAL, idle_timeout() / 4):
        with unjournalled_transaction() as session:
            earlier = (UserSession.id == signed_in.session_id, UserSession.seen_at < at)
            session.execute(update(UserSession).where(*earlier).values(seen_at=at))
    return signed_in


def sign_out(token: str, at: datetime, client: ClientInfo) -> None:
    """End the session of that token; nothing happens if it has ended already."""
    with unjournalled_transaction() as session:
        ended = session.execute(
            update(UserSession)
            .where(UserSession.token_digest == hash_token(token), UserSession.ended_at.is_(None))
            .values(ended_at=at)
            .returning(UserSession.user_id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if ended is not None:
            name = session.get_one(User, ended.user_id).name
            log_event(session, Kind.SIGNED_OUT, at, user_id=ended.user_id, by=name, address=client.address)


@dataclass(frozen=True)
class OwnSession:
    """A session as its own user sees it; `is_current` is the one they are looking with."""

    id: int
    browser: str
    address: str
    began_by: str
    began_at: datetime
    seen_at: datetime
    is_current: bool


def my_sessions(actor: Actor) -> list[OwnSession]:
    """Return the actor's live sessions, the most recently used first. Raises Forbidden if nobody is signed in."""
    with read_connection() as connection:
        expect_signed_in(connection, actor)
        rows = connection.execute(
            select(table_of(UserSession))
            .where(
                UserSession.user_id == actor.user_id,
                UserSession.ended_at.is_(None),
                UserSession.seen_at >= actor.at - idle_timeout(),
                UserSession.created_at >= actor.at - absolute_timeout(),
            )
            .order_by(UserSession.seen_at.desc())
        ).all()
    return [
        OwnSession(
            row.id,
            row.browser,
            row.address,
            row.began_by,
            row.created_at,
            row.seen_at,
            row.id == actor.session_id,
        )
        for row in rows
    ]


def end_session(actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions, and forget its browser. Raises NotFound if it isn't theirs or has ended."""
    with transaction(actor, "end a session") as session:
        expect_signed_in(session.connection(), actor)
        if not _end_own(session, actor, UserSession.id == session_id):
            raise NotFound("There is no such session of yours any more. Nothing was changed.")
        ended = session.get_one(UserSession, session_id)
        _forget_browsers(session, actor.user_id, UserSession.browser_digest == ended.browser_digest)


def end_other_sessions(actor: Actor) -> int:
    """Sign the actor out everywhere but here. Returns how many sessions were ended."""
    with transaction(actor, "sign out everywhere else") as session:
        expect_signed_in(session.connection(), actor)
        return _end_own(session, actor, UserSession.id != (actor.session_id or 0))


def end_all_sessions(actor: Actor) -> int:
    """Sign the actor out everywhere, here too. Returns how many sessions were ended."""
    with transaction(actor, "sign out everywhere") as session:
        expect_signed_in(session.connection(), actor)
        return _end_own(session, actor, UserSession.user_id == actor.user_id)


def _end_own(session: Session, actor: Actor, condition: ColumnElement[bool]) -> int:
    ended = end_sessions_of(session, actor.user_id, actor.at, condition)
    if ended:
        log_event(
            session, Kind.SESSION_ENDED, actor.at, user_id=actor.user_id, by=actor.name, detail=f"{ended}"
        )
    return ended


def end_sessions_of(
    session: Session, user_id: int | None, at: datetime, *conditions: ColumnElement[bool]
) -> int:
    """End the sessions of a user that meet the conditions, in an open transaction. Returns how many were ended.

    Their browsers, and those of ended sessions that meet the conditions, are forgotten.
    """
    _forget_browsers(session, user_id, *conditions)
    live = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.ended_at.is_(None), *conditions
    )
    result = session.execute(live.values(ended_at=at).execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount


def _forget_browsers(session: Session, user_id: int | None, *conditions: ColumnElement[bool]) -> None:
    """Stop treating the browsers of these sessions as known ones of the user."""
    known = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.browser_forgotten.is_(False), *conditions
    )
    session.execute(known.values(browser_forgotten=True).execution_options(synchronize_session=False))


def began_by_provider(session_id: int | None) -> bool:
    """Return whether a session was begun with the identity provider."""
    query = select(UserSession.began_by).where(UserSession.id == (session_id or 0))
    with read_connection() as connection:
        return connection.scalar(query) == BY_PROVIDER

"""Signing in and out, and who is signed in."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from models import sessions
from models.database import engine, query_connection, read_connection
from models.errors import NotFound, Refused
from models.lock_out import WINDOW, Failures, locked
from models.names import clean_email
from models.people import Actor, User
from models.prepared import Prepared
from models.security_log import Kind
from models.sessions import (
    KNOWN_FOR,
    SEEN_EVERY,
    OneTimeLink,
    Purpose,
    SignInFailure,
    UserSession,
    digest_of,
    new_token,
)
from services.core.transaction import transaction
from services.people import passwords
from services.people.security_log import note
from store.access import expect_signed_in

BY_PASSWORD, BY_LINK, BY_SIGN_OFF_LINK = "password", "link", "link for a sign-off"
LONGEST_NAME_OF_BROWSER = 200
IPV6_OF_A_HOUSEHOLD = 64
NOT_THESE = (
    "That didn't sign you in: the e-mail or the password is wrong, or there were too many attempts in the last "
    "15 minutes. Nothing else happened. Try again, or ask an administrator for a one-time link."
)
NOT_THIS_LINK = (
    "This link was used already, has expired, or never was one. You aren't signed in. "
    "Ask an administrator for a new one."
)

# Each request and each message of a page asks one of these.
_SESSION, _KNOWN = UserSession.__table__, bindparam("known")
_WHO = [_SESSION.c.id, _SESSION.c.user_id, User.name, _SESSION.c.link_id]
_WHEN = [_SESSION.c.created_at, _SESSION.c.seen_at, _SESSION.c.ended_at]
_OF_A_USER = select(*_WHO, *_WHEN).join(User, User.id == _SESSION.c.user_id).where(~User.disabled)
_BY_TOKEN = Prepared(_OF_A_USER.where(_SESSION.c.token_digest == _KNOWN, _SESSION.c.link_id.is_(None)))
_BY_LINK = Prepared(_OF_A_USER.where(_SESSION.c.token_digest == _KNOWN, _SESSION.c.link_id.is_not(None)))
_BY_ID = Prepared(_OF_A_USER.where(_SESSION.c.id == _KNOWN, _SESSION.c.link_id.is_(None)))


@dataclass(frozen=True)
class Visitor:
    """Who knocks: the address they come from, what their browser calls itself, and the token of a cookie that this
    browser was given when somebody signed in with it before.
    """

    address: str
    browser: str = ""
    browser_token: str | None = None

    @property
    def counted_as(self) -> str:
        """What is refused to them is counted by this: the address, or the 2^64 of them that a household has by IPv6."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(address, IPv4Address):
            return self.address
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, IPV6_OF_A_HOUSEHOLD), strict=False))


@dataclass(frozen=True)
class Begun:
    """A session that has just begun. The tokens are told once, here; only their digests are kept."""

    token: str
    browser_token: str
    user_id: int
    needs_password: bool = False


@dataclass(frozen=True)
class SignedIn:
    """A session that signs its user in now; one with a `link_id` only to sign what that link is for."""

    session_id: int
    user_id: int
    name: str
    link_id: int | None = None


def idle() -> timedelta:
    """How long a session lasts unused: `HEADWAY_IDLE_MINUTES`, or 30."""
    minutes = os.environ.get("HEADWAY_IDLE_MINUTES")
    return timedelta(minutes=float(minutes)) if minutes else sessions.IDLE


def absolute() -> timedelta:
    """How long a session lasts at most: `HEADWAY_SESSION_HOURS`, or 12."""
    hours = os.environ.get("HEADWAY_SESSION_HOURS")
    return timedelta(hours=float(hours)) if hours else sessions.ABSOLUTE


@contextmanager
def _writing() -> Iterator[Session]:
    """A transaction of somebody who isn't signed in yet, so isn't an actor."""
    with Session(engine().execution_options(writes=True), expire_on_commit=False) as session, session.begin():
        yield session


def sign_in(email: str, password: str, at: datetime, visitor: Visitor) -> Begun:
    """Begin a session with a password. Raises Refused with the same words, after the same time, whatever was wrong.

    It hashes, which takes a core for a tenth of a second: the caller bounds how many do so at once.
    """
    email = clean_email(email)
    account = hashlib.sha256(email.encode()).hexdigest()
    with read_connection() as connection:
        user = connection.execute(
            select(User.id, User.password_hash, User.disabled).where(User.email == email)
        ).one_or_none()
        refused = locked(_failures(connection, account, user and user.id, at, visitor))
    if refused or not _may(user, password):
        with _writing() as session:
            if not refused:
                session.execute(delete(SignInFailure).where(SignInFailure.at < at - 2 * WINDOW))
                session.add(_failure(account, at, visitor))
            detail = "too many attempts" if refused else "wrong e-mail or password"
            note(
                session,
                Kind.SIGN_IN_REFUSED,
                at,
                user_id=user and user.id,
                by="nobody",
                address=visitor.counted_as,
                detail=detail,
            )
        raise Refused(NOT_THESE)
    with _writing() as session:
        session.execute(
            delete(SignInFailure).where(
                SignInFailure.account == account, SignInFailure.address == visitor.counted_as
            )
        )
        return _begin(session, user.id, at, visitor, BY_PASSWORD)


def _may(user, password: str) -> bool:
    """Compares with something whoever it is, so that an unknown account takes no less time."""
    matching = passwords.matches(password, user and user.password_hash)
    return matching and user is not None and not user.disabled


def _failure(account: str, at: datetime, visitor: Visitor) -> SignInFailure:
    browser = visitor.browser_token and digest_of(visitor.browser_token)
    return SignInFailure(at=at, account=account, address=visitor.counted_as, browser_digest=browser)


def _failures(connection, account: str, user_id: int | None, at: datetime, visitor: Visitor) -> Failures:
    recent = select(func.count()).select_from(SignInFailure).where(SignInFailure.at > at - WINDOW)
    of_account = SignInFailure.account == account
    from_address = SignInFailure.address == visitor.counted_as

    def number(*conditions) -> int:
        return connection.execute(recent.where(*conditions)).scalar_one()

    known = None
    # Asked of nobody's as well: an unknown account takes the same work.
    if signed_in_before(connection, user_id or 0, at, visitor):
        known = number(of_account, SignInFailure.browser_digest == digest_of(visitor.browser_token))
    return Failures(known, number(of_account, from_address), number(of_account), number(from_address))


def signed_in_before(connection: Connection, user_id: int, at: datetime, visitor: Visitor) -> bool:
    """Whether that user signed in with this browser before, and it wasn't forgotten since.

    What a link for a sign-off began doesn't count.
    """
    if visitor.browser_token is None:
        return False
    before = select(UserSession.id).where(
        UserSession.user_id == user_id,
        UserSession.browser_digest == digest_of(visitor.browser_token),
        UserSession.browser_forgotten.is_(False),
        UserSession.created_at > at - KNOWN_FOR,
        UserSession.link_id.is_(None),
    )
    return connection.execute(before.limit(1)).one_or_none() is not None


def enter(token: str, at: datetime, visitor: Visitor) -> Begun:
    """Begin a session with a one-time link. Raises Refused where it can't be used (any more)."""
    with _writing() as session:
        used = session.execute(
            update(OneTimeLink)
            .where(
                OneTimeLink.token_digest == digest_of(token),
                OneTimeLink.used_at.is_(None),
                OneTimeLink.expires_at > at,
                OneTimeLink.user_id.in_(select(User.id).where(User.disabled.is_(False))),
            )
            .values(used_at=at)
            .returning(OneTimeLink.user_id, OneTimeLink.purpose)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if used is not None:
            needs_password = used.purpose in (Purpose.INVITATION, Purpose.RESET)
            return _begin(session, used.user_id, at, visitor, BY_LINK, needs_password=needs_password)
        note(session, Kind.LINK_REFUSED, at, user_id=None, by="nobody", address=visitor.counted_as)
    raise Refused(NOT_THIS_LINK)


def _begin(
    session: Session, user_id: int, at: datetime, visitor: Visitor, by: str, *, needs_password: bool = False
) -> Begun:
    token, browser_token = new_token(), visitor.browser_token or new_token()
    begun = UserSession(
        user_id=user_id,
        token_digest=digest_of(token),
        browser_digest=digest_of(browser_token),
        began_by=by,
        browser=visitor.browser[:LONGEST_NAME_OF_BROWSER],
        address=visitor.address,
        created_at=at,
        seen_at=at,
    )
    session.add(begun)
    user = session.get(User, user_id)
    note(
        session,
        Kind.SIGNED_IN,
        at,
        user_id=user_id,
        by=user.name,
        address=visitor.address,
        detail=f"with a {by}",
    )
    return Begun(token, browser_token, user_id, needs_password)


def whose(token: str, at: datetime) -> SignedIn | None:
    """Who is signed in by that token at that moment."""
    return _live(_BY_TOKEN, digest_of(token), at)


def whose_link(token: str, at: datetime) -> SignedIn | None:
    """Who has opened a sign-off link, by the token of the session that it began."""
    return _live(_BY_LINK, digest_of(token), at)


def still(session_id: int, at: datetime, *, by_person: bool = True) -> SignedIn | None:
    """Who is signed in by that session at that moment. `by_person`: it isn't a page that asks by itself."""
    return _live(_BY_ID, session_id, at, used=by_person)


def _live(asked: Prepared, known: str | int, at: datetime, *, used: bool = True) -> SignedIn | None:
    with query_connection() as connection:
        row = asked.row(connection, known=known)
    if row is None:
        return None
    *who, created_at, seen_at, ended_at = row
    found = UserSession(created_at=created_at, seen_at=seen_at, ended_at=ended_at)
    if not found.is_live(at, idle(), absolute()):
        return None
    signed_in = SignedIn(*who)
    if used and at - seen_at >= SEEN_EVERY:
        with _writing() as session:
            seen = update(UserSession).where(UserSession.id == signed_in.session_id, UserSession.seen_at < at)
            session.execute(seen.values(seen_at=at))
    return signed_in


def sign_out(token: str, at: datetime, visitor: Visitor) -> None:
    """End the session of that token; nothing happens to one that has ended."""
    with _writing() as session:
        ended = session.execute(
            update(UserSession)
            .where(UserSession.token_digest == digest_of(token), UserSession.ended_at.is_(None))
            .values(ended_at=at)
            .returning(UserSession.user_id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if ended is not None:
            name = session.get(User, ended.user_id).name
            note(session, Kind.SIGNED_OUT, at, user_id=ended.user_id, by=name, address=visitor.address)


@dataclass(frozen=True)
class OwnSession:
    """One's own session, as its user reads it. `here` is the one they are looking with."""

    id: int
    browser: str
    address: str
    began_by: str
    began_at: datetime
    seen_at: datetime
    here: bool


def my_sessions(actor: Actor) -> list[OwnSession]:
    """The sessions that sign the actor in now, the most recently used first."""
    with read_connection() as connection:
        expect_signed_in(connection, actor)
        rows = connection.execute(
            select(UserSession.__table__)
            .where(
                UserSession.user_id == actor.user_id,
                UserSession.ended_at.is_(None),
                UserSession.seen_at >= actor.at - idle(),
                UserSession.created_at >= actor.at - absolute(),
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
    """End one of the actor's own sessions. Its browser is a stranger's to them from now on."""
    with transaction(actor, "end a session") as session:
        expect_signed_in(session.connection(), actor)
        if not _end(session, actor, UserSession.id == session_id):
            raise NotFound("There is no such session of yours any more. Nothing was changed.")
        ended = session.get(UserSession, session_id)
        _forget_browsers(session, actor.user_id, UserSession.browser_digest == ended.browser_digest)


def end_other_sessions(actor: Actor) -> int:
    """Sign the actor out everywhere but here. Returns how many sessions were ended."""
    with transaction(actor, "sign out everywhere else") as session:
        expect_signed_in(session.connection(), actor)
        return _end(session, actor, UserSession.id != (actor.session_id or 0))


def end_all_sessions(actor: Actor) -> int:
    """Sign the actor out everywhere, here too. Returns how many sessions were ended."""
    with transaction(actor, "sign out everywhere") as session:
        expect_signed_in(session.connection(), actor)
        return _end(session, actor, UserSession.user_id == actor.user_id)


def _end(session: Session, actor: Actor, which) -> int:
    ended = end_sessions_of(session, actor.user_id, actor.at, which)
    if ended:
        note(session, Kind.SESSION_ENDED, actor.at, user_id=actor.user_id, by=actor.name, detail=f"{ended}")
    return ended


def end_sessions_of(session: Session, user_id: int | None, at: datetime, *which) -> int:
    """End the sessions of a user, in an open transaction, and forget the browsers of these and of earlier ones.

    Whoever sits there has to sign in again for everything. Returns how many sessions were ended.
    """
    _forget_browsers(session, user_id, *which)
    live = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None), *which)
    ended = session.execute(live.values(ended_at=at).execution_options(synchronize_session=False))
    return ended.rowcount


def _forget_browsers(session: Session, user_id: int | None, *which) -> None:
    """The browsers of these sessions of a user aren't known as theirs any more."""
    known = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.browser_forgotten.is_(False), *which
    )
    session.execute(known.values(browser_forgotten=True), execution_options={"synchronize_session": False})

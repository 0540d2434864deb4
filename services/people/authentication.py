"""Signing in, with a password or a one-time link."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update
from sqlalchemy.orm import Session

from models.database import read_connection
from models.errors import Refused
from models.lock_out import WINDOW, FailedAttempts, is_locked_out
from models.names import clean_email
from models.people import User
from models.security_log import Kind
from models.sessions import (
    KNOWN_BROWSER_LIFETIME,
    OneTimeLink,
    Purpose,
    SignInFailure,
    UserSession,
    hash_token,
    new_token,
)
from services.core.transaction import unjournalled_transaction
from services.people import passwords
from services.people.client_info import ClientInfo
from services.people.security_log import log_event
from services.people.sessions import BY_LINK, BY_PASSWORD, BY_PROVIDER, MAX_BROWSER

WRONG_CREDENTIALS = (
    "That didn't sign you in: the e-mail or the password is wrong, or there were too many attempts in the last "
    "15 minutes. Nothing else happened. Try again, or ask an administrator for a one-time link."
)
INVALID_LINK = (
    "This link was used already, has expired, or never was one. You aren't signed in. "
    "Ask an administrator for a new one."
)


@dataclass(frozen=True)
class NewSession:
    """A session that has just begun. Its tokens are given out here only; their digests are what is stored."""

    token: str
    browser_token: str
    user_id: int
    needs_password: bool = False


def sign_in(email: str, password: str, at: datetime, client: ClientInfo) -> NewSession:
    """Begin a session. Raises Refused with the same text, after the same time, whatever was wrong.

    Hashing takes a core for a tenth of a second: the caller limits how many calls run at once.
    """
    email = clean_email(email)
    account = hashlib.sha256(email.encode()).hexdigest()
    with read_connection() as connection:
        user = connection.execute(
            select(User.id, User.password_hash, User.disabled).where(User.email == email)
        ).one_or_none()
        account_id = None if user is None else user.id
        locked_out = is_locked_out(_failures(connection, account, account_id, at, client))
    user_id = None if locked_out else _authenticate(user, password)
    if user_id is None:
        _log_failure(account, account_id, at, client, locked_out=locked_out)
        raise Refused(WRONG_CREDENTIALS)
    with unjournalled_transaction() as session:
        session.execute(
            delete(SignInFailure).where(
                SignInFailure.account == account, SignInFailure.address == client.rate_limit_key
            )
        )
        return begin_session(session, user_id, at, client, BY_PASSWORD)


def _authenticate(user: Row[int, str | None, bool] | None, password: str) -> int | None:
    """Return the user's id if the password is right. An unknown account is compared as well, to take as long."""
    matching = passwords.matches(password, None if user is None else user.password_hash)
    return None if user is None or user.disabled or not matching else user.id


def _log_failure(
    account: str, user_id: int | None, at: datetime, client: ClientInfo, *, locked_out: bool
) -> None:
    """Log the refusal; an attempt that was looked at counts towards the next ones' limit."""
    with unjournalled_transaction() as session:
        if not locked_out:
            session.execute(delete(SignInFailure).where(SignInFailure.at < at - 2 * WINDOW))
            session.add(
                SignInFailure(
                    at=at,
                    account=account,
                    address=client.rate_limit_key,
                    browser_digest=_browser_digest(client),
                )
            )
        log_event(
            session,
            Kind.SIGN_IN_REFUSED,
            at,
            user_id=user_id,
            by="nobody",
            address=client.rate_limit_key,
            detail="too many attempts" if locked_out else "wrong e-mail or password",
        )


def _failures(
    connection: Connection, account: str, user_id: int | None, at: datetime, client: ClientInfo
) -> FailedAttempts:
    recent = select(func.count()).select_from(SignInFailure).where(SignInFailure.at > at - WINDOW)
    of_account = SignInFailure.account == account
    from_address = SignInFailure.address == client.rate_limit_key

    def number(*conditions: ColumnElement[bool]) -> int:
        return connection.execute(recent.where(*conditions)).scalar_one()

    in_known_browser = None
    # Queried for unknown accounts as well, so that they take the same work.
    if is_known_browser(connection, user_id or 0, at, client):
        in_known_browser = number(of_account, SignInFailure.browser_digest == _browser_digest(client))
    return FailedAttempts(
        in_known_browser, number(of_account, from_address), number(of_account), number(from_address)
    )


def _browser_digest(client: ClientInfo) -> str | None:
    return None if client.browser_token is None else hash_token(client.browser_token)


def is_known_browser(connection: Connection, user_id: int, at: datetime, client: ClientInfo) -> bool:
    """Return whether that user signed in with this browser before, and it wasn't forgotten since.

    A session that a link for a sign-off began doesn't count.
    """
    if client.browser_token is None:
        return False
    earlier = select(UserSession.id).where(
        UserSession.user_id == user_id,
        UserSession.browser_digest == _browser_digest(client),
        UserSession.browser_forgotten.is_(False),
        UserSession.created_at > at - KNOWN_BROWSER_LIFETIME,
        UserSession.link_id.is_(None),
    )
    return connection.execute(earlier.limit(1)).one_or_none() is not None


def sign_in_by_link(token: str, at: datetime, client: ClientInfo) -> NewSession:
    """Begin a session with a one-time link. Raises Refused if it was used, has expired, or never was one."""
    with unjournalled_transaction() as session:
        link = session.execute(
            update(OneTimeLink)
            .where(
                OneTimeLink.token_digest == hash_token(token),
                OneTimeLink.used_at.is_(None),
                OneTimeLink.expires_at > at,
                OneTimeLink.user_id.in_(select(User.id).where(User.disabled.is_(False))),
            )
            .values(used_at=at)
            .returning(OneTimeLink.user_id, OneTimeLink.purpose)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if link is not None:
            needs_password = link.purpose in (Purpose.INVITATION, Purpose.RESET)
            return begin_session(session, link.user_id, at, client, BY_LINK, needs_password=needs_password)
        log_event(session, Kind.LINK_REFUSED, at, user_id=None, by="nobody", address=client.rate_limit_key)
    raise Refused(INVALID_LINK)


def begin_session(
    session: Session,
    user_id: int,
    at: datetime,
    client: ClientInfo,
    began_by: str,
    *,
    needs_password: bool = False,
) -> NewSession:
    """Begin a session of a user who has shown who they are, and log how."""
    token, browser_token = new_token(), client.browser_token or new_token()
    session.add(
        UserSession(
            user_id=user_id,
            token_digest=hash_token(token),
            browser_digest=hash_token(browser_token),
            began_by=began_by,
            browser=client.browser[:MAX_BROWSER],
            address=client.address,
            created_at=at,
            seen_at=at,
        )
    )
    user = session.get_one(User, user_id)
    log_event(
        session,
        Kind.SIGNED_IN,
        at,
        user_id=user_id,
        by=user.name,
        address=client.address,
        detail="with " + (began_by if began_by == BY_PROVIDER else f"a {began_by}"),
    )
    return NewSession(token, browser_token, user_id, needs_password)

"""Sessions of signed-in users, the one-time links that begin one, and failed attempts to sign in.

Nobody can sign in with what is in the database: tokens are stored as SHA-256 digests. They are 256 random bits, so a
plain digest suffices; passwords aren't random and are stored as argon2id (services/people/passwords.py).
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

TOKEN_BYTES = 32
# A session's last use is recorded at most this often, so idle times are inexact by that. Where sessions end after a few
# minutes, it is recorded four times in that time.
LAST_SEEN_INTERVAL = timedelta(minutes=1)
# How long after the last sign-in a browser counts as known.
KNOWN_BROWSER_LIFETIME = timedelta(days=400)


def new_token() -> str:
    """Return 256 random bits as text for addresses and cookies."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """Return the SHA-256 of a token in hex: the form in which it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


class UserSession(Base):
    """A session of a user in one browser, from sign-in until it is ended or expires.

    `began_by` is password or link. `browser_digest` is the digest of a cookie that outlives the session, by which the
    browser is known for this user's next sign-in, unless `browser_forgotten`. A session with a `link_id` was begun by a
    sign-off link and can only sign that request.
    """

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    browser_digest: Mapped[str]
    browser_forgotten: Mapped[bool] = mapped_column(default=False)
    began_by: Mapped[str]
    browser: Mapped[str]
    address: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    link_id: Mapped[int | None] = mapped_column(ForeignKey("sign_off_link.id"))

    def is_live(self, at: datetime, idle: timedelta, absolute: timedelta) -> bool:
        """Return whether it is neither ended nor expired at that time."""
        return self.ended_at is None and at - self.seen_at <= idle and at - self.created_at <= absolute


class Purpose(StrEnum):
    """The purpose of a one-time link. All of them sign in; an invitation and a reset also ask for a new password."""

    FIRST_RUN = "first run"
    INVITATION = "invitation"
    RESET = "password reset"
    SIGN_IN = "sign-in"


LINK_LIFETIMES = {
    Purpose.FIRST_RUN: timedelta(hours=24),
    Purpose.INVITATION: timedelta(days=7),
    Purpose.RESET: timedelta(hours=24),
    Purpose.SIGN_IN: timedelta(minutes=15),
}


class OneTimeLink(Base):
    """A link that signs one user in, once."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    purpose: Mapped[str]
    made_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInFailure(Base):
    """A failed attempt to sign in. `account` is a digest of the e-mail address, whether it has an account or not."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index("ix_sign_in_failure_account_at", "account", "at"),
        Index("ix_sign_in_failure_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account: Mapped[str]
    address: Mapped[str]
    browser_digest: Mapped[str | None]

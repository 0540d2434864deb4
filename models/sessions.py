"""Who is signed in: sessions, the one-time links that begin one, and failed attempts.

Nothing here can be used by whoever reads the database: tokens are kept as SHA-256 digests. They are 256 random bits,
so that a plain digest suffices; passwords are not, and are kept as argon2id (services/people/passwords.py).
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

TOKEN_BYTES = 32
IDLE_TIMEOUT = timedelta(minutes=30)
MAX_SESSION_AGE = timedelta(hours=12)
# How often a session's last use is written down; idle time is that much inexact.
LAST_SEEN_INTERVAL = timedelta(minutes=1)
# How long a browser is known as one in which somebody signed in, since they last did.
KNOWN_BROWSER_LIFETIME = timedelta(days=400)


def new_token() -> str:
    """256 random bits, as text that stands in addresses and cookies."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class UserSession(Base):
    """A browser in which a user is signed in, from sign-in until it is ended or expires.

    `began_by` says how: by password or by link. `browser_digest` is that of a cookie that outlives the session: a
    browser in which this user signed in before, until `browser_forgotten`. One with a `link_id` was begun by a link for a
    sign-off: it signs that set and does nothing else.
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
        """Whether it still signs anybody in at that moment."""
        return self.ended_at is None and at - self.seen_at <= idle and at - self.created_at <= absolute


class Purpose(StrEnum):
    """What a one-time link is handed over for. All of them sign in; an invitation and a reset ask for a password."""

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
    """A refused attempt to sign in. The account is kept as a digest of the e-mail that was typed, known or not."""

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

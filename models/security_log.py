"""The security log: sign-ins, what was done to accounts, and refused attempts. Apart from the journal of changes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Kind(StrEnum):
    SIGNED_IN = "signed in"
    SIGN_IN_REFUSED = "sign-in refused"
    SIGNED_OUT = "signed out"
    SESSION_ENDED = "session ended"
    LINK_MADE = "one-time link made"
    LINK_REFUSED = "one-time link refused"
    PASSWORD_SET = "password set"
    USER_ADDED = "user added"
    USER_CHANGED = "user changed"
    USER_DISABLED = "user disabled"
    USER_ENABLED = "user enabled"
    TOKEN_MADE = "API token made"
    TOKEN_REVOKED = "API token revoked"
    ACTION_REFUSED = "action refused"


# What a stranger, or a program in a loop, can bring about as often as it likes.
REFUSALS = frozenset({Kind.SIGN_IN_REFUSED, Kind.LINK_REFUSED, Kind.ACTION_REFUSED})


class SecurityEvent(Base):
    """One event: what happened, to whose account (None: no account of ours), done by whom and from where.

    What was typed into a refused sign-in isn't kept: it may be a password in the wrong field. The same refusal within an
    hour is one event, which happened several `times`, the last of them at `last_at`.
    """

    __tablename__ = "security_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)
    times: Mapped[int]
    kind: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    by: Mapped[str]
    address: Mapped[str]
    detail: Mapped[str]

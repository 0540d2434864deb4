"""The security log: sign-ins, changes to accounts, and refused attempts. Changes to engagements are in the journal."""

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
    ENDPOINT_ADDED = "endpoint added"
    ENDPOINT_CHANGED = "endpoint changed"
    ACTION_REFUSED = "action refused"
    ENGAGEMENT_ARCHIVED = "engagement archived"
    ENGAGEMENT_RESTORED = "engagement restored"
    ENGAGEMENT_DELETED = "engagement deleted"


# Events that anybody can cause without limit.
REFUSALS = frozenset({Kind.SIGN_IN_REFUSED, Kind.LINK_REFUSED, Kind.ACTION_REFUSED})


class SecurityEvent(Base):
    """One event: its kind, the account concerned (None: no known account), who caused it and from where.

    The input of a refused sign-in isn't stored: it may be a password in the wrong field. Equal refusals within an hour
    are one event, which happened several `times`, the last one at `last_at`.
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

"""Users, their roles in an engagement, invitations, and the actor of a use case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Part, to_one

if TYPE_CHECKING:
    from models.engagement import Engagement


class Role(StrEnum):
    LEAD = "lead"
    CONTRIBUTOR = "contributor"
    SPONSOR = "sponsor"
    VIEWER = "viewer"


class User(Base):
    """A person who can sign in. An administrator manages users and creates engagements, but sees only their own.

    `password_hash` is argon2id. A user without one can sign in by a one-time link only. `email_verified` is false while
    only whoever asked for a signature says that the e-mail is this person's: no administrator and no mail has shown it.
    """

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    administrator: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str | None]
    email_verified: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime]


class Member(Part):
    """A user's role in an engagement. For everybody else the engagement doesn't exist."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("engagement_id", "user_id"),
        CheckConstraint("role in ('lead', 'contributor', 'sponsor', 'viewer')", name="role"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str]

    engagement: Mapped[Engagement] = to_one("Member.engagement_id")


class Invitation(Part):
    """A role in the engagement, reserved for an e-mail address until its user joins.

    The address may have no account yet, so that inviting doesn't reveal who has one. `invited_by` is a name. `name` is
    that of a sponsor who is named to sign: they hear of it with the first request, not before.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("engagement_id", "email"),
        CheckConstraint("role in ('lead', 'contributor', 'sponsor', 'viewer')", name="role"),
    )

    email: Mapped[str] = mapped_column(index=True)
    role: Mapped[str]
    invited_by: Mapped[str]
    name: Mapped[str | None]


@dataclass(frozen=True)
class Actor:
    """Who carries out a use case, when, and through what. Pages, API and command line create it: no rule asks the time.

    `at` is an aware datetime; a naive one raises ValueError. An operator runs manage.py and has access to the database
    anyway. `once` is the idempotency key of a form submission: sent twice, it is carried out once. `session_id` is the
    user's session: after its end nothing more is done for this actor. `token_id` is the API token of a program, which
    acts instead of a user. `link_id` is the sign-off link that began the session, which can only sign that request.
    """

    name: str
    at: datetime
    via: str
    user_id: int | None = None
    operator: bool = False
    once: str | None = None
    session_id: int | None = None
    token_id: int | None = None
    link_id: int | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an actor's time needs a time zone")

    def today(self, zone: str) -> date:
        """Return the date in the time zone `zone` (an IANA name)."""
        return self.at.astimezone(ZoneInfo(zone)).date()


def operator(at: datetime, via: str = "manage.py", name: str = "operator") -> Actor:
    """Return the actor of the command line."""
    return Actor(name=name, at=at, via=via, operator=True)

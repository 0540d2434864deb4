"""Who acts: users, their roles in an engagement, and the actor of one use case."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Part, one


class Role(StrEnum):
    LEAD = "lead"
    CONTRIBUTOR = "contributor"
    SPONSOR = "sponsor"
    VIEWER = "viewer"


class User(Base):
    """A person who can sign in. An administrator manages users and opens engagements, and sees only their own.

    `password_hash` is argon2id; without one, only a one-time link signs them in.
    """

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    administrator: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]


class Member(Part):
    """A user's role in an engagement. Without one, the engagement doesn't exist for that user."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("engagement_id", "user_id"),
        CheckConstraint("role in ('lead', 'contributor', 'sponsor', 'viewer')", name="role"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str]

    engagement = one("Engagement", "Member.engagement_id")


class Invitation(Part):
    """A role in the engagement, kept for whoever has that e-mail, or will have: it is theirs once they join.

    So nobody learns from inviting whether an e-mail is anybody's here. `invited_by` is a name.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("engagement_id", "email"),
        CheckConstraint("role in ('lead', 'contributor', 'sponsor', 'viewer')", name="role"),
    )

    email: Mapped[str] = mapped_column(index=True)
    role: Mapped[str]
    invited_by: Mapped[str]


@dataclass(frozen=True)
class Actor:
    """Who does a use case, when, and through what. The edges make it, so that no rule asks for the time.

    `at` is an aware datetime. An operator is whoever runs manage.py: they hold the database anyway. `once` names one
    submission of a form: the same one, sent twice, is done once. `session_id` is the session that the user signed in
    with: once it has ended, nothing more is done for this actor. `token_id` is the API token of a program, which acts
    instead of a user. `link_id` is the sign-off link that began the session: it signs that set, nothing else.
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
            raise ValueError("an actor's time needs a zone")

    def today(self, zone: str) -> date:
        """The date that it is for people in `zone` (an IANA name)."""
        return self.at.astimezone(ZoneInfo(zone)).date()


def operator(at: datetime, via: str = "manage.py", name: str = "operator") -> Actor:
    """The actor of the command line, at `at`."""
    return Actor(name=name, at=at, via=via, operator=True)

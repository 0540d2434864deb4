"""Mail: what each member chose to receive, what was sent, and the links by which one unsubscribes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

WEEKS, DIGEST, MENTIONS = CHOICES = ("weeks", "digest", "mentions")


class MailChoice(Base):
    """What a member chose: the frozen `weeks`, the morning `digest`, and `mentions` at once instead of in the digest.

    Without a row it is the digest only.
    """

    __tablename__ = "mail_choice"
    __table_args__ = (UniqueConstraint("user_id", "engagement_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    weeks: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[bool] = mapped_column(default=True)
    mentions: Mapped[bool] = mapped_column(default=False)


class SentMail(Base):
    """That a mail was sent, under a `key` that no second one has. Neither its text nor a link in it is stored.

    Of a digest, `until` is the end of the time that it covers.
    Under "... refused for now" it is noted since when the server refuses a mail.
    """

    __tablename__ = "sent_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    sent_at: Mapped[datetime]
    until: Mapped[datetime | None]


class UnsubscribeLink(Base):
    """A link in a mail that ends one choice (`what`) of its receiver. Only the token's digest is stored."""

    __tablename__ = "unsubscribe_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    what: Mapped[str]
    created_at: Mapped[datetime]

"""Weekly reviews: a week, frozen at a revision, never edited, only superseded; its text, its readers, its downloads."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Part, many, one

WEEKS = 13
WEEK_DAYS = 7


def week_of(day: int) -> int:
    """The week of the cycle that a day of the plan is in: days 1 to 7 are week 1, day 0 is in week 0."""
    return (day - 1) // WEEK_DAYS + 1


class Review(Part):
    """A frozen week. Append-only: a correction is another review that names the one it supersedes, with the reason.

    `revision` and `head` are those of the state that it shows, `reviewed_on` the date on which the rules judged it;
    `digest` is the address of its snapshot (models/snapshot.py). `health` and `verdict` repeat what it says, so that
    the list of past weeks opens no snapshot.
    """

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("supersedes_id"),)

    cycle: Mapped[int]
    week: Mapped[int]
    day: Mapped[int]
    reviewed_on: Mapped[date]
    revision: Mapped[int]
    head: Mapped[str]
    digest: Mapped[str]
    health: Mapped[str]
    verdict: Mapped[str]
    frozen_by: Mapped[str]
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"))
    reason: Mapped[str | None]

    supersedes = one("Review", "Review.supersedes_id")
    superseded = many("Review", "Review.supersedes_id")

    @property
    def superseded_by(self) -> Review | None:
        """The review that took its place, if one did."""
        return self.superseded[0] if self.superseded else None


class Snapshot(Base):
    """What a review holds, by its address. `interviews` is apart: who may not read interviews gets a snapshot without.

    An erasure of personal data empties `interviews`; the address still proves the rest. Where the rest names the person,
    `content` is emptied too, and `redacted` is what was left of it (models/privacy.py).
    """

    __tablename__ = "snapshot"

    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str | None]
    interviews: Mapped[str | None]
    redacted: Mapped[str | None]


class ReviewPassage(Part):
    """What the lead wrote in the place of a drafted passage of a week that isn't frozen yet.

    `draft` is what the rules had written there then. An empty `text` takes the draft up again.
    """

    __tablename__ = "review_passage"
    __table_args__ = (UniqueConstraint("engagement_id", "cycle", "week", "key"),)

    cycle: Mapped[int]
    week: Mapped[int]
    key: Mapped[str]
    draft: Mapped[str]
    text: Mapped[str]


class ReviewReading(Part):
    """Somebody marked a frozen week as read."""

    __tablename__ = "review_reading"
    __table_args__ = (UniqueConstraint("review_id", "user_id"),)

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    read_at: Mapped[datetime]


class ReviewDownload(Part):
    """Somebody took a frozen week away in a format: the SHA-256 of the file, so that it is known again byte for byte.

    The file itself isn't kept, it follows from the snapshot. Should another version of the program, or a firm's own
    template, set it differently, what was taken away is still known by this; None before it was noted.
    """

    __tablename__ = "review_download"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    format: Mapped[str]
    by: Mapped[str]
    sha256: Mapped[str | None] = mapped_column(index=True)


class CalendarFeed(Base):
    """The secret address of somebody's calendar feed. Only its SHA-256 is kept; revoked, it answers nobody."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

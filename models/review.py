"""Weekly reviews: weeks frozen at a revision, their snapshots, passages, readers and downloads, and calendar feeds."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Part, to_many
from models.wording import day_month

WEEKS = 13
WEEK_DAYS = 7
FRIDAY = 4  # Weekly reviews are on Fridays.


def week_of(day: int) -> int:
    """Return the week of the cycle that a day of the plan is in: days 1 to 7 are week 1, day 0 is in week 0."""
    return (day - 1) // WEEK_DAYS + 1


def friday_of(on: date, day: int) -> date:
    """Return the Friday in the week of the plan that `on`, which is its day `day`, is in.

    It names a week for good: numbers begin again when day 1 moves or another cycle begins, Fridays don't.
    """
    begins = on - timedelta(days=(day - 1) % WEEK_DAYS)
    return begins + timedelta(days=(FRIDAY - begins.weekday()) % WEEK_DAYS)


def week_name(week: int, on: date) -> str:
    """Return "week 7", or before and after the weeks of a cycle "the week of 20 Nov 2026"."""
    return f"week {week}" if 1 <= week <= WEEKS else f"the week of {day_month(on)} {on.year}"


def week_of_plan(week: int, on: date) -> str:
    """Return "week 7 of 13", or before and after the weeks of a cycle "the week of 20 Nov 2026"."""
    return f"week {week} of {WEEKS}" if 1 <= week <= WEEKS else week_name(week, on)


def week_heading(week: int, on: date) -> str:
    """Return a week of the plan for the place after an engagement's name: "week 7 of 13", "week of 20 Nov 2026"."""
    return week_of_plan(week, on).removeprefix("the ")


class Review(Part):
    """A frozen week. Append-only: a correction is another review that supersedes it, with a reason.

    `revision` and `head` are those of the state that it shows, `reviewed_on` is the date for which the rules were
    evaluated, `digest` the address of its snapshot (models/snapshot.py). `health` and `verdict` are copies from the
    snapshot, for the list of past weeks.
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

    superseded: Mapped[list[Review]] = to_many("Review.supersedes_id")

    @property
    def friday(self) -> date:
        """The Friday of its week, as the plan was when it was frozen."""
        return friday_of(self.reviewed_on, self.day)

    @property
    def superseded_by(self) -> Review | None:
        """The review that replaced it, or None."""
        return self.superseded[0] if self.superseded else None


class Snapshot(Base):
    """The content of a review, by its digest. `interviews` is separate: not everybody may read it.

    An erasure of personal data sets `interviews` to NULL; the digest still proves the rest. If the rest contains the
    person's name, `content` becomes NULL too, and `redacted` replaces it (models/privacy.py).
    """

    __tablename__ = "snapshot"

    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str | None]
    interviews: Mapped[str | None]
    redacted: Mapped[str | None]


class ReviewPassage(Part):
    """The lead's text for a passage of a week that isn't frozen yet.

    `draft` is the text that it replaced. An empty `text` restores the draft. `friday` is that of its week (None in rows
    of before weeks were keyed by it: those are found by `cycle` and `week`).
    """

    __tablename__ = "review_passage"
    __table_args__ = (UniqueConstraint("engagement_id", "cycle", "week", "friday", "key"),)

    cycle: Mapped[int]
    week: Mapped[int]
    friday: Mapped[date | None]
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
    """A download of a frozen week in a format, with the SHA-256 of the file, by which the file is recognised.

    The file itself isn't stored: the snapshot determines it. Another version of the program or a firm's own template may
    lay it out differently, so the hash is needed (None in old rows).
    """

    __tablename__ = "review_download"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    format: Mapped[str]
    by: Mapped[str]
    sha256: Mapped[str | None] = mapped_column(index=True)


class CalendarFeed(Base):
    """The secret address of a user's calendar feed, of which only the SHA-256 is stored."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

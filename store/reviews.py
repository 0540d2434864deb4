"""Weekly reviews as they are stored: the frozen weeks, their snapshots, readers and downloads, and passages of drafts."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from models.database import read_connection
from models.engagement import Engagement
from models.errors import Invalid, NotFound
from models.journal import ADDED, ERASURE, JournalEntry, entry_fields
from models.people import Actor, User
from models.permissions import Action, permits
from models.review import Review, ReviewDownload, ReviewPassage, ReviewReading, Snapshot, friday_of, week_name
from models.snapshot import SnapshotDocument
from models.wording import day_month
from store.access import Access, access


@dataclass(frozen=True)
class Week:
    """A frozen week in the list of past weeks. `superseded` says that a newer version of the week took its place."""

    id: int
    cycle: int
    week: int
    day: int
    on: date
    revision: int
    digest: str
    health: str
    verdict: str
    frozen_by: str
    frozen_at: datetime
    supersedes_id: int | None
    reason: str | None
    superseded: bool

    @property
    def friday(self) -> date:
        """The Friday of its week, as the plan was when it was frozen: the key of the week."""
        return friday_of(self.on, self.day)

    @property
    def name(self) -> str:
        """How it is called: "week 7", or outside the weeks of a cycle "the week of 20 Nov 2026"."""
        return week_name(self.week, self.on)


def weeks(actor: Actor, slug: str) -> list[Week]:
    """Return every frozen week, newest first; of one week the valid version comes before those it superseded."""
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.READ)
        return _weeks(connection, granted.engagement_id)


def _weeks(connection: Connection, engagement_id: int) -> list[Week]:
    table = Review.__table__.c
    columns = [
        table.id, table.cycle, table.week, table.day, table.reviewed_on, table.revision, table.digest, table.health,
        table.verdict, table.frozen_by, table.created_at, table.supersedes_id, table.reason,
    ]  # fmt: skip
    query = select(*columns).where(table.engagement_id == engagement_id)
    rows = connection.execute(query.order_by(table.reviewed_on.desc(), table.id.desc())).all()
    superseded = {row.supersedes_id for row in rows}
    values: list[tuple[Any, ...]] = [(*row, row.id in superseded) for row in rows]
    return [Week(*each) for each in values]


def week(
    actor: Actor, slug: str, asked: int | date, cycle: int | None = None, version: int | None = None
) -> Week:
    """Return the valid version of a week: of the date `asked`, or the newest of that number (of `cycle` if it is given).

    `version` is the id of a superseded one to return instead. Raise NotFound if that week isn't frozen.
    """
    for row in weeks(actor, slug):
        wanted = row.id == version if version is not None else not row.superseded
        if asked in (row.week, row.on) and cycle in (None, row.cycle) and wanted:
            return row
    called = f"Week {asked}" if isinstance(asked, int) else f"The week of {day_month(asked)} {asked.year}"
    raise NotFound(f"{called} isn't frozen. Its lead can freeze it.")


def document(actor: Actor, slug: str, digest: str) -> SnapshotDocument:
    """Return a snapshot of this engagement, without its interviews if the actor may not read them.

    Raise NotFound if no review of the engagement has that address.
    """
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.READ)
        query = (
            select(Snapshot.content, Snapshot.redacted, Snapshot.interviews)
            .join(Review, Review.digest == Snapshot.digest)
            .where(Review.engagement_id == granted.engagement_id, Snapshot.digest == digest)
        )
        row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such review here.")
    return _made(granted, actor, row.content or row.redacted, row.interviews)


def _made(granted: Access, actor: Actor, content: str, interviews: str | None) -> SnapshotDocument:
    may = actor.operator or permits(granted.role, Action.READ_INTERVIEWS)
    return SnapshotDocument(json.loads(content), json.loads(interviews) if interviews and may else None)


class Passage(TypedDict):
    """A passage of a week that isn't frozen: the `draft` that the lead replaced, and the `text` they wrote."""

    draft: str
    text: str


def passages(actor: Actor, slug: str, cycle: int, number: int, friday: date) -> dict[str, Passage]:
    """Return the passages that the lead wrote for a week so far, by key.

    Those of before weeks were keyed by their Friday are found by the numbers of cycle and week.
    """
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.READ)
        query = select(ReviewPassage.key, ReviewPassage.draft, ReviewPassage.text).where(
            ReviewPassage.engagement_id == granted.engagement_id,
            is_of_week(cycle, number, friday),
            ReviewPassage.text != "",
        )
        return {key: Passage(draft=draft, text=text) for key, draft, text in connection.execute(query)}


def is_of_week(cycle: int, number: int, friday: date) -> ColumnElement[bool]:
    """Return the condition on passages of a week."""
    before = and_(ReviewPassage.friday.is_(None), ReviewPassage.cycle == cycle, ReviewPassage.week == number)
    return or_(ReviewPassage.friday == friday, before)


class Reader(TypedDict):
    """Somebody who marked a week as read, and when."""

    user_id: int
    name: str
    at: datetime


def readers(actor: Actor, slug: str, review_id: int) -> list[Reader]:
    """Return who marked a frozen week as read, the first reader first."""
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.READ)
        query = (
            select(ReviewReading.user_id, User.name, ReviewReading.read_at)
            .join(User, User.id == ReviewReading.user_id)
            .where(ReviewReading.engagement_id == granted.engagement_id, ReviewReading.review_id == review_id)
            .order_by(ReviewReading.read_at)
        )
        rows = connection.execute(query)
        return [Reader(user_id=user_id, name=name, at=at) for user_id, name, at in rows]


def last_read(actor: Actor, slug: str) -> Week | None:
    """Return the newest week that the actor marked as read, or None."""
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.READ)
        query = select(ReviewReading.review_id).where(
            ReviewReading.engagement_id == granted.engagement_id, ReviewReading.user_id == actor.user_id
        )
        read = set(connection.execute(query).scalars())
        return next((row for row in _weeks(connection, granted.engagement_id) if row.id in read), None)


@dataclass(frozen=True)
class FrozenReview:
    """A frozen week that was found by its snapshot's address, in an engagement that the actor may read."""

    id: int
    engagement_id: int
    slug: str
    week: int
    revision: int
    digest: str
    on: date

    @property
    def name(self) -> str:
        """How the week is called, such as "week 7"."""
        return week_name(self.week, self.on)


def find_review(actor: Actor, address: str) -> FrozenReview:
    """Return the frozen week whose snapshot's address begins with `address`.

    Raise Invalid if there is none in any engagement that the actor may read.
    """
    query = (
        select(
            Review.id,
            Review.engagement_id,
            Engagement.slug,
            Review.week,
            Review.revision,
            Review.digest,
            Review.reviewed_on,
        )  # fmt: skip
        .join(Engagement, Engagement.id == Review.engagement_id)
        .where(Review.digest.startswith(address))
    )
    with read_connection() as connection:
        for row in connection.execute(query).all():
            # To who isn't a member, another engagement's week is no different from one that was never frozen.
            with suppress(NotFound):
                access(connection, actor, row.slug, Action.READ)
                return FrozenReview(*row)
    raise Invalid(
        f"No week that is frozen here has the address {address[:16]}: the file was altered, or is of elsewhere."
    )


@dataclass(frozen=True)
class Download:
    """Who took a file of a review away, and on which date (in the engagement's zone)."""

    by: str
    on: date


def first_download(review_id: int, sha256: str) -> Download | None:
    """Return the first download of a file of that review with this SHA-256 (hex); None if there was none."""
    query = (
        select(ReviewDownload.by, ReviewDownload.created_at, Engagement.zone)
        .join(Engagement, Engagement.id == ReviewDownload.engagement_id)
        .where(ReviewDownload.review_id == review_id, ReviewDownload.sha256 == sha256)
        .order_by(ReviewDownload.id)
    )
    with read_connection() as connection:
        row = connection.execute(query.limit(1)).one_or_none()
    return None if row is None else Download(row.by, Engagement(zone=row.zone).date_of(row.created_at))


def journal_hash(engagement_id: int, revision: int) -> str | None:
    """Return the hash of the journal's entry at `revision`; None if there is no such entry."""
    hashes = select(JournalEntry.__table__.c.hash).where(
        JournalEntry.engagement_id == engagement_id, JournalEntry.sequence == revision
    )
    with read_connection() as connection:
        return connection.execute(hashes).scalar_one_or_none()


@dataclass(frozen=True)
class StoredSnapshot:
    """A snapshot as it is stored, and what the journal says that erasures took out of it.

    `content` is None if an erasure changed it; `redacted` is then what is left. `erased_on` is when an erasure first
    reached it, `digest_after_erasure` the SHA-256 (hex) of what the last one left, if it left less.
    """

    content: str | None
    redacted: str | None
    interviews: str | None
    erased_on: date | None
    digest_after_erasure: str | None

    @property
    def text(self) -> str:
        """Return the JSON of the snapshot without its interviews, after any erasure."""
        return self.content or self.redacted or ""


def stored_snapshot(engagement_id: int, digest: str) -> StoredSnapshot:
    """Return the snapshot with that address, for a caller who was let in to its engagement already."""
    query = select(Snapshot.content, Snapshot.redacted, Snapshot.interviews).where(Snapshot.digest == digest)
    with read_connection() as connection:
        row = connection.execute(query).one()
        return StoredSnapshot(*row, *_erasures(connection, engagement_id, digest))


def _erasures(connection: Connection, engagement_id: int, digest: str) -> tuple[date | None, str | None]:
    """Return when an erasure first reached a snapshot, and the digest of what the last one left, if it left less."""
    query = (
        select(JournalEntry.at, JournalEntry.payload, JournalEntry.redacted, Engagement.zone)
        .join(Engagement, Engagement.id == JournalEntry.engagement_id)
        .where(
            JournalEntry.engagement_id == engagement_id,
            JournalEntry.kind == ERASURE,
            JournalEntry.change == ADDED,
        )
        .order_by(JournalEntry.sequence)
    )
    first, left = None, None
    for at, payload, redacted, zone in connection.execute(query):
        after = entry_fields(payload, redacted)["after"]
        reached: dict[str, Any] = json.loads(after.get("snapshots") or "{}")
        if digest in reached:
            first = first or Engagement(zone=zone).date_of(at)
            left = reached[digest] or left
    return first, left

"""Reviews as they are read: the list of past weeks, one frozen week, its readers, and the passages of a draft."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from models.database import reading
from models.errors import NotFound
from models.people import Actor, User
from models.permissions import Action, permits
from models.review import Review, ReviewPassage, ReviewReading, Snapshot
from models.snapshot import SnapshotDocument
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


def weeks(actor: Actor, slug: str) -> list[Week]:
    """Every frozen week, the newest first; of one week the version that holds comes before those it superseded."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ)
        return _weeks(connection, found.engagement_id)


def _weeks(connection: Connection, engagement_id: int) -> list[Week]:
    table = Review.__table__.c
    columns = [
        table.id, table.cycle, table.week, table.day, table.reviewed_on, table.revision, table.digest, table.health,
        table.verdict, table.frozen_by, table.created_at, table.supersedes_id, table.reason,
    ]  # fmt: skip
    query = select(*columns).where(table.engagement_id == engagement_id)
    rows = connection.execute(query.order_by(table.cycle.desc(), table.week.desc(), table.id.desc())).all()
    gone = {row.supersedes_id for row in rows}
    return [Week(*row, superseded=row.id in gone) for row in rows]


def week(actor: Actor, slug: str, number: int, cycle: int | None = None, version: int | None = None) -> Week:
    """The version of week `number` that holds, of the newest cycle that has it frozen unless `cycle` says which.

    `version` is the id of a superseded one. Raises NotFound where that week isn't frozen.
    """
    for row in weeks(actor, slug):
        asked = row.id == version if version is not None else not row.superseded
        if row.week == number and cycle in (None, row.cycle) and asked:
            return row
    raise NotFound(f"Week {number} isn't frozen. Its lead can freeze it.")


def document(actor: Actor, slug: str, digest: str) -> SnapshotDocument:
    """A snapshot of this engagement; without its interviews for who may not read them.

    Raises NotFound where no review of the engagement has that address.
    """
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ)
        query = (
            select(Snapshot.content, Snapshot.redacted, Snapshot.interviews)
            .join(Review, Review.digest == Snapshot.digest)
            .where(Review.engagement_id == found.engagement_id, Snapshot.digest == digest)
        )
        row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such review here.")
    return _made(found, actor, row.content or row.redacted, row.interviews)


def _made(found: Access, actor: Actor, content: str, interviews: str | None) -> SnapshotDocument:
    may = actor.operator or permits(found.role, Action.READ_INTERVIEWS)
    return SnapshotDocument(json.loads(content), json.loads(interviews) if interviews and may else None)


def passages(actor: Actor, slug: str, cycle: int, number: int) -> dict[str, dict[str, str]]:
    """What the lead wrote for a week so far: by key, the `draft` that it replaces and the `text`."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ)
        query = select(ReviewPassage.key, ReviewPassage.draft, ReviewPassage.text).where(
            ReviewPassage.engagement_id == found.engagement_id,
            ReviewPassage.cycle == cycle,
            ReviewPassage.week == number,
            ReviewPassage.text != "",
        )
        return {key: {"draft": draft, "text": text} for key, draft, text in connection.execute(query)}


def readers(actor: Actor, slug: str, review_id: int) -> list[dict[str, Any]]:
    """Who marked a frozen week as read, and when: `user_id`, `name` and `at`, the first reader first."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ)
        query = (
            select(ReviewReading.user_id, User.name, ReviewReading.read_at)
            .join(User, User.id == ReviewReading.user_id)
            .where(ReviewReading.engagement_id == found.engagement_id, ReviewReading.review_id == review_id)
            .order_by(ReviewReading.read_at)
        )
        return [{"user_id": who, "name": name, "at": at} for who, name, at in connection.execute(query)]


def last_read(actor: Actor, slug: str) -> Week | None:
    """The newest week that this person marked as read."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ)
        query = select(ReviewReading.review_id).where(
            ReviewReading.engagement_id == found.engagement_id, ReviewReading.user_id == actor.user_id
        )
        read = set(connection.execute(query).scalars())
        return next((row for row in _weeks(connection, found.engagement_id) if row.id in read), None)

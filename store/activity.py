"""What people did: the journal by acts, of an engagement or of one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from models.database import read_connection
from models.engagement import Engagement
from models.errors import NotFound
from models.journal import JournalEntry
from models.people import Actor, Member, User
from models.permissions import PERMISSIONS, Action
from store.access import access, signed_in

MAX_ACTS = 200


@dataclass(frozen=True)
class RowChanges:
    """How many rows of one kind an act added, changed or removed (`change`)."""

    kind: str
    change: str
    count: int


@dataclass(frozen=True)
class Act:
    """One use case that one person carried out. `sequence` names it; `changes` say what it did to which rows."""

    sequence: int
    at: datetime
    actor: str
    use_case: str
    changes: list[RowChanges]


def acts_since(
    actor: Actor, slug: str, since: datetime, limit: int = MAX_ACTS, up_to: int | None = None
) -> list[Act]:
    """Return at most `limit` acts from `since` on, up to the revision `up_to` (None: the newest), newest first."""
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.READ_JOURNAL)
        rows = connection.execute(
            select(
                JournalEntry.act,
                func.min(JournalEntry.at),
                func.min(JournalEntry.actor),
                func.min(JournalEntry.use_case),
                JournalEntry.kind,
                JournalEntry.change,
                func.count(),
            )
            .where(
                JournalEntry.engagement_id == engagement.engagement_id,
                JournalEntry.at >= since,
                JournalEntry.sequence <= (engagement.revision if up_to is None else up_to),
            )
            .group_by(JournalEntry.act, JournalEntry.kind, JournalEntry.change)
            .order_by(JournalEntry.act.desc())
        ).all()
    acts: dict[int, Act] = {}
    for act, at, person, use_case, kind, change, count in rows:
        if act not in acts and len(acts) == limit:
            break
        acts.setdefault(act, Act(act, at, person, use_case, []))
        acts[act].changes.append(RowChanges(kind, change, count))
    return list(acts.values())


@dataclass(frozen=True)
class PersonsAct:
    """What somebody did at once, in one engagement; `rows` is how many rows it changed."""

    at: datetime
    slug: str
    engagement: str
    use_case: str
    via: str
    rows: int


def acts_of_person(actor: Actor, user_id: int) -> tuple[str, list[PersonsAct]]:
    """Return a person's name, and their newest acts in the engagements whose journal the actor may read, newest first.

    Raise NotFound if there is no engagement in which both take part: then that person doesn't exist for the actor.
    """
    with read_connection() as connection:
        readable = _readable_engagements(connection, actor)
        name = _name_of(connection, actor, user_id, readable)
        rows = connection.execute(
            select(
                func.min(JournalEntry.at),
                Engagement.slug,
                Engagement.name,
                func.min(JournalEntry.use_case),
                func.min(JournalEntry.via),
                func.count(),
            )
            .join(Engagement, Engagement.id == JournalEntry.engagement_id)
            .where(JournalEntry.user_id == user_id, JournalEntry.engagement_id.in_(readable))
            .group_by(Engagement.slug, Engagement.name, JournalEntry.engagement_id, JournalEntry.act)
            .order_by(func.min(JournalEntry.at).desc())
            .limit(MAX_ACTS)
        ).all()
    return name, [PersonsAct(*row) for row in rows]


def _name_of(connection: Connection, actor: Actor, user_id: int, readable: list[int]) -> str:
    """Return the name of a person. Raise NotFound if they have no part in any of the `readable` engagements."""
    query = select(User.name).where(User.id == user_id, *signed_in(actor))
    if user_id != actor.user_id and not actor.operator:
        members = select(Member.user_id).where(Member.engagement_id.in_(readable), Member.user_id == user_id)
        active = select(JournalEntry.user_id).where(
            JournalEntry.engagement_id.in_(readable), JournalEntry.user_id == user_id
        )
        query = query.where(User.id.in_(members.union(active)))
    name = connection.execute(query).scalar_one_or_none()
    if name is None:
        raise NotFound("There is no such person in an engagement of yours.")
    return name


def _readable_engagements(connection: Connection, actor: Actor) -> list[int]:
    """Return the ids of the engagements whose journal the actor may read."""
    if actor.operator:
        return list(connection.execute(select(Engagement.id)).scalars())
    roles = [role.value for role in PERMISSIONS[Action.READ_JOURNAL]]
    query = (
        select(Member.engagement_id)
        .join(User, User.id == Member.user_id)
        .where(
            Member.user_id == actor.user_id,
            Member.role.in_(roles),
            User.disabled.is_(False),
            *signed_in(actor),
        )
    )
    return list(connection.execute(query).scalars())

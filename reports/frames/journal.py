"""The journal, readable: who changed what, from what to what; and what one person did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from models.database import reading
from models.engagement import Engagement
from models.errors import NotFound
from models.interviews import Interview, nameless
from models.journal import JournalEntry, entry_fields
from models.people import Actor, Member, User
from models.permissions import PERMISSIONS, Action, permits
from store.access import Access, access, signed_in

ENTRIES_A_PAGE = 50
MOST_ACTS = 200
# Told to those only who may read interviews.
_OF_INTERVIEWS = ("interview", "friction")
# Bookkeeping, which says nothing to a reader.
_UNTOLD = {"id", "version", "created_at", "engagement_id", "digest", "digests", "snapshots"}
# Fields that hold the number of a user.
_USERS = {"user_id", "asked_by_id", "asked_of_id", "made_by_id"}
HIDDEN = "a name that is hidden here"


@dataclass(frozen=True)
class Entry:
    """A changed row: its fields with their values before and after, as text (None: nothing)."""

    sequence: int
    at: datetime
    person: str
    user_id: int | None
    via: str
    use_case: str
    change: str
    kind: str
    row_id: int
    fields: list[tuple[str, str | None, str | None]]
    erased: bool


@dataclass(frozen=True)
class Chosen:
    """What to show of a journal: of one person, of one kind of thing, from and to a date (in the engagement's zone)."""

    person: str | None = None
    kind: str | None = None
    first: date | None = None
    last: date | None = None


def entries(actor: Actor, slug: str, chosen: Chosen = Chosen(), page: int = 1) -> tuple[list[Entry], int]:
    """A page of the journal, newest first, and how many entries there are in all."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ_JOURNAL)
        conditions = _conditions(found, actor, chosen)
        number = select(func.count()).select_from(JournalEntry).where(*conditions)
        query = (
            select(JournalEntry.__table__)
            .where(*conditions)
            .order_by(JournalEntry.sequence.desc())
            .limit(ENTRIES_A_PAGE)
            .offset((page - 1) * ENTRIES_A_PAGE)
        )
        shown = _shower(connection, found.engagement_id)
        told = [_told(row, shown) for row in connection.execute(query)]
        told = _with_names(connection, told)
        return told, connection.execute(number).scalar_one()


def choices(actor: Actor, slug: str) -> tuple[list[tuple[str, int | None]], list[str]]:
    """Who appears in the journal (with the user's id, None: no user, or more than one), and which kinds of things."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ_JOURNAL)
        conditions = _conditions(found, actor, Chosen())
        people = select(JournalEntry.actor, JournalEntry.user_id).where(*conditions).distinct()
        kinds = select(JournalEntry.kind).where(*conditions).distinct().order_by(JournalEntry.kind)
        named: dict[str, int | None] = {}
        for name, user_id in connection.execute(people):
            # Two of one name are told together, and are no one user.
            named[name] = user_id if named.get(name, user_id) == user_id else None
        return sorted(named.items()), list(connection.execute(kinds).scalars())


def _conditions(found: Access, actor: Actor, chosen: Chosen) -> list[Any]:
    conditions = [JournalEntry.engagement_id == found.engagement_id]
    if not actor.operator and not permits(found.role, Action.READ_INTERVIEWS):
        conditions.append(JournalEntry.kind.not_in(_OF_INTERVIEWS))
    if chosen.person is not None:
        conditions.append(JournalEntry.actor == chosen.person)
    if chosen.kind is not None:
        conditions.append(JournalEntry.kind == chosen.kind)
    if chosen.first is not None:
        conditions.append(JournalEntry.at >= _midnight(chosen.first, found.zone))
    if chosen.last is not None:
        conditions.append(JournalEntry.at < _midnight(chosen.last + timedelta(days=1), found.zone))
    return conditions


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _shower(connection: Connection, engagement_id: int) -> Callable[[str], str] | None:
    """What takes interviewees' names out of a text, also the names that somebody had before; None where they show."""
    hides = select(Engagement.hide_interviewees).where(Engagement.id == engagement_id)
    if not connection.execute(hides).scalar_one():
        return None
    names = (
        select(Interview.interviewee).where(Interview.engagement_id == engagement_id).order_by(Interview.id)
    )
    people = SimpleNamespace(
        interviews=[Interview(interviewee=name) for name in connection.execute(names).scalars()]
    )
    said = select(JournalEntry.payload, JournalEntry.redacted).where(
        JournalEntry.engagement_id == engagement_id, JournalEntry.kind == Interview.__tablename__
    )
    fields = [entry_fields(*row)[part] for row in connection.execute(said) for part in ("before", "after")]
    former = {name for part in fields if (name := part.get("interviewee"))}
    return partial(nameless, people, former=former)


def _told(row: Any, shown: Callable[[str], str] | None) -> Entry:
    said = entry_fields(row.payload, row.redacted)
    before, after = said["before"], said["after"]
    names = [name for name in {**before, **after} if name not in _UNTOLD]
    fields = [(name, _text(before.get(name)), _text(after.get(name))) for name in names]
    if shown is not None and row.kind in _OF_INTERVIEWS:
        fields = [
            (name, old and HIDDEN, new and HIDDEN) if name == "interviewee"
            else (name, old and shown(old), new and shown(new))
            for name, old, new in fields
        ]  # fmt: skip
    return Entry(
        row.sequence, row.at, row.actor, row.user_id, row.via, row.use_case, row.change, row.kind, row.row_id,
        [field for field in fields if field[1] != field[2]], row.payload is None,
    )  # fmt: skip


def _with_names(connection: Connection, told: list[Entry]) -> list[Entry]:
    """The entries with people's names in the place of their numbers."""
    numbers = {
        int(text) for one in told for name, *texts in one.fields if name in _USERS for text in texts if text
    }
    if not numbers:
        return told
    names = dict(connection.execute(select(User.id, User.name).where(User.id.in_(numbers))).tuples().all())

    def named(name: str, old: str | None, new: str | None) -> tuple[str, str | None, str | None]:
        if name not in _USERS:
            return name, old, new
        return name.removesuffix("_id"), *(text and names.get(int(text), text) for text in (old, new))

    return [replace(one, fields=[named(*field) for field in one.fields]) for one in told]


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value in (None, "") else str(value)


@dataclass(frozen=True)
class PersonsAct:
    """What somebody did at once, in one engagement; `rows` is how many rows it changed."""

    at: datetime
    slug: str
    engagement: str
    use_case: str
    via: str
    rows: int


def activity(actor: Actor, user_id: int) -> tuple[str, list[PersonsAct]]:
    """A person's name, and what they did in the engagements whose journal the actor may read, newest first.

    Raises NotFound where there is none in which both take part: then that person doesn't exist for the actor.
    """
    with reading() as connection:
        mine = _readable(connection, actor)
        met = select(User.name).where(User.id == user_id)
        if user_id != actor.user_id and not actor.operator:
            theirs = select(Member.user_id).where(Member.engagement_id.in_(mine), Member.user_id == user_id)
            did = select(JournalEntry.user_id).where(
                JournalEntry.engagement_id.in_(mine), JournalEntry.user_id == user_id
            )
            met = met.where(User.id.in_(theirs.union(did)))
        name = connection.execute(met.where(*signed_in(actor))).scalar_one_or_none()
        if name is None:
            raise NotFound("There is no such person in an engagement of yours.")
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
            .where(JournalEntry.user_id == user_id, JournalEntry.engagement_id.in_(mine))
            .group_by(Engagement.slug, Engagement.name, JournalEntry.engagement_id, JournalEntry.act)
            .order_by(func.min(JournalEntry.at).desc())
            .limit(MOST_ACTS)
        ).all()
    return name, [PersonsAct(*row) for row in rows]


def _readable(connection: Connection, actor: Actor) -> list[int]:
    """The engagements whose journal the actor may read."""
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

"""The journal as people read it: who changed what, from what to what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, func, not_, select
from sqlalchemy.orm import aliased

from models.database import read_connection
from models.engagement import Engagement
from models.interviews import Interview, nameless
from models.journal import JournalEntry, entry_fields
from models.notes import Note
from models.people import Actor, User
from models.permissions import Action, permits
from store.access import Access, access

ENTRIES_A_PAGE = 50
# Shown only to those who may read interviews; of notes, those on an interview. Whom a note mentions, its text says.
_OF_INTERVIEWS = ("interview", "friction", "note_mention")
_NAMING_INTERVIEWEES = ("interview", "friction", "note")
# Bookkeeping, which says nothing to a reader.
_NOT_SHOWN = {"id", "version", "created_at", "engagement_id", "digest", "digests", "snapshots"}
# Fields that hold the number of a user.
_USERS = {"user_id", "asked_by_id", "asked_of_id", "made_by_id"}
HIDDEN = "a name that is hidden here"


class FieldChange(NamedTuple):
    """A field of a row, with its value before and after as text (None: empty)."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Entry:
    """A changed row: which, by whom, and its fields that changed. `erased` says that personal data was taken out."""

    sequence: int
    at: datetime
    person: str
    user_id: int | None
    via: str
    use_case: str
    change: str
    kind: str
    row_id: int
    fields: list[FieldChange]
    erased: bool


@dataclass(frozen=True)
class JournalFilter:
    """What to show of a journal: of one person, of one kind of thing, from and to a date (in the engagement's zone)."""

    person: str | None = None
    kind: str | None = None
    first: date | None = None
    last: date | None = None


class JournalPage(NamedTuple):
    """A page of the journal, newest first, and how many entries match in all."""

    entries: list[Entry]
    total: int


def entries(actor: Actor, slug: str, chosen: JournalFilter = JournalFilter(), page: int = 1) -> JournalPage:
    """Return a page of the journal, newest first; `page` counts from 1.

    Interviews are left out for those who may not read them; where the engagement hides interviewees, so are their names.
    """
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.READ_JOURNAL)
        conditions = _conditions(engagement, actor, chosen)
        number = select(func.count()).select_from(JournalEntry).where(*conditions)
        query = (
            select(JournalEntry.__table__)
            .where(*conditions)
            .order_by(JournalEntry.sequence.desc())
            .limit(ENTRIES_A_PAGE)
            .offset((page - 1) * ENTRIES_A_PAGE)
        )
        hide = _name_hider(connection, engagement.engagement_id)
        rows = [_entry(row, hide) for row in connection.execute(query)]
        return JournalPage(_with_names(connection, rows), connection.execute(number).scalar_one())


class FilterChoices(NamedTuple):
    """What a journal can be filtered by: its people with their user id (None: no user, or several), and its kinds."""

    people: list[tuple[str, int | None]]
    kinds: list[str]


def choices(actor: Actor, slug: str) -> FilterChoices:
    """Return who appears in the journal, and which kinds of things, each in alphabetical order."""
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.READ_JOURNAL)
        conditions = _conditions(engagement, actor, JournalFilter())
        people = select(JournalEntry.actor, JournalEntry.user_id).where(*conditions).distinct()
        kinds = select(JournalEntry.kind).where(*conditions).distinct().order_by(JournalEntry.kind)
        users: dict[str, int | None] = {}
        for name, user_id in connection.execute(people):
            # Two people of one name are filtered together, and are no one user.
            users[name] = user_id if users.get(name, user_id) == user_id else None
        return FilterChoices(sorted(users.items()), list(connection.execute(kinds).scalars()))


def _conditions(granted: Access, actor: Actor, chosen: JournalFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [JournalEntry.engagement_id == granted.engagement_id]
    if not actor.operator and not permits(granted.role, Action.READ_INTERVIEWS):
        conditions.append(JournalEntry.kind.not_in(_OF_INTERVIEWS))
        conditions.append(not_(_is_note_on_interview(granted.engagement_id)))
    if chosen.person is not None:
        conditions.append(JournalEntry.actor == chosen.person)
    if chosen.kind is not None:
        conditions.append(JournalEntry.kind == chosen.kind)
    if chosen.first is not None:
        conditions.append(JournalEntry.at >= _midnight(chosen.first, granted.zone))
    if chosen.last is not None:
        conditions.append(JournalEntry.at < _midnight(chosen.last + timedelta(days=1), granted.zone))
    return conditions


def _is_note_on_interview(engagement_id: int) -> ColumnElement[bool]:
    """Return the condition that an entry is of a note on an interview, also of one that was removed since."""
    added = aliased(JournalEntry)
    notes = select(added.row_id).where(
        added.engagement_id == engagement_id,
        added.kind == Note.__tablename__,
        # In a canonical payload a text can't hold this: its quotes are escaped.
        func.coalesce(added.payload, added.redacted).contains('"kind":"interview"', autoescape=True),
    )
    return (JournalEntry.kind == Note.__tablename__) & JournalEntry.row_id.in_(notes)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


_NAMES = ("interviewee", "same_as")


def _name_hider(connection: Connection, engagement_id: int) -> Callable[[str], str] | None:
    """Return a function that replaces interviewees' names in a text, former names too; None if names are shown."""
    hides = select(Engagement.hide_interviewees).where(Engagement.id == engagement_id)
    if not connection.execute(hides).scalar_one():
        return None
    names = (
        select(Interview.interviewee, Interview.same_as)
        .where(Interview.engagement_id == engagement_id)
        .order_by(Interview.id)
    )
    rows = connection.execute(names).all()
    interviews = [Interview(interviewee=name, same_as=same_as) for name, same_as in rows]
    engagement = Engagement(hide_interviewees=True, interviews=interviews)
    payloads = select(JournalEntry.payload, JournalEntry.redacted).where(
        JournalEntry.engagement_id == engagement_id, JournalEntry.kind == Interview.__tablename__
    )
    fields = [
        entry_fields(*row)[part] for row in connection.execute(payloads) for part in ("before", "after")
    ]
    former = {name for part in fields for column in _NAMES if (name := part.get(column))}
    return partial(nameless, engagement, former=former)


def _entry(row: Any, hide: Callable[[str], str] | None) -> Entry:
    payload = entry_fields(row.payload, row.redacted)
    before, after = payload["before"], payload["after"]
    names = [name for name in {**before, **after} if name not in _NOT_SHOWN]
    fields = [FieldChange(name, _text(before.get(name)), _text(after.get(name))) for name in names]
    if hide is not None and row.kind in _NAMING_INTERVIEWEES:
        fields = [_without_names(field, hide) for field in fields]
    return Entry(
        row.sequence, row.at, row.actor, row.user_id, row.via, row.use_case, row.change, row.kind, row.row_id,
        [field for field in fields if field.before != field.after], row.payload is None,
    )  # fmt: skip


def _without_names(field: FieldChange, hide: Callable[[str], str]) -> FieldChange:
    if field.name in _NAMES:
        return FieldChange(field.name, field.before and HIDDEN, field.after and HIDDEN)
    return FieldChange(field.name, field.before and hide(field.before), field.after and hide(field.after))


def _with_names(connection: Connection, rows: list[Entry]) -> list[Entry]:
    """Replace the ids of users by their names."""
    changes = [field for row in rows for field in row.fields if field.name in _USERS]
    ids = {int(text) for field in changes for text in (field.before, field.after) if text}
    if not ids:
        return rows
    names = dict(connection.execute(select(User.id, User.name).where(User.id.in_(ids))).tuples().all())

    def named(field: FieldChange) -> FieldChange:
        if field.name not in _USERS:
            return field
        before, after = (text and names.get(int(text), text) for text in (field.before, field.after))
        return FieldChange(field.name.removesuffix("_id"), before, after)

    return [replace(row, fields=[named(field) for field in row.fields]) for row in rows]


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value in (None, "") else str(value)

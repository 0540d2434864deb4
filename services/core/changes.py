"""What a transaction changed: noted as it is stored, and appended to the journal at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import bindparam, event, insert, inspect, select, update
from sqlalchemy.orm import Session

from models import journal
from models.base import Part
from models.engagement import Engagement
from models.journal import ADDED, CHANGED, REMOVED, JournalEntry
from models.people import Actor
from models.prepared import Prepared

# What the journal doesn't cover: it would have to cover itself.
_UNJOURNALLED = {"engagement": {"revision", "head"}}

# Every write carries these out: built once, as building a statement costs as much as carrying it out.
_ENGAGEMENT, _JOURNAL = Engagement.__table__, JournalEntry.__table__
_NEWEST = Prepared(
    select(_ENGAGEMENT.c.revision, _ENGAGEMENT.c.head).where(_ENGAGEMENT.c.id == bindparam("of"))
)
_RAISE = Prepared(update(_ENGAGEMENT).where(_ENGAGEMENT.c.id == bindparam("of")), "revision", "head")
_APPEND = Prepared(
    insert(_JOURNAL), *(each.name for each in _JOURNAL.c if each.name not in ("id", "redacted"))
)


@dataclass
class Change:
    """A row that was added, changed or removed: only the fields that differ, as JSON holds them."""

    engagement_id: int
    change: str
    kind: str
    row_id: int
    before: dict[str, Any]
    after: dict[str, Any]


class Move(NamedTuple):
    """From the head `since`, an engagement came to this revision and its head."""

    since: str
    revision: int
    head: str


@dataclass
class Work:
    """What one transaction does, kept in `session.info["work"]`.

    `measured` are the metrics that measurements were added to: their batches are journalled, not their rows. `new` holds,
    of those of which it is known, the moments (datetime64 in UTC), if nothing counted at any of them before. `moves` are
    those of the engagements whose entries were appended, by id.
    """

    actor: Actor
    use_case: str
    opened: set[int] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)
    measured: set[int] = field(default_factory=set)
    new: dict[int, np.ndarray] = field(default_factory=dict)
    moves: dict[int, Move] = field(default_factory=dict)


@cache
def _insert_of(kind: type[Part]) -> Prepared:
    table = kind.__table__
    return Prepared(
        insert(table).returning(table.c.id), *(each.name for each in table.c if each.name != "id")
    )


def insert_part(session: Session, kind: type[Part], **fields: Any) -> int:
    """Store a new part with all its fields at once, and return its id: a flush of a session takes eight times as long."""
    session.flush()
    work: Work = session.info["work"]
    fields |= {"created_at": work.actor.at, "version": 1}
    (part_id,) = _insert_of(kind).row(session.connection(), **fields)
    after = {name: journal.as_json(value) for name, value in {"id": part_id, **fields}.items()}
    work.changes.append(Change(fields["engagement_id"], ADDED, kind.__tablename__, part_id, {}, after))
    _refuse_unopened(work)
    return part_id


@event.listens_for(Session, "before_flush")
def _stamp(session: Session, *_: Any) -> None:
    work = session.info.get("work")
    if work is None:
        return
    for row in session.new:
        if isinstance(row, Part | Engagement) and row.created_at is None:
            row.created_at = work.actor.at


@event.listens_for(Session, "after_flush")
def _note(session: Session, *_: Any) -> None:
    """Note what the flush changed, while each row still knows what it was before."""
    work = session.info.get("work")
    if work is None:
        return
    for row in session.new:
        if isinstance(row, Part | Engagement):
            work.changes.append(_change(row, ADDED, before={}, after=_fields(row)))
    for row in _in_order(session.dirty):
        if session.is_modified(row):
            before, after = _difference(row)
            work.changes.append(_change(row, CHANGED, before, after))
    for row in _in_order(session.deleted):
        work.changes.append(_change(row, REMOVED, before=_fields(row), after={}))
    _refuse_unopened(work)


def _in_order(rows: Iterable[Any]) -> list[Any]:
    """What is journalled of `rows`, by kind and id: a session holds them in the order of their addresses in memory."""
    journalled = [row for row in rows if isinstance(row, Part | Engagement)]
    return sorted(journalled, key=lambda row: (type(row).__tablename__, row.id))


def _refuse_unopened(work: Work) -> None:
    """A use case that changes what it didn't ask permission for is a bug, and doesn't commit."""
    for change in work.changes:
        founding = change.kind == "engagement" and change.change == ADDED
        if change.engagement_id not in work.opened and not founding:
            raise RuntimeError(
                f"{work.use_case} changed a {change.kind} of an engagement that it never opened"
            )


def _change(row: Any, change: str, before: dict[str, Any], after: dict[str, Any]) -> Change:
    engagement_id = row.id if isinstance(row, Engagement) else row.engagement_id
    return Change(engagement_id, change, type(row).__tablename__, row.id, before, after)


def _columns(row: Any) -> list[str]:
    kind = type(row).__tablename__
    return [name for name in type(row).__table__.columns.keys() if name not in _UNJOURNALLED.get(kind, ())]  # noqa: SIM118


def _fields(row: Any) -> dict[str, Any]:
    return {name: journal.as_json(getattr(row, name)) for name in _columns(row)}


def _difference(row: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    before: dict[str, Any] = {"version": row.version - 1}
    after: dict[str, Any] = {"version": row.version}
    for name in _columns(row):
        history = inspect(row).attrs[name].history
        if name != "version" and history.has_changes():
            before[name] = journal.as_json(history.deleted[0] if history.deleted else None)
            after[name] = journal.as_json(getattr(row, name))
    return before, after


def append_entries(session: Session, work: Work, engagement_id: int) -> None:
    """Append an entry per change, chained to the newest, and raise the revision to the last one's sequence."""
    changes = [change for change in work.changes if change.engagement_id == engagement_id]
    if not changes:
        return
    connection = session.connection()
    sequence, since = _NEWEST.row(connection, of=engagement_id)
    act, previous, entries = sequence + 1, since, []
    for change in changes:
        sequence += 1
        entry = _entry(work, change, act, sequence, previous)
        previous = entry["hash"]
        entries.append(entry)
    _APPEND.run(connection, *entries)
    _RAISE.run(connection, {"of": engagement_id, "revision": sequence, "head": previous})
    work.moves[engagement_id] = Move(since, sequence, previous)


def _entry(work: Work, change: Change, act: int, sequence: int, previous: str) -> dict[str, Any]:
    payload = journal.canonical({"before": change.before, "after": change.after})
    salt = journal.new_salt()
    entry = {
        "engagement_id": change.engagement_id,
        "sequence": sequence,
        "act": act,
        "at": work.actor.at,
        "actor": work.actor.name,
        "user_id": work.actor.user_id,
        "via": work.actor.via,
        "use_case": work.use_case,
        "change": change.change,
        "kind": change.kind,
        "row_id": change.row_id,
        "payload": payload,
        "salt": salt,
        "digest": journal.digest_of(payload, salt),
        "previous": previous,
    }
    return entry | {"hash": journal.hash_of(entry)}

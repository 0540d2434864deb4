"""The changes of a transaction: collected as rows are flushed, and appended to the journal at the end."""

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
from store.table_rows import table_of

# Columns that the journal leaves out: it would have to cover itself.
_UNJOURNALLED = {"engagement": {"revision", "head"}}

# Every write runs these: built once, as building a statement costs as much as running it.
_ENGAGEMENT, _JOURNAL = table_of(Engagement), table_of(JournalEntry)
_SELECT_HEAD = Prepared(
    select(_ENGAGEMENT.c.revision, _ENGAGEMENT.c.head).where(_ENGAGEMENT.c.id == bindparam("of"))
)
_UPDATE_HEAD = Prepared(update(_ENGAGEMENT).where(_ENGAGEMENT.c.id == bindparam("of")), "revision", "head")
_INSERT_ENTRY = Prepared(
    insert(_JOURNAL), *(column.name for column in _JOURNAL.c if column.name not in ("id", "redacted"))
)


@dataclass
class Change:
    """A row that was added, changed or removed, with the fields that differ as JSON values."""

    engagement_id: int
    change: str
    kind: str
    row_id: int
    before: dict[str, Any]
    after: dict[str, Any]


class HeadChange(NamedTuple):
    """An engagement's journal went from the head `since` to this revision and its head."""

    since: str
    revision: int
    head: str


@dataclass
class Work:
    """What one transaction has done so far, in `session.info["work"]`.

    `opened` are the ids of the engagements that it locked. `measured` are the ids of the metrics that measurements were
    added to: their batches are journalled, not their rows. `new` has the added moments (datetime64 in UTC) by metric,
    for metrics of which it is known that nothing counted at any of them before. `moves` are the head changes of the
    engagements whose entries were appended, by engagement.
    """

    actor: Actor
    use_case: str
    opened: set[int] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)
    measured: set[int] = field(default_factory=set)
    new: dict[int, np.ndarray] = field(default_factory=dict)
    moves: dict[int, HeadChange] = field(default_factory=dict)


@cache
def _insert_of(kind: type[Part]) -> Prepared:
    table = table_of(kind)
    return Prepared(
        insert(table).returning(table.c.id), *(column.name for column in table.c if column.name != "id")
    )


def insert_part(session: Session, kind: type[Part], **fields: Any) -> int:
    """Insert a row with all its fields, and return its id. It takes an eighth of the time that a flush would."""
    session.flush()
    work: Work = session.info["work"]
    fields |= {"created_at": work.actor.at, "version": 1}
    (row,) = _insert_of(kind).rows(session.connection(), **fields)
    part_id = int(row[0])
    after = {name: journal.as_json(value) for name, value in {"id": part_id, **fields}.items()}
    work.changes.append(Change(fields["engagement_id"], ADDED, kind.__tablename__, part_id, {}, after))
    _refuse_unopened(work)
    return part_id


@event.listens_for(Session, "before_flush")
def _set_created_at(session: Session, *_: Any) -> None:
    work = session.info.get("work")
    if work is None:
        return
    for row in session.new:
        if isinstance(row, Part | Engagement) and row.created_at is None:
            row.created_at = work.actor.at


@event.listens_for(Session, "after_flush")
def _collect_changes(session: Session, *_: Any) -> None:
    """Add what the flush changed to the work, while each row still has its earlier values."""
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
    """Return the journalled ones of `rows` by table and id: a session has them in the order of memory addresses."""
    journalled = [row for row in rows if isinstance(row, Part | Engagement)]
    return sorted(journalled, key=lambda row: (type(row).__tablename__, row.id))


def _refuse_unopened(work: Work) -> None:
    """Raise RuntimeError if an engagement was changed for which no permission was asked: a bug in the use case."""
    for change in work.changes:
        is_new_engagement = change.kind == "engagement" and change.change == ADDED
        if change.engagement_id not in work.opened and not is_new_engagement:
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
    """Append an entry for each change, chained to the newest, and set the revision to the last one's sequence."""
    changes = [change for change in work.changes if change.engagement_id == engagement_id]
    if not changes:
        return
    connection = session.connection()
    ((sequence, since),) = _SELECT_HEAD.rows(connection, of=engagement_id)
    act, previous, entries = sequence + 1, since, []
    for change in changes:
        sequence += 1
        entry = _entry(work, change, act, sequence, previous)
        previous = entry["hash"]
        entries.append(entry)
    _INSERT_ENTRY.run(connection, *entries)
    _UPDATE_HEAD.run(connection, {"of": engagement_id, "revision": sequence, "head": previous})
    work.moves[engagement_id] = HeadChange(since, sequence, previous)


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
        "digest": journal.payload_digest(payload, salt),
        "previous": previous,
    }
    return entry | {"hash": journal.entry_hash(entry)}

"""The single place where something is committed: one use case, one transaction, and its entries in the journal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import bindparam, delete, event, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from models import journal
from models.base import Part
from models.database import for_writing, one_connection
from models.engagement import Engagement, StoredSummary
from models.errors import AlreadyDone, Conflict, NotFound
from models.journal import ADDED, CHANGED, REMOVED, JournalEntry, Submission
from models.metrics import StoredReading
from models.people import Actor
from models.permissions import Action
from models.statements import Prepared
from models.summary import summarise
from reports import states
from reports.access import access
from reports.readings import readings
from services.baseline_ends import MOVING, keep_baseline_ends
from services.forecasts import log_forecasts

# What the journal doesn't cover: it would have to cover itself.
_UNJOURNALLED = {"engagement": {"revision", "head"}}
# A change of these moves what the measurements of any metric come to.
_MOVES_READINGS = {"engagement", "workflow", "measurement_batch"}

# Every write carries these out: built once, as building a statement costs as much as carrying it out.
_LOCKED = (
    select(Engagement)
    .where(Engagement.id == bindparam("engagement_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_ENGAGEMENT, _SUMMARY, _READING, _JOURNAL = (
    kind.__table__ for kind in (Engagement, StoredSummary, StoredReading, JournalEntry)
)
_NEWEST = Prepared(
    select(_ENGAGEMENT.c.revision, _ENGAGEMENT.c.head).where(_ENGAGEMENT.c.id == bindparam("of"))
)
_RAISE = Prepared(update(_ENGAGEMENT).where(_ENGAGEMENT.c.id == bindparam("of")), "revision", "head")
_APPEND = Prepared(
    insert(_JOURNAL), *(each.name for each in _JOURNAL.c if each.name not in ("id", "redacted"))
)
_FORGET_READINGS = Prepared(delete(_READING).where(_READING.c.metric_id == bindparam("moved")))
_STORE_READINGS = Prepared(insert(_READING), *(each.name for each in _READING.c))
_RENEW_SUMMARY = Prepared(
    update(_SUMMARY).where(_SUMMARY.c.engagement_id == bindparam("of")), "revision", "content"
)
_STORE_SUMMARY = Prepared(insert(_SUMMARY), *(each.name for each in _SUMMARY.c))


@dataclass
class Change:
    """A row that a flush added, changed or removed: only the fields that differ, as JSON holds them."""

    engagement_id: int
    change: str
    kind: str
    row_id: int
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass
class Work:
    """What one transaction does, kept in `session.info["work"]`.

    `measured` are the metrics that measurements were added to: their batches are journalled, not their rows. `new` holds,
    of those of which it is known, the moments (datetime64 in UTC), if nothing counted at any of them before.
    """

    actor: Actor
    use_case: str
    opened: set[int] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)
    measured: set[int] = field(default_factory=set)
    new: dict[int, np.ndarray] = field(default_factory=dict)


@contextmanager
def transaction(actor: Actor, use_case: str) -> Iterator[Session]:
    """A session in which everything happens or nothing does. `use_case` is what the journal says was done.

    On leaving it, each engagement that was opened gets a journal entry per changed row, its next revision, the readings
    that changed, and its summary, under a lock on its row. Raises Conflict where somebody else was faster, and
    AlreadyDone where the actor's submission was carried out before.
    """
    work = Work(actor, use_case)
    with Session(for_writing(), expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
        session.info["work"] = work
        try:
            _carry_out_once(session, actor)
            yield session
            session.flush()
            for engagement_id in sorted({one.engagement_id for one in work.changes if one.kind in MOVING}):
                keep_baseline_ends(session, engagement_id)
            for engagement_id in sorted(work.opened):
                _journal(session, work, engagement_id)
                # The outbox's place: a use case's domain events are appended here, before the commit.
                if (postponed := _postponed.get()) is None:
                    _refresh(session, work, engagement_id)
                else:
                    _postpone(postponed, work, engagement_id)
            session.commit()
        except StaleDataError as stale:
            raise Conflict(
                "Somebody else changed the same row at the same moment. Nothing of yours was saved: "
                "reload, look at their change, and save again."
            ) from stale
        except IntegrityError as clash:
            raise Conflict(
                "This is there already, or what it refers to was just removed. Nothing was saved: reload and look again."
            ) from clash


_postponed: ContextVar[dict[int, Work] | None] = ContextVar("postponed", default=None)


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Every transaction within is kept at the end, or none is. Readings and summaries are stored once, at the end.

    What reads those in between has to `catch_up` first.
    """
    with one_connection():
        token = _postponed.set({})
        try:
            yield
            catch_up()
        finally:
            _postponed.reset(token)


def catch_up() -> None:
    """Store the readings and summaries that were postponed so far."""
    postponed = _postponed.get() or {}
    with Session(for_writing(), join_transaction_mode="create_savepoint") as session:
        while postponed:
            engagement_id, work = postponed.popitem()
            _refresh(session, work, engagement_id)
        session.commit()


def _postpone(postponed: dict[int, Work], work: Work, engagement_id: int) -> None:
    so_far = postponed.setdefault(engagement_id, Work(work.actor, work.use_case))
    so_far.changes += work.changes
    so_far.measured |= work.measured


def opened(session: Session, slug: str, action: Action) -> Engagement:
    """The engagement `slug`, locked for this transaction, after asking whether its actor may do `action`.

    Raises NotFound to everybody who isn't a member, Forbidden to a member whose role doesn't allow it.
    """
    work: Work = session.info["work"]
    return opened_by_id(session, access(session.connection(), work.actor, slug, action).engagement_id)


def opened_by_id(session: Session, engagement_id: int) -> Engagement:
    """The engagement, locked for this transaction; the caller has seen to it that its actor may do what follows."""
    engagement = session.execute(_LOCKED, {"engagement_id": engagement_id}).scalar_one()
    session.info["work"].opened.add(engagement.id)
    return engagement


def founded(session: Session, engagement: Engagement) -> Engagement:
    """A new engagement, added to this transaction."""
    session.add(engagement)
    session.flush()
    session.info["work"].opened.add(engagement.id)
    return engagement


def part_of(session: Session, engagement: Engagement, kind: type, row_id: int):
    """A part of this engagement. Another engagement's doesn't exist."""
    row = session.get(kind, row_id)
    if row is None or row.engagement_id != engagement.id:
        raise NotFound(
            f"There is no such {kind.__tablename__.replace('_', ' ')} any more. Nothing was saved."
        )
    return row


def expect_version(
    session: Session, row: Part, seen: int | None, secret: Collection[str] = frozenset()
) -> None:
    """Refuse to overwrite what somebody else changed since `seen`, the version that was on screen.

    Raises Conflict with a sentence that shows what they changed; of the fields in `secret`, only that they did.
    None means that nobody looked (an import, an API).
    """
    if seen is None or row.version == seen:
        return
    kind = type(row).__tablename__
    entries = session.execute(
        select(JournalEntry)
        .where(
            JournalEntry.engagement_id == row.engagement_id,
            JournalEntry.kind == kind,
            JournalEntry.row_id == row.id,
        )
        .order_by(JournalEntry.sequence)
    ).scalars()
    changed = []
    for entry in entries:
        fields = entry.fields
        if entry.change == CHANGED and fields["after"]["version"] > seen:
            changed += [
                f"{entry.actor} changed {name.replace('_', ' ')}"
                + ("" if name in secret else f" from {_said(old)} to {_said(fields['after'][name])}")
                for name, old in fields["before"].items()
                if name != "version"
            ]
    raise Conflict(
        f"Since you opened it, {'; '.join(changed)}. Nothing of yours was saved: reload and save again."
    )


def _said(value: Any) -> str:
    return "nothing" if value in (None, "") else f"“{value}”"


def _carry_out_once(session: Session, actor: Actor) -> None:
    if actor.once is None:
        return
    session.add(Submission(name=actor.once, at=actor.at))
    try:
        session.flush()
    except IntegrityError as again:
        raise AlreadyDone("That was saved already; it wasn't done twice.") from again


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


def _journal(session: Session, work: Work, engagement_id: int) -> None:
    """Append an entry per change, chained to the newest, and raise the revision to the last one's sequence."""
    changes = [change for change in work.changes if change.engagement_id == engagement_id]
    if not changes:
        return
    connection = session.connection()
    sequence, previous = _NEWEST.row(connection, of=engagement_id)
    act, entries = sequence + 1, []
    for change in changes:
        sequence += 1
        entry = _entry(work, change, act, sequence, previous)
        previous = entry["hash"]
        entries.append(entry)
    _APPEND.run(connection, *entries)
    _RAISE.run(connection, {"of": engagement_id, "revision": sequence, "head": previous})


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


def _refresh(session: Session, work: Work, engagement_id: int) -> None:
    """Store the readings that may have changed, and the summary."""
    changes = [change for change in work.changes if change.engagement_id == engagement_id]
    if not changes:
        return
    connection = session.connection()
    engagement = states.load(connection, engagement_id)
    moved, counting = _moved(work, changes, engagement), states.counted(connection, engagement_id)
    if moved:
        new = work.new if moved == work.measured else {}
        found = readings(connection, engagement, counting, moved, new)
        _FORGET_READINGS.run(connection, *({"moved": metric_id} for metric_id in moved))
        for metric in engagement.metrics:
            if metric.id in moved:
                metric.reading = found.get(metric.id)
        rows = [
            {"metric_id": metric_id, "engagement_id": engagement_id, **asdict(reading)}
            for metric_id, reading in found.items()
        ]
        if rows:
            _STORE_READINGS.run(connection, *rows)
    summary = {"revision": engagement.revision, "content": summarise(engagement).to_json()}
    if not _RENEW_SUMMARY.run(connection, {"of": engagement_id, **summary}):
        _STORE_SUMMARY.run(connection, {"engagement_id": engagement_id, **summary})
    anew = _judged_anew(changes)
    if moved or anew:
        log_forecasts(connection, engagement, counting, moved, anew, work.actor.at)


def _judged_anew(changes: list[Change]) -> set[int]:
    """The metrics whose definition or phases changed."""
    defined = {change.row_id for change in changes if change.kind == "metric"}
    phases = [change.after or change.before for change in changes if change.kind == "metric_phase"]
    return defined | {phase["metric_id"] for phase in phases if "metric_id" in phase}


def _moved(work: Work, changes: list[Change], engagement: Engagement) -> set[int]:
    """The metrics whose measurements may come to something else now."""
    everything = {metric.id for metric in engagement.metrics}
    arrived = ("measurement_batch", ADDED)
    if any(change.kind in _MOVES_READINGS and (change.kind, change.change) != arrived for change in changes):
        return everything
    return work.measured & everything | {change.row_id for change in changes if change.kind == "metric"}

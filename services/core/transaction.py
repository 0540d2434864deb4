"""The single place that commits: one use case is one transaction, with its entries in the journal."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from models.base import Part
from models.database import engine, single_transaction, write_bind
from models.engagement import Engagement
from models.engagement_marks import DeletedEngagement, EngagementMark, Mark
from models.errors import AlreadyDone, Conflict, Invalid, NotFound
from models.journal import CHANGED, JournalEntry, Submission
from models.people import Actor
from models.permissions import READING, Action
from models.prepared import Prepared
from services.core import projections
from services.core.changes import Work, append_entries
from store import states
from store.access import access
from store.table_rows import table_of

# Every write runs these: built once, as building a statement costs as much as running it.
_IS_ENGAGEMENT = Engagement.id == bindparam("engagement_id")
_LOCK = Prepared(select(Engagement.id).where(_IS_ENGAGEMENT).with_for_update())
_SELECT_LOCKED = (
    select(Engagement).where(_IS_ENGAGEMENT).with_for_update().execution_options(populate_existing=True)
)
_MARK = table_of(EngagementMark)
_ARCHIVED = Prepared(
    select(_MARK.c.id).where(_MARK.c.engagement_id == bindparam("of"), _MARK.c.kind == Mark.ARCHIVED.value)
)

P = TypeVar("P", bound=Part)


@contextmanager
def transaction(actor: Actor, use_case: str) -> Iterator[Session]:
    """Open a session whose changes are all committed, or none are. `use_case` is its name in the journal.

    At the end each engagement that was opened gets a journal entry for each changed row, its next revision, and what
    is derived from its state (projections.py), under a lock on its row. Raises Conflict if somebody else changed the
    same row, and AlreadyDone if the actor's submission was done before.
    """
    work = Work(actor, use_case)
    with Session(write_bind(), expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
        session.info["work"] = work
        try:
            _refuse_repeated(session, actor)
            yield session
            session.flush()
            projections.complete(session, work)
            for engagement_id in sorted(work.opened):
                append_entries(session, work, engagement_id)
                # The outbox's place: a use case's domain events are appended here, before the commit.
                if (postponed := _postponed.get()) is None:
                    projections.derive(session, work, engagement_id)
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


def name_act(session: Session, use_case: str) -> None:
    """Give this transaction another name in the journal, where what it came to is known only at its end."""
    session.info["work"].use_case = use_case


@contextmanager
def unjournalled_transaction() -> Iterator[Session]:
    """Open a transaction on rows that belong to no engagement. It writes no journal, and needs no actor."""
    with Session(engine().execution_options(writes=True), expire_on_commit=False) as session, session.begin():
        yield session


_postponed: ContextVar[dict[int, Work] | None] = ContextVar("postponed", default=None)


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Commit all transactions within at the end, or none. Projections are stored once, at the end.

    Call `catch_up` before anything in between that reads aggregates or summaries.
    """
    with single_transaction():
        token = _postponed.set({})
        try:
            yield
            catch_up()
        finally:
            _postponed.reset(token)


def catch_up() -> None:
    """Store the projections that were postponed so far."""
    postponed = _postponed.get() or {}
    with Session(write_bind(), join_transaction_mode="create_savepoint") as session:
        while postponed:
            engagement_id, work = postponed.popitem()
            projections.derive(session, work, engagement_id)
        session.commit()


def _postpone(postponed: dict[int, Work], work: Work, engagement_id: int) -> None:
    total = postponed.setdefault(engagement_id, Work(work.actor, work.use_case))
    total.changes += work.changes
    total.measured |= work.measured


def open_engagement(session: Session, slug: str, action: Action) -> Engagement:
    """Return the engagement `slug`, locked for this transaction, if its actor may do `action`.

    Raises NotFound if they aren't a member, Forbidden if their role doesn't allow it, Invalid if it is archived.
    """
    work: Work = session.info["work"]
    granted = access(session.connection(), work.actor, slug, action)
    # It stays readable, and so what notes a reading, such as a download, goes on.
    load = _locked if action in READING else open_by_id
    return load(session, granted.engagement_id)


def open_to_append(session: Session, slug: str, action: Action) -> Engagement:
    """Like `open_engagement`, but faster, for use cases that only add rows.

    The engagement that is returned is in no session: a change of it isn't saved.
    """
    work: Work = session.info["work"]
    connection = session.connection()
    engagement_id = access(connection, work.actor, slug, action).engagement_id
    _refuse_archived(session, engagement_id)
    _LOCK.row(connection, engagement_id=engagement_id)
    work.opened.add(engagement_id)
    return states.load_row(connection, engagement_id)


def open_by_id(session: Session, engagement_id: int) -> Engagement:
    """Return the engagement, locked for this transaction. The caller has checked the actor's permission.

    Raises Invalid if it is archived.
    """
    _refuse_archived(session, engagement_id)
    return _locked(session, engagement_id)


def _locked(session: Session, engagement_id: int) -> Engagement:
    engagement = session.execute(_SELECT_LOCKED, {"engagement_id": engagement_id}).scalar_one()
    session.info["work"].opened.add(engagement.id)
    return engagement


def _refuse_archived(session: Session, engagement_id: int) -> None:
    if _ARCHIVED.row(session.connection(), of=engagement_id) is not None:
        raise Invalid(
            "This engagement is archived, so nothing in it can be changed. Nothing was saved. A lead can restore it "
            "under Settings."
        )


def add_engagement(session: Session, engagement: Engagement) -> Engagement:
    """Add a new engagement to this transaction, and return it with its id: never that of a deleted one."""
    if session.get_bind().dialect.name == "sqlite":
        # SQLite gives the highest id again once its row is gone; states are cached by it.
        known = [session.scalar(select(func.max(table.id))) or 0 for table in (Engagement, DeletedEngagement)]
        engagement.id = max(known) + 1
    session.add(engagement)
    session.flush()
    session.info["work"].opened.add(engagement.id)
    return engagement


def get_part(session: Session, engagement: Engagement, kind: type[P], row_id: int) -> P:
    """Return the row `row_id` of this engagement.

    Raises NotFound if it is missing or belongs to another engagement.
    """
    row = session.get(kind, row_id)
    if row is None or row.engagement_id != engagement.id:
        raise NotFound(
            f"There is no such {kind.__tablename__.replace('_', ' ')} any more. Nothing was saved."
        )
    return row


def expect_version(
    session: Session, row: Part | Engagement, seen: int | None, secret: Collection[str] = frozenset()
) -> None:
    """Raise Conflict if somebody else changed the row since `seen`, the version on screen; None: nothing was on screen.

    The sentence names each change with its old and new value; for the fields in `secret`, only that they changed.
    """
    if seen is None or row.version == seen:
        return
    engagement_id = row.id if isinstance(row, Engagement) else row.engagement_id
    entries = session.scalars(
        select(JournalEntry)
        .where(
            JournalEntry.engagement_id == engagement_id,
            JournalEntry.kind == type(row).__tablename__,
            JournalEntry.row_id == row.id,
        )
        .order_by(JournalEntry.sequence)
    )
    changes = [text for entry in entries for text in _describe_changes(entry, seen, secret)]
    raise Conflict(
        f"Since you opened it, {'; '.join(changes)}. Nothing of yours was saved: reload and save again."
    )


def _describe_changes(entry: JournalEntry, seen: int, secret: Collection[str]) -> list[str]:
    """Return a text for each field that the entry changed after the version `seen`."""
    fields = entry.fields
    if entry.change != CHANGED or fields["after"]["version"] <= seen:
        return []
    return [
        f"{entry.actor} changed {name.replace('_', ' ')}"
        + ("" if name in secret else f" from {_quoted(old)} to {_quoted(fields['after'][name])}")
        for name, old in fields["before"].items()
        if name != "version"
    ]


def _quoted(value: Any) -> str:
    return "nothing" if value in (None, "") else f"“{value}”"


def _refuse_repeated(session: Session, actor: Actor) -> None:
    """Raise AlreadyDone if the actor's submission was stored before; store it otherwise."""
    if actor.once is None:
        return
    session.add(Submission(name=actor.once, at=actor.at))
    try:
        session.flush()
    except IntegrityError as again:
        raise AlreadyDone("That was saved already; it wasn't done twice.") from again

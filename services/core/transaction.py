"""The single place where something is committed: one use case, one transaction, and its entries in the journal."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from models.base import Part
from models.database import for_writing, one_connection
from models.engagement import Engagement
from models.errors import AlreadyDone, Conflict, NotFound
from models.journal import CHANGED, JournalEntry, Submission
from models.people import Actor
from models.permissions import Action
from models.prepared import Prepared
from services.core import projections
from services.core.changes import Work, append_entries
from store import states
from store.access import access

# Every write carries these out: built once, as building a statement costs as much as carrying it out.
_THIS = Engagement.id == bindparam("engagement_id")
_LOCK = Prepared(select(Engagement.id).where(_THIS).with_for_update())
_LOCKED = select(Engagement).where(_THIS).with_for_update().execution_options(populate_existing=True)

P = TypeVar("P", bound=Part)


@contextmanager
def transaction(actor: Actor, use_case: str) -> Iterator[Session]:
    """A session in which everything happens or nothing does. `use_case` is what the journal says was done.

    On leaving it, each engagement that was opened gets a journal entry per changed row, its next revision, the aggregates
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


_postponed: ContextVar[dict[int, Work] | None] = ContextVar("postponed", default=None)


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Every transaction within is kept at the end, or none is. Aggregates and summaries are stored once, at the end.

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
    """Store the aggregates and summaries that were postponed so far."""
    postponed = _postponed.get() or {}
    with Session(for_writing(), join_transaction_mode="create_savepoint") as session:
        while postponed:
            engagement_id, work = postponed.popitem()
            projections.derive(session, work, engagement_id)
        session.commit()


def _postpone(postponed: dict[int, Work], work: Work, engagement_id: int) -> None:
    so_far = postponed.setdefault(engagement_id, Work(work.actor, work.use_case))
    so_far.changes += work.changes
    so_far.measured |= work.measured


def open_engagement(session: Session, slug: str, action: Action) -> Engagement:
    """The engagement `slug`, locked for this transaction, after asking whether its actor may do `action`.

    Raises NotFound to everybody who isn't a member, Forbidden to a member whose role doesn't allow it.
    """
    work: Work = session.info["work"]
    return open_by_id(session, access(session.connection(), work.actor, slug, action).engagement_id)


def open_to_append(session: Session, slug: str, action: Action) -> Engagement:
    """As `opened`, for what only adds to an engagement and is done with every request.

    No session knows the engagement that is returned, so that a change of it would be lost.
    """
    work: Work = session.info["work"]
    connection = session.connection()
    engagement_id = access(connection, work.actor, slug, action).engagement_id
    _LOCK.row(connection, engagement_id=engagement_id)
    work.opened.add(engagement_id)
    return states.load_row(connection, engagement_id)


def open_by_id(session: Session, engagement_id: int) -> Engagement:
    """The engagement, locked for this transaction; the caller has seen to it that its actor may do what follows."""
    engagement = session.execute(_LOCKED, {"engagement_id": engagement_id}).scalar_one()
    session.info["work"].opened.add(engagement.id)
    return engagement


def add_engagement(session: Session, engagement: Engagement) -> Engagement:
    """A new engagement, added to this transaction."""
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

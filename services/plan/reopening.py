"""Opening a closed cycle again, while nothing was built on the one after it."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.base import Part
from models.engagement import Engagement
from models.errors import Invalid
from models.journal import ADDED, JournalEntry
from models.people import Actor
from models.permissions import Action
from models.plan import Cycle, Milestone, Phase
from models.reopening import closed_last, what_was_built_on
from services.core.transaction import open_engagement, transaction
from services.plan.cycles import CLOSE
from store import states


def reopen_cycle(actor: Actor, slug: str) -> int:
    """Open the cycle that was closed last again. Returns its number.

    What closing it made is taken back: the milestones that it carried on, and the next cycle unless that was planned
    before. Raises Invalid if no cycle is closed, or something was built on the next one: a review, a claim, a waiver,
    evidence, or a change of its plan.
    """
    with transaction(actor, "open the cycle again") as session:
        engagement = open_engagement(session, slug, Action.PLAN)
        state = states.load(session.connection(), engagement.id)
        closed = closed_last(state)
        if closed is None:
            raise Invalid("No cycle of this engagement is closed. Nothing was changed.")
        closing = _closing(session, state, closed)
        built = what_was_built_on(state, closed) or _changed_since(session, state, closed, closing)
        if built:
            raise Invalid(
                f"Cycle {closed.number} can't be opened again: {built} in cycle {closed.number + 1}, which builds on its "
                "end. Nothing was changed."
            )
        session.get_one(Cycle, closed.id).closed_on = None
        _take_back(session, state, closed, closing)
        return closed.number


def _closing(session: Session, state: Engagement, closed: Cycle) -> JournalEntry:
    """Return the journal's entry of the cycle's last close. What else that made has the same `act`."""
    entries = _entries(state.id, Cycle, [closed.id]).where(JournalEntry.use_case == CLOSE)
    return session.scalars(entries.order_by(JournalEntry.sequence.desc()).limit(1)).one()


def _take_back(session: Session, state: Engagement, closed: Cycle, closing: JournalEntry) -> None:
    """Remove what closing the cycle added, the newest kind of rows first, and the links that it set."""
    own = {milestone.id for milestone in closed.milestones}
    for later in (cycle for cycle in state.cycles if cycle.number == closed.number + 1):
        for row in later.milestones:
            if row.carried_from_id in own:
                session.get_one(Milestone, row.id).carried_from_id = None
        kinds: list[tuple[type[Part], list[int]]] = [
            (Milestone, [row.id for row in later.milestones]),
            (Phase, [row.id for row in later.phases]),
            (Cycle, [later.id]),
        ]
        session.flush()
        for kind, ids in kinds:
            for row_id in sorted(_added_by(closing, session, kind, ids)):
                session.delete(session.get_one(kind, row_id))
            session.flush()


def _added_by(closing: JournalEntry, session: Session, kind: type[Part], ids: list[int]) -> set[int]:
    # By its act: SQLite gives the ids of removed rows to new ones.
    added = _entries(closing.engagement_id, kind, ids).where(
        JournalEntry.change == ADDED, JournalEntry.act == closing.act
    )
    return {entry.row_id for entry in session.scalars(added)}


def _changed_since(session: Session, state: Engagement, closed: Cycle, closing: JournalEntry) -> str:
    """Return what somebody changed in the plan of the next cycle since the close; "" if nothing."""
    for later in (cycle for cycle in state.cycles if cycle.number == closed.number + 1):
        ids = [milestone.id for milestone in later.milestones]
        for kind, rows in ((Milestone, ids), (Cycle, [later.id])):
            since = _entries(state.id, kind, rows).where(
                JournalEntry.sequence > closing.sequence, JournalEntry.act != closing.act
            )
            if session.scalars(since.limit(1)).first() is not None:
                return "the plan was changed"
    return ""


def _entries(engagement_id: int, kind: type[Part], ids: list[int]) -> Select[JournalEntry]:
    return select(JournalEntry).where(
        JournalEntry.engagement_id == engagement_id,
        JournalEntry.kind == kind.__tablename__,
        JournalEntry.row_id.in_(ids),
    )

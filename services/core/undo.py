"""Undo: a person takes back their own grid save, removal or decision, for some minutes. The journal is its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.errors import Invalid
from models.journal import JournalEntry
from models.people import Actor
from models.permissions import Action
from models.wording import day_month
from services.core.reversal import reverse_act
from services.core.transaction import open_engagement, transaction
from services.core.undoable import UNDOABLE
from store.access import access

WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class RecentAct:
    """Something that a person did and may still take back, until `until`. `act` names it in the journal."""

    act: int
    use_case: str
    at: datetime

    @property
    def until(self) -> datetime:
        return self.at + WITHIN


def last_act(actor: Actor, slug: str) -> RecentAct | None:
    """Return the last thing that the actor did in the engagement, if it can be undone and is recent enough."""
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.READ)
        own = (
            select(JournalEntry.act, JournalEntry.use_case, JournalEntry.at)
            .where(
                JournalEntry.engagement_id == engagement.engagement_id,
                JournalEntry.user_id == actor.user_id,
                JournalEntry.at >= actor.at - WITHIN,
            )
            .order_by(JournalEntry.sequence.desc())
        )
        row = connection.execute(own.limit(1)).one_or_none()
    return RecentAct(*row) if row is not None and row.use_case in UNDOABLE else None


def undo(actor: Actor, slug: str, act: int) -> None:
    """Take back an act of the actor's own from the last minutes: rows are again as they were before it.

    Raises Invalid for any other act or one too long ago, Conflict where somebody changed one of its records since or
    something was built on it; the sentence names what.
    """
    with transaction(actor, "undo a change") as session:
        engagement = open_engagement(session, slug, Action.READ)
        entries = _entries(session, engagement.id, act)
        if not entries or entries[0].use_case not in UNDOABLE or entries[0].user_id != actor.user_id:
            raise Invalid("There is no such change of yours that could be undone. Nothing was changed.")
        open_engagement(session, slug, UNDOABLE[entries[0].use_case])
        if actor.at - entries[0].at > WITHIN:
            minutes = int(WITHIN.total_seconds() // 60)
            raise Invalid(
                f"That was on {day_month(engagement.date_of(entries[0].at))}, more than {minutes} minutes ago. Nothing "
                "was changed: correct it by hand."
            )
        if any(entry.payload is None for entry in entries):
            raise Invalid("What was changed was erased since, so it can't be undone. Nothing was changed.")
        reverse_act(session, engagement, entries, "Your change")


def _entries(session: Session, engagement_id: int, act: int) -> list[JournalEntry]:
    query = select(JournalEntry).where(JournalEntry.engagement_id == engagement_id, JournalEntry.act == act)
    return list(session.scalars(query.order_by(JournalEntry.sequence)))

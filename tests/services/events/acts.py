"""Many acts in little time: with the product's own lock and chain, without what a use case computes besides."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import write_bind
from models.engagement import Engagement
from models.journal import ADDED
from models.people import Actor
from services.core.changes import Change, Work, append_entries
from tests.builders import noon


def journal_acts(slug: str, count: int = 1, actor: Actor | None = None, *, rolled_back: bool = False) -> None:
    """Append acts of one entry each to the journal of an engagement, and commit them together or not at all."""
    actor = actor or Actor("Mei Tan", noon(2), "test")
    with Session(write_bind()) as session:
        locked = select(Engagement.id).where(Engagement.slug == slug).with_for_update()
        engagement_id = session.scalars(locked).one()
        for number in range(count):
            work = Work(actor, "ask for a decision", {engagement_id})
            change = Change(engagement_id, ADDED, "decision", number + 1, {}, {"title": f"Decide {number}"})
            work.changes.append(change)
            append_entries(session, work, engagement_id)
        session.rollback() if rolled_back else session.commit()

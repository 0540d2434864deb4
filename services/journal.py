"""Checking the journal."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from models.database import reading
from models.engagement import Engagement
from models.journal import JournalEntry, first_break
from models.people import Actor
from models.permissions import Action
from reports.access import access


@dataclass(frozen=True)
class Verdict:
    """One engagement's journal: how many entries it has, and the first thing that is wrong with it, if any is."""

    slug: str
    entries: int
    sequence: int | None
    problem: str | None


def verify(actor: Actor, slug: str | None = None) -> list[Verdict]:
    """Check the chain of one engagement's journal, or of all that an operator can see.

    It finds entries that were altered, removed or moved. It can't tell that the newest entries are missing together
    with the engagement's own count of them: for that, compare with a revision that was noted elsewhere.
    """
    with reading() as connection:
        query = select(Engagement.id, Engagement.slug, Engagement.revision, Engagement.head).order_by(
            Engagement.slug
        )
        if slug is not None:
            query = query.where(
                Engagement.id == access(connection, actor, slug, Action.READ_JOURNAL).engagement_id
            )
        elif not actor.operator:
            raise ValueError("only an operator checks every journal")
        found = []
        for engagement_id, its_slug, revision, head in connection.execute(query).all():
            entries = connection.execute(
                select(JournalEntry.__table__)
                .where(JournalEntry.engagement_id == engagement_id)
                .order_by(JournalEntry.sequence)
            ).mappings()
            broken = first_break(entries, head, revision)
            found.append(Verdict(its_slug, revision, broken and broken.sequence, broken and broken.what))
    return found

"""Which revision an engagement had: at the end of a date, or under a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.database import read_connection
from models.errors import NotFound
from models.journal import JournalEntry
from models.people import Actor
from models.permissions import Action
from models.wording import day_month
from store.access import access


@dataclass(frozen=True)
class EarlierState:
    """An earlier moment of an engagement: its revision then, and the date that it was."""

    revision: int
    on: date


def on_date(actor: Actor, slug: str, on: date) -> EarlierState:
    """Return the revision of the engagement at the end of `on`. Raise NotFound if nothing was recorded by then."""
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.READ)
        if on >= (today := actor.today(engagement.zone)):
            return EarlierState(engagement.revision, today)
        end = datetime.combine(on + timedelta(days=1), time(), ZoneInfo(engagement.zone))
        # From the newest entry back to the first that is early enough: a maximum would look at all of them.
        query = (
            select(JournalEntry.sequence)
            .where(JournalEntry.engagement_id == engagement.engagement_id, JournalEntry.at < end)
            .order_by(JournalEntry.sequence.desc())
            .limit(1)
        )
        revision = connection.execute(query).scalar()
    if revision is None:
        raise NotFound(f"Nothing was recorded by {day_month(on)} {on.year}: the engagement was opened later.")
    return EarlierState(revision, on)


def at_revision(actor: Actor, slug: str, revision: int) -> EarlierState:
    """Return the date of that revision. Raise NotFound if the engagement never had it."""
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.READ)
        query = select(JournalEntry.at).where(
            JournalEntry.engagement_id == engagement.engagement_id, JournalEntry.sequence == revision
        )
        at = connection.execute(query).scalar_one_or_none()
    if at is None:
        raise NotFound(
            f"There is no revision {revision}: this engagement is at revision {engagement.revision}."
        )
    return EarlierState(revision, at.astimezone(ZoneInfo(engagement.zone)).date())

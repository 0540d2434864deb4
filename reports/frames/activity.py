"""What changed: the journal, told as acts of people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from models.database import reading
from models.errors import NotFound
from models.journal import JournalEntry
from models.people import Actor
from models.permissions import Action
from models.wording import count, day_month, join_list, nouns
from store.access import access

MAX_ACTS = 200


@dataclass(frozen=True)
class Act:
    """One use case of one person: when, what it was called, and how many rows of which kind it touched.

    `times` is how often that person did it in a row, of which this is the newest.
    """

    sequence: int
    at: datetime
    actor: str
    use_case: str
    touched: str
    times: int = 1


def acts_since(
    actor: Actor, slug: str, since: datetime, most: int = MAX_ACTS, up_to: int | None = None
) -> list[Act]:
    """The acts from `since` on, up to the revision `up_to` (None: the newest), newest first."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ_JOURNAL)
        rows = connection.execute(
            select(
                JournalEntry.act,
                func.min(JournalEntry.at),
                func.min(JournalEntry.actor),
                func.min(JournalEntry.use_case),
                JournalEntry.kind,
                JournalEntry.change,
                func.count(),
            )
            .where(
                JournalEntry.engagement_id == found.engagement_id,
                JournalEntry.at >= since,
                JournalEntry.sequence <= (found.revision if up_to is None else up_to),
            )
            .group_by(JournalEntry.act, JournalEntry.kind, JournalEntry.change)
            .order_by(JournalEntry.act.desc())
        ).all()
    acts: dict[int, Act] = {}
    touched: dict[int, list[str]] = {}
    for act, at, who, use_case, kind, change, number in rows:
        if act not in acts and len(acts) == most:
            break
        acts.setdefault(act, Act(act, at, who, use_case, ""))
        touched.setdefault(act, []).append(f"{count(number, *nouns(kind))} {change}")
    return _in_a_row([replace(act, touched=join_list(touched[act.sequence])) for act in acts.values()])


def _in_a_row(acts: list[Act]) -> list[Act]:
    """The same done by the same person several times in a row on one day, as one."""
    told: list[Act] = []
    for act in acts:
        last = told[-1] if told else None
        if last and (last.actor, last.use_case, last.at.date()) == (act.actor, act.use_case, act.at.date()):
            told[-1] = replace(last, times=last.times + 1)
        else:
            told.append(act)
    return told


@dataclass(frozen=True)
class EarlierState:
    """An earlier moment of an engagement: its revision then, and the date that it was."""

    revision: int
    on: date


def on_date(actor: Actor, slug: str, on: date) -> EarlierState:
    """The engagement as it was known at the end of `on`. Raises NotFound where nothing was recorded by then."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ)
        if on >= (today := actor.today(found.zone)):
            return EarlierState(found.revision, today)
        end = datetime.combine(on + timedelta(days=1), time(), ZoneInfo(found.zone))
        query = select(func.max(JournalEntry.sequence)).where(
            JournalEntry.engagement_id == found.engagement_id, JournalEntry.at < end
        )
        revision = connection.execute(query).scalar_one()
    if revision is None:
        raise NotFound(f"Nothing was recorded by {day_month(on)} {on.year}: the engagement was opened later.")
    return EarlierState(revision, on)


def at_revision(actor: Actor, slug: str, revision: int) -> EarlierState:
    """The engagement at a revision, on the date of that change. Raises NotFound where it never had that revision."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ)
        query = select(JournalEntry.at).where(
            JournalEntry.engagement_id == found.engagement_id, JournalEntry.sequence == revision
        )
        at = connection.execute(query).scalar_one_or_none()
    if at is None:
        raise NotFound(f"There is no revision {revision}: this engagement is at revision {found.revision}.")
    return EarlierState(revision, at.astimezone(ZoneInfo(found.zone)).date())

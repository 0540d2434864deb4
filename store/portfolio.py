"""The engagements that somebody may see, at which revisions, and their stored summaries."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, String, cast, func, select

from models.database import read_connection
from models.engagement import Engagement, StoredSummary
from models.engagement_marks import EngagementMark, Mark
from models.people import Actor, Member, User
from models.review import Review
from models.summary import Summary
from store.access import signed_in

# How many summaries are fetched at once: as many ids as any database takes in one IN.
_FETCHED_AT_ONCE = 500
CACHED_PORTFOLIOS = 32


class EngagementKey(NamedTuple):
    """An engagement at its newest revision, and what day it is there."""

    engagement_id: int
    revision: int
    on: date


@dataclass(frozen=True)
class VisibleEngagements:
    """The engagements that somebody may see, in order of their ids, in the database at `url`."""

    url: str
    keys: tuple[EngagementKey, ...]


class SummaryAt(NamedTuple):
    """A stored summary and the revision that it is of."""

    engagement_id: int
    revision: int
    summary: Summary


_cached: OrderedDict[tuple[str, str, datetime], tuple[EngagementKey, ...]] = OrderedDict()
_lock = threading.Lock()


def visible_engagements(actor: Actor) -> VisibleEngagements:
    """Return the engagements that `actor` is a member of (all, for an operator), with their revisions and days."""
    with read_connection() as connection:
        query = _visible(actor)
        url = str(connection.engine.url)
        key = (url, _revisions(connection, query), _quarter(actor.at))
        with _lock:
            keys = _cached.get(key)
        if keys is None:
            keys = _read(connection, query, actor)
            with _lock:
                _cached[key] = keys
                while len(_cached) > CACHED_PORTFOLIOS:
                    _cached.popitem(last=False)
    return VisibleEngagements(url, keys)


def is_archived() -> ColumnElement[bool]:
    """Return the condition that an engagement of the query is archived."""
    # Few are: read once, and not asked for each of ten thousand.
    archived = select(EngagementMark.engagement_id).where(EngagementMark.kind == Mark.ARCHIVED)
    return Engagement.id.in_(archived)


def _visible(actor: Actor) -> Select[int, int, str]:
    query = select(Engagement.id, Engagement.revision, Engagement.zone).where(~is_archived())
    if actor.operator:
        return query
    return (
        query.join(Member, Member.engagement_id == Engagement.id)
        .join(User, User.id == Member.user_id)
        .where(Member.user_id == actor.user_id, User.disabled.is_(False), *signed_in(actor))
    )


def _revisions(connection: Connection, query: Select[int, int, str]) -> str:
    """Return which engagements there are at which revisions, as one text.

    Fetching ten thousand rows would take longer than everything else that is asked here.
    """
    each = query.subquery()
    one = cast(each.c.id, String) + ":" + cast(each.c.revision, String)
    return connection.scalar(select(func.aggregate_strings(one, ","))) or ""


def _quarter(at: datetime) -> datetime:
    """Return the quarter of an hour that the moment lies in. No zone's day begins within one."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def _read(connection: Connection, query: Select[int, int, str], actor: Actor) -> tuple[EngagementKey, ...]:
    rows: list[tuple[int, int, str]] = [(*row,) for row in connection.execute(query.order_by(Engagement.id))]
    days = {zone: actor.today(zone) for zone in {zone for _, _, zone in rows}}
    return tuple(EngagementKey(engagement_id, revision, days[zone]) for engagement_id, revision, zone in rows)


def summaries(engagement_ids: Sequence[int]) -> Iterator[SummaryAt]:
    """Yield the stored summaries of these engagements, which the caller has from `visible_engagements`."""
    if not engagement_ids:
        return
    with read_connection() as connection:
        for start in range(0, len(engagement_ids), _FETCHED_AT_ONCE):
            query = select(StoredSummary.engagement_id, StoredSummary.revision, StoredSummary.content).where(
                StoredSummary.engagement_id.in_(engagement_ids[start : start + _FETCHED_AT_ONCE])
            )
            for engagement_id, revision, content in connection.execute(query):
                yield SummaryAt(engagement_id, revision, Summary.from_json(content))


def last_reviews(engagement_ids: Sequence[int], on: date) -> dict[int, date]:
    """Return the date of the newest frozen week up to `on` by engagement; the caller has the ids as for `summaries`."""
    if not engagement_ids:
        return {}
    table = Review.__table__.c
    query = select(table.engagement_id, func.max(table.reviewed_on)).where(table.reviewed_on <= on)
    wanted = set(engagement_ids)
    with read_connection() as connection:
        if len(wanted) <= _FETCHED_AT_ONCE:
            query = query.where(table.engagement_id.in_(wanted))
        rows = connection.execute(query.group_by(table.engagement_id))
        return {engagement_id: newest for engagement_id, newest in rows if engagement_id in wanted}

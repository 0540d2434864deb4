"""All engagements that somebody may see, judged by the same rules as each one's own page.

The stored summaries are judged once a revision and day, and kept: a change in one engagement judges that one again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import pandas as pd
from sqlalchemy import String, cast, func, select

from models.database import reading
from models.engagement import Engagement, StoredSummary
from models.health import health_from
from models.milestones import MilestoneState, MilestoneStatus, milestone_statuses
from models.outcomes import outcomes
from models.people import Actor, Member, User
from models.status import WORST_FIRST, Status
from models.summary import Summary
from models.wording import day_month
from store.access import signed_in

WEEKS = 13
# How many summaries are fetched at once: as many ids as any database takes in one IN.
_FETCHED_AT_ONCE = 500
KEPT = 32
_wanted: OrderedDict[tuple[str, str, datetime], tuple[tuple[int, int, date], ...]] = OrderedDict()
_judged: dict[tuple[str, int], tuple[int, date, Judged]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Judged:
    """One engagement in the portfolio.

    `where` is its day in words, such as "Day 47 of 90"; `done_by_week` counts the milestones done by the end of
    each week so far.
    """

    slug: str
    name: str
    client: str
    sector: str
    region: str
    lead: str
    status: Status
    reason: str
    day: int
    where: str
    closed: bool
    done: int
    milestones: int
    done_by_week: tuple[int, ...]
    next_milestone: str


def portfolio(actor: Actor) -> pd.DataFrame:
    """The engagements that `actor` is a member of (all, for an operator), worst first. Don't change the frame."""
    with reading() as connection:
        query = select(Engagement.id, Engagement.revision, Engagement.zone)
        if not actor.operator:
            query = (
                query.join(Member, Member.engagement_id == Engagement.id)
                .join(User, User.id == Member.user_id)
                .where(Member.user_id == actor.user_id, User.disabled.is_(False), *signed_in(actor))
            )
        url = str(connection.engine.url)
        key = (url, _states(connection, query), _quarter(actor.at))
        with _lock:
            wanted = _wanted.get(key)
        if wanted is None:
            wanted = _read(connection, query, actor, url)
            with _lock:
                _wanted[key] = wanted
                while len(_wanted) > KEPT:
                    _wanted.popitem(last=False)
    return _framed(url, wanted)


def _states(connection, query) -> str:
    """Which engagements there are and at which revisions, as one text: ten thousand rows would take longer to fetch
    than all else that is asked here."""
    each = query.subquery()
    one = cast(each.c.id, String) + ":" + cast(each.c.revision, String)
    return connection.scalar(select(func.aggregate_strings(one, ","))) or ""


def _quarter(at: datetime) -> datetime:
    """The quarter of an hour that the moment lies in. No zone's day begins within one."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def _read(connection, query, actor: Actor, url: str) -> tuple[tuple[int, int, date], ...]:
    found = [tuple(row) for row in connection.execute(query.order_by(Engagement.id))]
    days = {zone: actor.today(zone) for zone in {zone for _, _, zone in found}}
    wanted = tuple((engagement_id, revision, days[zone]) for engagement_id, revision, zone in found)
    _judge_missing(connection, url, wanted)
    return wanted


def _judge_missing(connection, url: str, wanted: tuple[tuple[int, int, date], ...]) -> None:
    missing = {
        engagement_id: on
        for engagement_id, revision, on in wanted
        if (kept := _judged.get((url, engagement_id))) is None or kept[:2] != (revision, on)
    }
    ids = list(missing)
    for start in range(0, len(ids), _FETCHED_AT_ONCE):
        query = select(StoredSummary.engagement_id, StoredSummary.revision, StoredSummary.content).where(
            StoredSummary.engagement_id.in_(ids[start : start + _FETCHED_AT_ONCE])
        )
        for engagement_id, revision, content in connection.execute(query):
            on = missing[engagement_id]
            judged = judge(Summary.from_json(content), on)
            with _lock:
                _judged[url, engagement_id] = (revision, on, judged)


def judge(summary: Summary, on: date) -> Judged:
    """One engagement as the portfolio shows it."""
    plan = milestone_statuses(summary, on)
    health = health_from(summary, plan, outcomes(summary, on), on)
    done = [row for row in plan if row.state is MilestoneState.DONE]
    return Judged(
        slug=summary.slug,
        name=summary.name,
        client=summary.client,
        sector=summary.sector,
        region=summary.region,
        lead=summary.lead,
        status=health.status,
        reason=health.reason,
        day=summary.day(on),
        where=summary.day_text(on),
        closed=summary.closed_on is not None,
        done=len(done),
        milestones=len(plan),
        done_by_week=_done_by_week(summary, done, on),
        next_milestone=_next(plan, on),
    )


def _done_by_week(summary: Summary, done: list[MilestoneStatus], on: date) -> tuple[int, ...]:
    """How many milestones were done by the end of each week of the cycle, up to this week."""
    weeks = min(max((summary.day(on) + 6) // 7, 1), WEEKS)
    ends = [summary.day_1 + timedelta(days=7 * week - 1) for week in range(1, weeks + 1)]
    return tuple(sum(row.ends_on is not None and row.ends_on <= end for row in done) for end in ends)


def _next(plan: list[MilestoneStatus], on: date) -> str:
    coming = [row.milestone for row in plan if row.is_open and row.milestone.due_on >= on]
    if not coming:
        return ""
    milestone = min(coming, key=lambda milestone: milestone.due_on)
    return f"{milestone.name}, {day_month(milestone.due_on)}"


@lru_cache(maxsize=KEPT)
def _framed(url: str, wanted: tuple[tuple[int, int, date], ...]) -> pd.DataFrame:
    """The judged engagements as a frame, worst first; then the one that is furthest in its cycle."""
    judged = [
        _judged[url, engagement_id][2] for engagement_id, _, _ in wanted if (url, engagement_id) in _judged
    ]
    judged.sort(key=lambda row: (WORST_FIRST.index(row.status), row.closed, -row.day, row.name))
    return pd.DataFrame([vars(row) for row in judged], columns=list(Judged.__dataclass_fields__))

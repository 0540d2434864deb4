"""The portfolio: all engagements that somebody may see, judged by the same rules as each one's own page.

Each stored summary is judged once a revision and day and cached: a change in one engagement judges only that one again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from analysis.coupling import name_key
from models.health import health_from
from models.milestones import MilestoneState, MilestoneStatus, milestone_statuses
from models.outcomes import outcomes
from models.people import Actor
from models.review import WEEK_DAYS
from models.status import WORST_FIRST, Status
from models.summary import Summary, ToolFacts
from models.wording import day_month
from store.portfolio import CACHED_PORTFOLIOS, EngagementKey, last_reviews, summaries, visible_engagements

WEEKS = 13
CACHED_DATES = 8
"""Portfolios of earlier dates that are kept: a frame of ten thousand rows each."""


@dataclass(frozen=True)
class EngagementRow:
    """One engagement in the portfolio.

    `where` is its day in words, such as "Day 47 of 90"; `done_by_week` counts the milestones done by the end of
    each week so far. `better` counts the metrics that are better than their baseline, `newly_done` names the milestones
    done in the last seven days, `reviewed_on` is the date of its newest frozen week and `on` the date it is judged on.
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
    tools: tuple[ToolFacts, ...] = ()
    better: int = 0
    metrics: int = 0
    newly_done: tuple[str, ...] = ()
    next_due: date | None = None
    reviewed_on: date | None = None
    on: date | None = None


class JudgedAt(NamedTuple):
    """An engagement as it was judged at a revision on a day."""

    key: EngagementKey
    row: EngagementRow


# By database and engagement.
_cached_rows: dict[tuple[str, int], JudgedAt] = {}


def portfolio(actor: Actor, on: date | None = None) -> pd.DataFrame:
    """Return the engagements that `actor` may see, worst first. Don't change the frame.

    With `on`, those that had begun by that date, judged on it by what is known today: evidence counts by its own date.
    Columns: those of `EngagementRow`.
    """
    visible = visible_engagements(actor)
    if on is None:
        return _framed(visible.url, visible.keys)
    return _framed_on(visible.url, visible.keys, on)


@lru_cache(maxsize=CACHED_DATES)
def _framed_on(url: str, keys: tuple[EngagementKey, ...], on: date) -> pd.DataFrame:
    """Return the engagements as judged on an earlier date. `url` and `keys` say of which revisions."""
    reviewed = last_reviews([key.engagement_id for key in keys], on)
    rows = [
        judge(summary, on, reviewed.get(engagement_id))
        for engagement_id, _, summary in summaries([key.engagement_id for key in keys])
        if on >= summary.day_1
    ]
    return _ordered(rows)


@lru_cache(maxsize=CACHED_PORTFOLIOS)
def _framed(url: str, keys: tuple[EngagementKey, ...]) -> pd.DataFrame:
    """Return the judged engagements, worst first; then the one that is furthest in its cycle."""
    _judge_missing(url, keys)
    rows = [
        _cached_rows[url, key.engagement_id].row for key in keys if (url, key.engagement_id) in _cached_rows
    ]
    return _ordered(rows)


def _ordered(rows: list[EngagementRow]) -> pd.DataFrame:
    rows.sort(key=lambda row: (WORST_FIRST.index(row.status), row.closed, -row.day, name_key(row.name)))
    return pd.DataFrame([vars(row) for row in rows], columns=[field.name for field in fields(EngagementRow)])


def _judge_missing(url: str, keys: tuple[EngagementKey, ...]) -> None:
    """Judge the engagements that have another revision or day than when they were judged last."""
    missing = {key.engagement_id: key.on for key in keys if not _is_current(url, key)}
    reviewed = last_reviews(list(missing), max(missing.values(), default=date.min))
    for engagement_id, revision, summary in summaries(list(missing)):
        on = missing[engagement_id]
        # Of the revision that was read: a newer one is judged again when its own key is asked for.
        _cached_rows[url, engagement_id] = JudgedAt(
            EngagementKey(engagement_id, revision, on), judge(summary, on, reviewed.get(engagement_id))
        )


def _is_current(url: str, key: EngagementKey) -> bool:
    cached = _cached_rows.get((url, key.engagement_id))
    return cached is not None and cached.key == key


def judge(summary: Summary, on: date, reviewed_on: date | None = None) -> EngagementRow:
    """Return one engagement as the portfolio shows it."""
    plan, measured = milestone_statuses(summary, on), outcomes(summary, on)
    health = health_from(summary, plan, measured, on)
    before = on - timedelta(days=WEEK_DAYS)
    done = [row for row in plan if row.state is MilestoneState.DONE]
    return EngagementRow(
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
        tools=tuple(summary.tools),
        better=sum((row.progress or 0) > 0 for row in measured),
        metrics=len(measured),
        newly_done=tuple(
            row.milestone.name for row in done if row.ends_on is not None and before < row.ends_on <= on
        ),
        next_due=_next_due(plan, on),
        reviewed_on=reviewed_on,
        on=on,
    )


def _done_by_week(summary: Summary, done: list[MilestoneStatus], on: date) -> tuple[int, ...]:
    """Return how many milestones were done by the end of each week of the cycle, up to this week."""
    weeks = min(max((summary.day(on) + 6) // 7, 1), WEEKS)
    ends = [summary.day_1 + timedelta(days=7 * week - 1) for week in range(1, weeks + 1)]
    return tuple(sum(row.ends_on is not None and row.ends_on <= end for row in done) for end in ends)


def _next_due(plan: list[MilestoneStatus], on: date) -> date | None:
    return min(
        (row.milestone.due_on for row in plan if row.is_open and row.milestone.due_on >= on), default=None
    )


def _next(plan: list[MilestoneStatus], on: date) -> str:
    coming = [row.milestone for row in plan if row.is_open and row.milestone.due_on >= on]
    if not coming:
        return ""
    milestone = min(coming, key=lambda milestone: milestone.due_on)
    return f"{milestone.name}, {day_month(milestone.due_on)}"

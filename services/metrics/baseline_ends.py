"""The last day of a baseline for which nobody gave one: the day before something first affected its metric."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.metrics import CHANGES_REQUESTED, Metric, MetricPhase, SignOff
from models.workflows import Workflow
from services.core.changes import Work

_AFFECTING = {Workflow.__tablename__, MetricPhase.__tablename__}


def set_baseline_ends(session: Session, work: Work) -> None:
    """Set the end of each metric's baseline in every engagement whose workflows or phases changed."""
    for engagement_id in sorted(
        {change.engagement_id for change in work.changes if change.kind in _AFFECTING}
    ):
        _set_baseline_ends(session, engagement_id)


def _set_baseline_ends(session: Session, engagement_id: int) -> None:
    """Set the day for each metric that nobody has approved yet; the sponsor agreed to the day that it had.

    Otherwise moving a go-live would move the baseline that a signed chart shows, unseen.
    """
    queries: list[Select[int | None, date | None]] = [
        select(Workflow.metric_id, func.min(Workflow.live_on))
        .where(Workflow.engagement_id == engagement_id, Workflow.metric_id.is_not(None))
        .where(Workflow.live_on.is_not(None))
        .group_by(Workflow.metric_id),
        select(MetricPhase.metric_id, func.min(MetricPhase.began_on))
        .where(MetricPhase.engagement_id == engagement_id)
        .group_by(MetricPhase.metric_id),
    ]
    first_days: dict[int, date] = {}
    for query in queries:
        for metric_id, day in session.execute(query):
            if metric_id is not None and day is not None:
                first_days[metric_id] = min(day, first_days.get(metric_id, day))
    approved = select(SignOff.metric_id).where(
        SignOff.engagement_id == engagement_id, SignOff.meaning != CHANGES_REQUESTED
    )
    fixed = set(session.scalars(approved))
    for metric in session.scalars(select(Metric).where(Metric.engagement_id == engagement_id)):
        if metric.baseline_ended_on is None or metric.id not in fixed:
            day = first_days.get(metric.id)
            metric.baseline_ended_on = day and day - timedelta(days=1)
    session.flush()

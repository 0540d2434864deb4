"""Where a baseline ends that nobody gave an end: the day before something first moved its metric."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.metrics import CHANGES_REQUESTED, Metric, MetricPhase, SignOff
from models.workflows import Workflow
from services.core.changes import Work

_MOVING = {Workflow.__tablename__, MetricPhase.__tablename__}


def keep_baseline_ends(session: Session, work: Work) -> None:
    """Set the end of each metric's baseline in every engagement whose workflows or phases changed."""
    for engagement_id in sorted({change.engagement_id for change in work.changes if change.kind in _MOVING}):
        _set_baseline_ends(session, engagement_id)


def _set_baseline_ends(session: Session, engagement_id: int) -> None:
    """Set the day for each metric. Whoever approved a metric agreed to the first such day, so from then on it stays.

    Otherwise a go-live that is moved would move what a signed chart shows as the baseline, and nobody would see it.
    """
    moved = [
        select(Workflow.metric_id, func.min(Workflow.live_on))
        .where(Workflow.engagement_id == engagement_id, Workflow.metric_id.is_not(None))
        .where(Workflow.live_on.is_not(None))
        .group_by(Workflow.metric_id),
        select(MetricPhase.metric_id, func.min(MetricPhase.began_on))
        .where(MetricPhase.engagement_id == engagement_id)
        .group_by(MetricPhase.metric_id),
    ]
    first = {}
    for query in moved:
        for metric_id, day in session.execute(query):
            first[metric_id] = min(day, first.get(metric_id, day))
    approved = select(SignOff.metric_id).where(
        SignOff.engagement_id == engagement_id, SignOff.meaning != CHANGES_REQUESTED
    )
    stays = set(session.scalars(approved))
    for metric in session.scalars(select(Metric).where(Metric.engagement_id == engagement_id)):
        if metric.baseline_ended_on is None or metric.id not in stays:
            day = first.get(metric.id)
            metric.baseline_ended_on = day and day - timedelta(days=1)
    session.flush()

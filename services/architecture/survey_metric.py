"""The trend that a survey yields: the share of changes that stay within one system, a point a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.cost_of_change import CostOfChange
from models.engagement import Engagement
from models.errors import Forbidden, Invalid
from models.metrics import Metric
from models.names import normalize_name
from models.permissions import Action
from services.core.preconditions import day_1_of
from services.measurements.batches import Rows, put_measurements
from services.metrics.baselines import compute_baseline
from services.metrics.definitions import put_metric
from store.access import access
from store.measurements import counting_measurements
from store.states import measurement_filter

NAME = "Changes that stay within one system"
CADENCE = 31


@dataclass(frozen=True)
class Trend:
    """The metric that follows a repository, and how many monthly points the survey added to it or changed."""

    metric: str
    points: int
    is_new: bool
    baseline: float | None


def put_trend(
    session: Session, engagement: Engagement, survey: Mapping[str, Any], today: date
) -> Trend | None:
    """Add the survey's monthly points to the metric of its repository, and define that if there is none.

    Return None where there is nothing to add, the metric is retired, or it would be new and the actor may not define
    metrics. A month that was measured before is corrected only if its value differs.
    """
    points = [point for point in CostOfChange(survey).within_one_system() if point[0] <= today]
    metric = _metric_of(session, engagement, survey["repository"])
    is_new = metric is None
    if not points or (metric and not metric.active) or (not metric and not _may_define(session, engagement)):
        return None
    metric = metric or _define(session, engagement, survey["repository"], today)
    new = _new_points(session, engagement, metric, points)
    if new:
        _record(session, engagement, metric, survey, new, today)
    if is_new:
        _take_baseline(session, engagement, metric, today)
    return Trend(metric.name, len(new), is_new, metric.baseline)


def _may_define(session: Session, engagement: Engagement) -> bool:
    """Return whether the transaction's actor may define metrics."""
    try:
        access(session.connection(), session.info["work"].actor, engagement.slug, Action.DEFINE_METRICS)
    except Forbidden:
        return False
    return True


def _name_of(repository: str) -> str:
    return f"{NAME} ({repository})"


def _metric_of(session: Session, engagement: Engagement, repository: str) -> Metric | None:
    rows = session.scalars(select(Metric).where(Metric.engagement_id == engagement.id))
    wanted = normalize_name(_name_of(repository))
    return next((row for row in rows if normalize_name(row.name) == wanted), None)


def _define(session: Session, engagement: Engagement, repository: str, today: date) -> Metric:
    definition = {
        "name": _name_of(repository),
        "unit": "%",
        "direction": "higher",
        "cadence_days": CADENCE,
        "statistic": "mean",
        "source": f"Survey of the repository {repository}",
        "counted": "Of a month's changes, those whose files belong to one system of the inventory.",
        "left_out": "Merges, bots, generated files, build manifests alone, over 30 files, and months of fewer than 10 "
        "changes.",
        "calendar": "Months by the author's date, UTC",
    }
    return put_metric(session, engagement, definition, None, today)


def _new_points(
    session: Session, engagement: Engagement, metric: Metric, points: list[tuple[date, float]]
) -> list[tuple[date, float]]:
    """Return the points that aren't measured yet, or with another value."""
    connection = session.connection()
    rows = counting_measurements(connection, measurement_filter(connection, engagement.id), [metric.id])
    known = {at.to_pydatetime(): value for at, value in zip(rows["at"], rows["value"].tolist(), strict=True)}
    return [
        (first, share) for first, share in points if known.get(_midnight(first, engagement.zone)) != share
    ]


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)


def _record(
    session: Session,
    engagement: Engagement,
    metric: Metric,
    survey: Mapping[str, Any],
    points: list[tuple[date, float]],
    today: date,
) -> None:
    months = survey["months"]
    rows = Rows(
        [metric.id] * len(points),
        [first for first, _ in points],
        [share for _, share in points],
        n=[months[f"{first:%Y-%m}"]["changes"] for first, _ in points],
    )
    source = f"Survey of {survey['repository']} at {survey['head'][:10]}"
    put_measurements(session, engagement, rows, source, today)


def _take_baseline(session: Session, engagement: Engagement, metric: Metric, today: date) -> None:
    """Take the points up to day 1 as the baseline, if they are enough for one."""
    try:
        until = min(day_1_of(session, engagement), today)
        baseline = compute_baseline(session, engagement, metric, None, until)
    except Invalid:
        return
    put_metric(session, engagement, baseline.columns(), metric, today)

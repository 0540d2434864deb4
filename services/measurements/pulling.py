"""Pulling: recording what a metric's source has since the last time. Pulling again changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import HeadwayError, Invalid, NotFound
from models.measurements import Measurement, MetricPull
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from services.core.preconditions import day_1_of
from services.core.transaction import open_engagement, transaction
from services.core.validation import one_of, required_text, web_address, whole_number
from services.measurements.batches import Rows, put_measurements
from services.measurements.corrections import CountingValue, counting_values
from services.measurements.sources import LOOK_BACK, Point, from_prometheus, from_sql
from services.metrics.definitions import put_metric
from store.access import access, expect_operator

PROMETHEUS, SQL = KINDS = ("prometheus", "sql")
MIN_STEP, MAX_STEP = 60, 31 * 24 * 3600
DEFAULT_STEP = 24 * 3600
OVERLAP_STEPS = 2
"""Steps before the newest value that are queried again: the last one may not have been complete."""
CORRECTION_REASON = "Its source says otherwise now"


@dataclass(frozen=True)
class PullResult:
    """The result of pulling one metric; `problem` is a sentence if it failed."""

    engagement: str
    metric: str
    added: int = 0
    corrected: int = 0
    unchanged: int = 0
    problem: str | None = None


def configure(
    actor: Actor, slug: str, metric: str, kind: str, address: str, step_seconds: int, query: str | None = None
) -> None:
    """Set where a metric (by its slug) is pulled from. `query`, if given, becomes part of its definition.

    Raises Invalid with a sentence, NotFound if there is no such metric.
    """
    with transaction(actor, "say where a metric is pulled from") as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        row = _metric(session, engagement, metric)
        if query is not None:
            put_metric(session, engagement, {"query": query}, row, actor.today(engagement.zone))
        if not row.query:
            raise Invalid(f"“{row.name}” has no query yet: give one. Nothing was saved.")
        pull = session.scalar(select(MetricPull).where(MetricPull.metric_id == row.id))
        if pull is None:
            pull = MetricPull(engagement_id=engagement.id, metric_id=row.id)
        pull.kind = one_of("kind of source", kind, KINDS)
        pull.address = (
            web_address("address", address)
            if kind == PROMETHEUS
            else required_text("environment variable", address)
        )
        pull.step_seconds = whole_number("step in seconds", step_seconds, MIN_STEP, MAX_STEP)
        session.add(pull)


def stop(actor: Actor, slug: str, metric: str) -> None:
    """Stop pulling a metric. Raises Invalid if it isn't pulled, NotFound if there is no such metric."""
    with transaction(actor, "stop pulling a metric") as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        row = _metric(session, engagement, metric)
        pull = session.scalar(select(MetricPull).where(MetricPull.metric_id == row.id))
        if pull is None:
            raise Invalid(f"“{row.name}” isn't pulled from anywhere. Nothing was changed.")
        session.delete(pull)


def pull(actor: Actor, slug: str | None = None, metric: str | None = None) -> list[PullResult]:
    """Pull every metric that has a source, or those of one engagement, or one metric. One failure doesn't stop the rest.

    Raises Forbidden for everybody but the operator: sources are reached with secrets of the program's host.
    """
    expect_operator(actor, "pull measurements")
    results = []
    for source in _sources(actor, slug, metric):
        try:
            results.append(_pull_source(actor, source))
        except HeadwayError as refused:
            text = str(refused).removesuffix(" Nothing was saved.")
            results.append(PullResult(source.slug, source.metric, problem=f"{text} Nothing was recorded."))
    return results


@dataclass(frozen=True)
class _Source:
    """A metric that is pulled: where from, and the engagement (`slug`, `zone`) that it belongs to."""

    slug: str
    zone: str
    metric: str
    id: int
    engagement_id: int
    query: str | None
    kind: str
    address: str
    step_seconds: int


def _sources(actor: Actor, slug: str | None, metric: str | None) -> list[_Source]:
    query = (
        select(
            Engagement.slug,
            Engagement.zone,
            Metric.slug,
            Metric.id,
            Metric.engagement_id,
            Metric.query,
            MetricPull.kind,
            MetricPull.address,
            MetricPull.step_seconds,
        )
        .join(Metric, Metric.id == MetricPull.metric_id)
        .join(Engagement, Engagement.id == Metric.engagement_id)
        .where(Metric.active)
        .order_by(Engagement.slug, Metric.slug)
    )
    if slug is not None:
        query = query.where(Engagement.slug == slug)
    if metric is not None:
        query = query.where(Metric.slug == metric)
    with read_connection() as connection:
        if slug is not None:
            access(connection, actor, slug, Action.RECORD_MEASUREMENTS)
        sources = [_Source(*row) for row in connection.execute(query)]
    if metric is not None and not sources:
        raise NotFound(f"There is no metric “{metric}” that is pulled from anywhere. Nothing was changed.")
    return sources


def _pull_source(actor: Actor, source: _Source) -> PullResult:
    if source.query is None:
        raise Invalid(f"“{source.metric}” has no query any more. Nothing was saved.")
    since = _since(actor, source)
    if source.kind == PROMETHEUS:
        points = from_prometheus(source.address, source.query, since, actor.at, source.step_seconds)
    else:
        points = from_sql(source.address, source.query, since)
    # Queried before the transaction: a slow source would keep every other writer waiting.
    return _record(actor, source, [point for point in points if point.at <= actor.at])


def _since(actor: Actor, source: _Source) -> datetime:
    """Return the first moment to query."""
    with read_connection() as connection:
        access(connection, actor, source.slug, Action.RECORD_MEASUREMENTS)
        newest = connection.scalar(select(func.max(Measurement.at)).where(Measurement.metric_id == source.id))
        if newest is not None:
            return newest.astimezone(UTC) - timedelta(seconds=OVERLAP_STEPS * source.step_seconds)
        with Session(connection) as session:
            first = day_1_of(session, session.get_one(Engagement, source.engagement_id))
    return datetime.combine(first, time(), ZoneInfo(source.zone)) - LOOK_BACK


def _record(actor: Actor, source: _Source, points: list[Point]) -> PullResult:
    """Record the points that are new or differ from what counts."""
    latest = {point.at.astimezone(UTC): point for point in points}
    if not latest:
        return PullResult(source.slug, source.metric)
    with transaction(actor, "pull measurements") as session:
        engagement = open_engagement(session, source.slug, Action.RECORD_MEASUREMENTS)
        counting = counting_values(session, engagement, [source.id], list(latest))
        rows = _changed_rows(source.id, latest, counting)
        if len(rows):
            origin = f"Pulled from {source.address}"
            put_measurements(session, engagement, rows, origin, actor.today(engagement.zone))
    corrected = sum(reason is not None for reason in rows.reason or ())
    return PullResult(source.slug, source.metric, len(rows) - corrected, corrected, len(latest) - len(rows))


def _changed_rows(
    metric_id: int, points: dict[datetime, Point], counting: dict[tuple[int, datetime], CountingValue]
) -> Rows:
    """Return the points that are new, or differ from what counts in value or number of observations.

    What a source doesn't have stays as it is: no source has notes, and some have no numbers of observations.
    """
    changed: list[tuple[Point, str | None, str | None]] = []
    for at, point in sorted(points.items()):
        replaced = counting.get((metric_id, at))
        if replaced is None:
            changed.append((point, None, None))
            continue
        n = replaced.n if point.n is None else point.n
        if (replaced.value, replaced.n) != (point.value, n):
            changed.append((replace(point, n=n), replaced.note_beside(point.value), CORRECTION_REASON))
    return Rows(
        metric_id=[metric_id] * len(changed),
        at=[point.at for point, _, _ in changed],
        value=[point.value for point, _, _ in changed],
        n=[point.n for point, _, _ in changed],
        note=[note for _, note, _ in changed],
        given=[point.given for point, _, _ in changed],
        reason=[reason for _, _, reason in changed],
    )


def _metric(session: Session, engagement: Engagement, slug: str) -> Metric:
    query = select(Metric).where(Metric.engagement_id == engagement.id, Metric.slug == slug)
    metric = session.scalar(query)
    if metric is None:
        raise NotFound(f"There is no metric “{slug}” in this engagement. Nothing was saved.")
    return metric

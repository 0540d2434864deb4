"""Pulling: what a metric's source says since the last time is recorded. Pulling again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import HeadwayError, Invalid, NotFound
from models.metrics import Measurement, Metric, MetricPull
from models.people import Actor
from models.permissions import Action
from services.core.preconditions import day_1_of
from services.core.transaction import open_engagement, transaction
from services.core.validation import one_of, required_text, web_address, whole_number
from services.measurements.batches import Rows, put_measurements
from services.measurements.corrections import counting_values
from services.measurements.sources import LOOK_BACK, Point, from_prometheus, from_sql
from services.metrics.definitions import put_metric
from store.access import access, expect_operator

PROMETHEUS, SQL = KINDS = ("prometheus", "sql")
SHORTEST_STEP, LONGEST_STEP = 60, 31 * 24 * 3600
USUAL_STEP = 24 * 3600
AGAIN = 2
"""Steps before the newest value that are asked for again: the last one may not have been complete."""
CORRECTED = "Its source says otherwise now"


@dataclass(frozen=True)
class Pulled:
    """What came of pulling one metric; `problem` is a sentence where nothing did."""

    engagement: str
    metric: str
    added: int = 0
    corrected: int = 0
    unchanged: int = 0
    problem: str | None = None


def configure(
    actor: Actor, slug: str, metric: str, kind: str, address: str, step_seconds: int, query: str | None = None
) -> None:
    """Say where a metric (by its short name) is pulled from. `query`, where it is given, becomes its definition's."""
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
        pull.step_seconds = whole_number("step in seconds", step_seconds, SHORTEST_STEP, LONGEST_STEP)
        session.add(pull)


def stop(actor: Actor, slug: str, metric: str) -> None:
    """The metric isn't pulled any more."""
    with transaction(actor, "stop pulling a metric") as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        row = _metric(session, engagement, metric)
        pull = session.scalar(select(MetricPull).where(MetricPull.metric_id == row.id))
        if pull is None:
            raise Invalid(f"“{row.name}” isn't pulled from anywhere. Nothing was changed.")
        session.delete(pull)


def pull(actor: Actor, slug: str | None = None, metric: str | None = None) -> list[Pulled]:
    """Pull every metric that has a source, or those of one engagement, or one metric. One that fails stops no other.

    Raises Forbidden to everybody but the operator: sources are reached with what only the program's host knows.
    """
    expect_operator(actor, "pull measurements")
    results = []
    for one in _configured(actor, slug, metric):
        try:
            results.append(_pull_one(actor, one))
        except HeadwayError as refused:
            said = str(refused).removesuffix(" Nothing was saved.")
            results.append(Pulled(one["slug"], one["metric"], problem=f"{said} Nothing was recorded."))
    return results


def _configured(actor: Actor, slug: str | None, metric: str | None) -> Sequence[Mapping[str, Any]]:
    query = (
        select(
            Engagement.slug,
            Engagement.zone,
            Metric.slug.label("metric"),
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
        found = connection.execute(query).mappings().all()
    if metric is not None and not found:
        raise NotFound(f"There is no metric “{metric}” that is pulled from anywhere. Nothing was changed.")
    return found


def _pull_one(actor: Actor, one: Mapping[str, Any]) -> Pulled:
    since = _since(actor, one)
    if one["kind"] == PROMETHEUS:
        points = from_prometheus(one["address"], one["query"], since, actor.at, one["step_seconds"])
    else:
        points = from_sql(one["address"], one["query"], since)
    # Asked before the transaction: a slow source would keep every other writer waiting.
    return _record(actor, one, [point for point in points if point.at <= actor.at])


def _since(actor: Actor, one: Mapping[str, Any]) -> datetime:
    with read_connection() as connection:
        access(connection, actor, one["slug"], Action.RECORD_MEASUREMENTS)
        newest = connection.scalar(select(func.max(Measurement.at)).where(Measurement.metric_id == one["id"]))
        if newest is not None:
            return newest.astimezone(UTC) - timedelta(seconds=AGAIN * one["step_seconds"])
        with Session(connection) as session:
            first = day_1_of(session, session.get_one(Engagement, one["engagement_id"]))
    return datetime.combine(first, time(), ZoneInfo(one["zone"])) - LOOK_BACK


def _record(actor: Actor, one: Mapping[str, Any], points: list[Point]) -> Pulled:
    """Record what isn't there yet, and what its source says differently now."""
    latest = {point.at.astimezone(UTC): point for point in points}
    if not latest:
        return Pulled(one["slug"], one["metric"])
    with transaction(actor, "pull measurements") as session:
        engagement = open_engagement(session, one["slug"], Action.RECORD_MEASUREMENTS)
        stands = counting_values(session, engagement, [one["id"]], list(latest))
        kept, reasons = [], []
        for at in sorted(latest):
            now = stands.get((one["id"], at))
            if now is None or now.value != latest[at].value:
                kept.append((at, latest[at]))
                reasons.append(None if now is None else CORRECTED)
        corrected = sum(reason is not None for reason in reasons)
        if kept:
            rows = Rows(
                metric_id=np.full(len(kept), one["id"], dtype=np.int64),
                at=[at for at, _ in kept],
                value=np.array([point.value for _, point in kept]),
                n=[point.n for _, point in kept],
                given=[point.given for _, point in kept],
                reason=reasons,
            )
            source = f"Pulled from {one['address']}"
            put_measurements(session, engagement, rows, source, actor.today(engagement.zone))
    return Pulled(one["slug"], one["metric"], len(kept) - corrected, corrected, len(latest) - len(kept))


def _metric(session: Session, engagement: Engagement, slug: str) -> Metric:
    query = select(Metric).where(Metric.engagement_id == engagement.id, Metric.slug == slug)
    metric = session.scalar(query)
    if metric is None:
        raise NotFound(f"There is no metric “{slug}” in this engagement. Nothing was saved.")
    return metric

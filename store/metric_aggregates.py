"""Metric aggregates: which measurements count, and what those of a metric come to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, bindparam, distinct, func, select

from models.engagement import Engagement
from models.measurements import Measurement, MeasurementBatch
from models.metrics import BASELINE_POINTS, Metric, MetricAggregate
from models.prepared import Prepared
from store.baselines import digest_now, midnight


@dataclass(frozen=True)
class MeasurementFilter:
    """Which measurements count: those of all batches up to the `newest` (None: all) except the `withdrawn` ones.

    With `until`, only what was measured before that moment (aware). Batches get their ids under the lock on their
    engagement, so their order is that of the journal.
    """

    withdrawn: tuple[int, ...]
    newest: int | None = None
    until: datetime | None = None

    def query(self, metric_ids: Collection[int]) -> Select[Any]:
        """Return the query for the measurements of these metrics that count, superseded ones included."""
        return COUNTING_MEASUREMENTS.params(self.parameters(metric_ids))

    def parameters(self, metric_ids: Collection[int]) -> dict[str, Any]:
        """Return the parameters with which `COUNTING_MEASUREMENTS` finds those of these metrics."""
        return {
            "metric_ids": list(metric_ids),
            "withdrawn": list(self.withdrawn),
            "newest": NO_NEWEST if self.newest is None else self.newest,
            "until": NEVER if self.until is None else self.until,
        }


NO_NEWEST, NEVER = 2**31 - 1, datetime(9999, 12, 31, tzinfo=UTC)
# Built once and run with `MeasurementFilter.parameters`: every write runs it, and building a query takes longer.
COUNTING_MEASUREMENTS = select(Measurement).where(
    Measurement.metric_id.in_(bindparam("metric_ids", expanding=True)),
    Measurement.batch_id <= bindparam("newest"),
    Measurement.at < bindparam("until"),
    # Written out: there may be more of them than a statement may have parameters.
    Measurement.batch_id.not_in(bindparam("withdrawn", expanding=True, literal_execute=True)),
)
_LAST = Prepared(
    COUNTING_MEASUREMENTS.with_only_columns(Measurement.at, Measurement.value)
    .order_by(Measurement.at.desc(), Measurement.batch_id.desc())
    .limit(1)
)
_WITHDRAWN = Prepared(
    select(MeasurementBatch.id).where(
        MeasurementBatch.engagement_id == bindparam("id"), MeasurementBatch.withdrawn
    )
)


def current_filter(connection: Connection, engagement_id: int) -> MeasurementFilter:
    """Return the filter for the measurements that count now."""
    return MeasurementFilter(tuple(batch_id for (batch_id,) in _WITHDRAWN.rows(connection, id=engagement_id)))


def metric_aggregates(
    connection: Connection,
    engagement: Engagement,
    measurement_filter: MeasurementFilter,
    metric_ids: Collection[int] | None = None,
    new: Mapping[int, np.ndarray] = MappingProxyType({}),
) -> dict[int, MetricAggregate]:
    """Return the aggregate of each metric (or of `metric_ids`) that was measured, by its id.

    Of a metric in `new` it is known that since its aggregate was stored nothing happened but measurements at these
    moments (datetime64 in UTC), at which nothing counted before: most often that spares a count of all its rows.
    """
    aggregates = {}
    for metric in engagement.metrics:
        if metric_ids is None or metric.id in metric_ids:
            last = _LAST.row(connection, **measurement_filter.parameters([metric.id]))
            if last is None:
                continue
            moments, aggregate = new.get(metric.id), None
            if moments is not None:
                aggregate = _continued(engagement, metric, last, moments)
            aggregate = aggregate or _aggregate(
                connection, engagement, metric, last, measurement_filter.query([metric.id])
            )
            aggregates[metric.id] = aggregate
    return aggregates


def _aggregate(
    connection: Connection, engagement: Engagement, metric: Metric, last: Sequence[Any], rows: Select[Any]
) -> MetricAggregate:
    at = Measurement.at
    in_order = rows.with_only_columns(at).distinct().order_by(at)
    first_at = connection.execute(in_order.limit(1)).scalar_one()
    until = metric.baseline_end
    in_baseline, later = rows, None
    if until is not None:
        end = midnight_after(until, engagement.zone)
        in_baseline, later = rows.where(at < end), rows.where(at >= end)
    baseline_count = _moments(connection, in_baseline)
    enough_at = None
    if baseline_count >= BASELINE_POINTS:
        sixth = in_baseline.with_only_columns(at).distinct().order_by(at).offset(BASELINE_POINTS - 1)
        enough_at = connection.execute(sixth.limit(1)).scalar_one()
    return MetricAggregate(
        count=baseline_count + (0 if later is None else _moments(connection, later)),
        first_on=engagement.date_of(first_at),
        last_on=engagement.date_of(last[0]),
        current=last[1],
        baseline_count=baseline_count,
        baseline_enough_on=enough_at and engagement.date_of(enough_at),
        baseline_digest=digest_now(connection, engagement, metric, rows),
    )


def _continued(
    engagement: Engagement, metric: Metric, last: Sequence[Any], new: np.ndarray
) -> MetricAggregate | None:
    """Return the stored aggregate, continued by new moments; None if only a count of all rows can tell."""
    known, until = metric.aggregate, metric.baseline_end
    if known is None:
        return None
    first_on = engagement.date_of(new.min().item().replace(tzinfo=UTC))
    in_baseline = len(new)
    if until is not None:
        end = midnight_after(until, engagement.zone).astimezone(UTC).replace(tzinfo=None)
        in_baseline = int((new < np.datetime64(end)).sum())
    enough_on = known.baseline_enough_on
    if in_baseline and (metric.baseline_digest or enough_on is None or first_on <= enough_on):
        return None
    return MetricAggregate(
        count=known.count + len(new),
        first_on=min(known.first_on, first_on),
        last_on=engagement.date_of(last[0]),
        current=last[1],
        baseline_count=known.baseline_count + in_baseline,
        baseline_enough_on=enough_on,
        baseline_digest=known.baseline_digest,
    )


def _moments(connection: Connection, rows: Select[Any]) -> int:
    # Alone in its query, the count walks the key in order; beside another aggregate SQLite would sort.
    return connection.execute(rows.with_only_columns(func.count(distinct(Measurement.at)))).scalar_one()


def midnight_after(day: date, zone: str) -> datetime:
    """Return when a day has passed in a zone."""
    return midnight(day + timedelta(days=1), zone)

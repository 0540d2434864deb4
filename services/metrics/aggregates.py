"""The aggregate of each metric's measurements, stored by the transaction that changed what it comes to."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert

from models.metrics import StoredMetricAggregate
from models.prepared import Prepared
from services.core.projections import ARRIVED, Derivation
from store.metric_aggregates import metric_aggregates

# A change of these may change the aggregate of any metric.
_AFFECTS_EVERY_METRIC = {"engagement", "workflow", "measurement_batch"}

_TABLE = StoredMetricAggregate.__table__
_DELETE = Prepared(delete(_TABLE).where(_TABLE.c.metric_id == bindparam("of_metric")))
_INSERT = Prepared(insert(_TABLE), *(each.name for each in _TABLE.c))


def store_aggregates(derivation: Derivation) -> None:
    """Recompute and store the aggregates that may have changed; set them on the state's metrics."""
    engagement, work = derivation.engagement, derivation.work
    affected = _affected_metrics(derivation)
    if not affected:
        return
    new = work.new if affected == work.measured else {}
    aggregates = metric_aggregates(
        derivation.connection, engagement, derivation.measurement_filter, affected, new
    )
    _DELETE.run(derivation.connection, *({"of_metric": metric_id} for metric_id in affected))
    for metric in engagement.metrics:
        if metric.id in affected:
            metric.aggregate = aggregates.get(metric.id)
    rows = [
        {"metric_id": metric_id, "engagement_id": engagement.id, **vars(aggregate)}
        for metric_id, aggregate in aggregates.items()
    ]
    if rows:
        _INSERT.run(derivation.connection, *rows)
    derivation.recomputed = affected


def _affected_metrics(derivation: Derivation) -> set[int]:
    """Return the ids of the metrics whose measurements may come to something else now."""
    every_metric = {metric.id for metric in derivation.engagement.metrics}
    if any(
        change.kind in _AFFECTS_EVERY_METRIC and (change.kind, change.change) != ARRIVED
        for change in derivation.changes
    ):
        return every_metric
    redefined = {change.row_id for change in derivation.changes if change.kind == "metric"}
    return derivation.work.measured & every_metric | redefined

"""The log of forecasts: each is kept as it was made, so that it can be held against what came.

They are made by the transaction that brings measurements or changes what they are judged by: reading writes nothing.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import rfc8785
from sqlalchemy import Connection, bindparam, insert, select

from analysis.series_analysis import SeriesAnalysis
from models.engagement import Engagement
from models.metrics import LoggedForecast, Metric
from models.prepared import Prepared
from reports.metrics.verdicts import MAX_POINTS, metric_verdict
from services.core.changes import Change
from services.core.projections import Derivation
from store.measurements import counting_measurements
from store.metric_aggregates import MeasurementFilter

log = logging.getLogger("headway.forecasts")

# Built once, as every write of measurements asks it.
_LOG = LoggedForecast.__table__
_MADE_SINCE = Prepared(
    select(_LOG.c.metric_id).where(
        _LOG.c.metric_id.in_(bindparam("metric_ids", expanding=True)), _LOG.c.made_at >= bindparam("since")
    )
)
_KNOWN = select(_LOG.c.basis, _LOG.c.on).where(_LOG.c.metric_id == bindparam("of"))


def log_forecasts(derivation: Derivation) -> None:
    """Store what is forecast now of each metric that was measured or is judged by another definition or other phases:
    its next measurement, and its value on the target's date.

    A metric that is measured often is forecast with the first measurements of a day, a redefined one always.
    """
    redefined = _redefined_metrics(derivation.changes)
    if not derivation.recomputed and not redefined:
        return
    engagement, at = derivation.engagement, derivation.at
    now = at.astimezone(ZoneInfo(engagement.zone))
    midnight = datetime.combine(now, time(), now.tzinfo).astimezone(UTC)
    rows = _MADE_SINCE.rows(derivation.connection, metric_ids=list(derivation.recomputed), since=midnight)
    due = derivation.recomputed - {metric_id for (metric_id,) in rows} | redefined
    for metric in engagement.metrics:
        if metric.id in due and metric.active and _has_forecasts(metric, engagement, now.date()):
            _log(derivation.connection, engagement, derivation.measurement_filter, metric, at)


def _redefined_metrics(changes: list[Change]) -> set[int]:
    """Return the ids of the metrics whose definition or phases changed."""
    defined = {change.row_id for change in changes if change.kind == "metric"}
    phases = [change.after or change.before for change in changes if change.kind == "metric_phase"]
    return defined | {phase["metric_id"] for phase in phases if "metric_id" in phase}


def _has_forecasts(metric: Metric, engagement: Engagement, today: date) -> bool:
    """Whether a forecast may be for a day to come. That of a series out of the past isn't, and isn't worth judging it."""
    known, due_on = metric.aggregate, metric.due_on(engagement.cycle())
    if known is None or known.count > MAX_POINTS:
        return False
    return known.next_by >= today or (due_on is not None and due_on >= today)


def _log(
    connection: Connection,
    engagement: Engagement,
    measurement_filter: MeasurementFilter,
    metric: Metric,
    at: datetime,
) -> None:
    values = counting_measurements(connection, measurement_filter, [metric.id])
    try:
        made = _forecasts(engagement, metric, metric_verdict(metric, engagement, values))
    except Exception:
        # What was measured is worth more than what is made of it.
        log.exception("metric %s of %s could not be forecast", metric.slug, engagement.slug)
        return
    known = {(row.basis, row.on) for row in connection.execute(_KNOWN, {"of": metric.id})}
    new = [
        {"made_at": at, **row} for row in made if row["on"] > at and (row["basis"], row["on"]) not in known
    ]
    if new:
        connection.execute(insert(_LOG), new)


def _forecasts(engagement: Engagement, metric: Metric, judgement: SeriesAnalysis) -> list[dict[str, Any]]:
    basis = _basis(metric, judgement)
    asked = [replace(judgement, target_on=None)]
    if judgement.target_on is not None:
        asked.append(judgement)
    rows = []
    for one in asked:
        made = one.forecast
        if made is None:
            continue
        low, high = made.interval or (None, None)
        rows.append(
            {
                "metric_id": metric.id,
                "basis": basis,
                "definition": metric.number,
                "on": _moment(one.forecast_on, engagement.zone),
                "points": made.n,
                "model": made.model,
                "value": made.value,
                "low": low,
                "high": high,
                "chance": made.chance,
                "why_not": made.why_not or None,
            }
        )
    # The next measurement may be due on the target's day itself.
    return list({row["on"]: row for row in rows}.values())


def _moment(on: pd.Timestamp, zone: str):
    """A moment of the judgement, whose days are those of the zone, as one in UTC."""
    local = on.tz_localize(None).floor("s").tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return local.tz_convert("UTC").to_pydatetime()


def _basis(metric: Metric, judgement: SeriesAnalysis) -> str:
    head = {
        "definition": metric.digest(),
        "phases": [[phase.began_on.isoformat(), phase.cause] for phase in metric.phases],
        "rules": [judgement.rules.name, judgement.rules.version],
        "baseline": judgement.baseline,
    }
    hashed = hashlib.sha256(rfc8785.dumps(head))
    hashed.update(judgement.at.tz_localize(None).to_numpy().astype("datetime64[us]").astype("<i8").tobytes())
    hashed.update(np.ascontiguousarray(judgement.values).astype("<f8").tobytes())
    return hashed.hexdigest()

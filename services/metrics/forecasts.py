"""The log of forecasts: each is stored as it was made, so that it can be compared with what was measured later.

The transaction that adds measurements, or changes what they are judged by, makes them: reading writes nothing.
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

from analysis.odds_analysis import OddsAnalysis
from analysis.series_analysis import SeriesAnalysis
from models.engagement import Engagement
from models.metrics import LoggedForecast, Metric
from models.prepared import Prepared
from reports.metrics.verdicts import MAX_POINTS, metric_verdict
from services.core.changes import Change
from services.core.projections import Derivation
from store.measurements import counting_measurements
from store.metric_aggregates import MeasurementFilter
from store.table_rows import table_of

log = logging.getLogger("headway.forecasts")

# Built once, as every write of measurements runs it.
_LOG = table_of(LoggedForecast)
_MADE_SINCE = Prepared(
    select(_LOG.c.metric_id).where(
        _LOG.c.metric_id.in_(bindparam("metric_ids", expanding=True)), _LOG.c.made_at >= bindparam("since")
    )
)
_LOGGED = select(_LOG.c.basis, _LOG.c.on).where(_LOG.c.metric_id == bindparam("of"))


def log_forecasts(derivation: Derivation) -> None:
    """Store the forecasts of each metric that was measured, or whose definition or phases changed: its next measurement,
    and its value on the target's date.

    A metric is forecast once a day, with its first measurements; after its definition changed, always.
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
    """Return whether a forecast can be for a future day; an old series needn't be analysed."""
    aggregate, due_on = metric.aggregate, metric.due_on(engagement.cycle())
    if aggregate is None or aggregate.count > MAX_POINTS:
        return False
    return aggregate.next_by >= today or (due_on is not None and due_on >= today)


def _log(
    connection: Connection,
    engagement: Engagement,
    measurement_filter: MeasurementFilter,
    metric: Metric,
    at: datetime,
) -> None:
    values = counting_measurements(connection, measurement_filter, [metric.id])
    try:
        forecasts = _forecasts(engagement, metric, metric_verdict(metric, engagement, values))
    except Exception:
        # The measurements are worth more than a forecast: they are committed in any case.
        log.exception("metric %s of %s could not be forecast", metric.slug, engagement.slug)
        return
    logged = {(row.basis, row.on) for row in connection.execute(_LOGGED, {"of": metric.id})}
    new = [
        {"made_at": at, **row}
        for row in forecasts
        if row["on"] > at and (row["basis"], row["on"]) not in logged
    ]
    if new:
        connection.execute(insert(_LOG), new)


def _forecasts(engagement: Engagement, metric: Metric, analysis: SeriesAnalysis) -> list[dict[str, Any]]:
    """Return rows of the log: the forecast of the next measurement, and of the target's date where there is one."""
    basis = _basis(metric, analysis)
    analyses = [replace(analysis, target_on=None)]
    if analysis.target_on is not None:
        analyses.append(analysis)
    rows = []
    for each in analyses:
        forecast, on = each.forecast, each.forecast_on
        if forecast is None or on is None:
            continue
        low, high = forecast.interval or (None, None)
        rows.append(
            {
                "metric_id": metric.id,
                "basis": basis,
                "definition": metric.number,
                "on": _in_utc(on, engagement.zone),
                "points": forecast.n,
                "model": forecast.model,
                "value": forecast.value,
                "low": low,
                "high": high,
                "chance": forecast.chance,
                "why_not": forecast.why_not or None,
            }
        )
    # The next measurement may be due on the target's day itself.
    return list({row["on"]: row for row in rows}.values())


def _in_utc(on: pd.Timestamp, zone: str) -> datetime:
    """Return a moment of the analysis, which is in the zone's local time, as one in UTC."""
    local = on.tz_localize(None).floor("s").tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    moment: datetime = local.tz_convert("UTC").to_pydatetime()
    return moment


def _basis(metric: Metric, analysis: SeriesAnalysis) -> str:
    """Return the digest of all that the forecast rests on: definition, phases, rules, baseline and points."""
    head: Any = {
        "definition": metric.digest(),
        "phases": [[phase.began_on.isoformat(), phase.cause] for phase in metric.phases],
        "rules": [analysis.rules.name, analysis.version],
        "baseline": analysis.baseline,
    }
    if isinstance(analysis, OddsAnalysis) and analysis.named is not None:
        head["changed_on"] = analysis.named.on.date().isoformat()
    digest = hashlib.sha256(rfc8785.dumps(head))
    digest.update(analysis.at.tz_localize(None).to_numpy().astype("datetime64[us]").astype("<i8").tobytes())
    digest.update(np.ascontiguousarray(analysis.values).astype("<f8").tobytes())
    return digest.hexdigest()

"""The points on which a baseline rests that was taken from measurements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Select

from models.engagement import Engagement
from models.metrics import Measurement, Metric, digest_of_measurements


def digest_now(
    connection: Connection, engagement: Engagement, metric: Metric, rows: Select[Any]
) -> str | None:
    """The digest of the points that lie in the days of a metric's baseline now, of its `rows` that count.

    None where its baseline wasn't taken from measurements.
    """
    since, until = metric.baseline_since, metric.baseline_until
    if metric.baseline_digest is None or since is None or until is None:
        return None
    at = Measurement.at
    inside = rows.with_only_columns(at, Measurement.value).where(
        at >= midnight(since, engagement.zone), at < midnight(until + timedelta(days=1), engagement.zone)
    )
    # Of several at a moment the newest batch's counts.
    points = dict(connection.execute(inside.order_by(at, Measurement.batch_id)).tuples().all())
    return digest_of_points(metric, [moment.replace(tzinfo=None) for moment in points], list(points.values()))


def since_baseline(metric: Metric, points: pd.DataFrame) -> pd.DataFrame:
    """The points (`at`, in the engagement's zone, and `value`) from the first day of a taken baseline on: what was
    measured before it is no part of what was signed."""
    if metric.baseline_since is None:
        return points
    return points[points["at"] >= pd.Timestamp(metric.baseline_since, tz=points["at"].dt.tz)]


def digest_of_points(metric: Metric, at: Sequence[Any], value: Sequence[float]) -> str:
    """The digest of points of a metric, given by their moments in UTC, in order."""
    ids = np.full(len(value), metric.id, dtype=np.int64)
    moments = np.asarray(at, dtype="datetime64[us]")
    return digest_of_measurements({metric.id: metric.slug}, ids, moments, np.asarray(value), None, None)


def midnight(day: date, zone: str) -> datetime:
    """When a day begins in a zone."""
    return datetime.combine(day, time(), ZoneInfo(zone))

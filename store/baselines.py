"""The points from which a baseline was taken, and their digest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Select

from models.engagement import Engagement
from models.measurements import Measurement, digest_of_measurements
from models.metrics import Metric


def digest_now(
    connection: Connection, engagement: Engagement, metric: Metric, rows: Select[Any]
) -> str | None:
    """Return the digest of the points that now lie in the days of a metric's baseline; `rows` finds those that count.

    None if the baseline wasn't taken from measurements.
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
    """Return the points (`at`, in the engagement's zone, and `value`) from the first day of the baseline on.

    All of them if the baseline wasn't taken from measurements. What was measured before it is no part of what was signed.
    """
    if metric.baseline_since is None:
        return points
    return points[points["at"] >= pd.Timestamp(metric.baseline_since, tz=points["at"].dt.tz)]


def digest_of_points(metric: Metric, at: Sequence[Any], value: Sequence[float]) -> str:
    """Return the digest (SHA-256, hex) of points of a metric, given by their moments in UTC, in order."""
    ids = np.full(len(value), metric.id, dtype=np.int64)
    moments = np.asarray(at, dtype="datetime64[us]")
    return digest_of_measurements({metric.id: metric.slug}, ids, moments, np.asarray(value), None, None)


def midnight(day: date, zone: str) -> datetime:
    """Return when a day begins in a zone."""
    return datetime.combine(day, time(), ZoneInfo(zone))

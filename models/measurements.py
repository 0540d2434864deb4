"""Measurements: batches of values of metrics, the sources that they are fetched from, and their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import rfc8785
from numpy.typing import NDArray
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Part


class MeasurementBatch(Part):
    """Measurements that arrived together. The journal covers them as one: by their count and the digest of their rows.

    A withdrawn batch no longer counts; its rows stay readable.
    """

    __tablename__ = "measurement_batch"

    source: Mapped[str]
    count: Mapped[int]
    digest: Mapped[str]
    withdrawn: Mapped[bool] = mapped_column(default=False)


class Measurement(Base):
    """One value of a metric at a point in time. Append-only: of several at the same time the newest batch's counts.

    The primary key is the order in which a series is read: it is one range of the table and needs no other index.
    """

    __tablename__ = "measurement"
    __table_args__ = ({"sqlite_with_rowid": False},)

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("measurement_batch.id"), primary_key=True)
    value: Mapped[float]
    n: Mapped[int | None]
    note: Mapped[str | None]
    # The value exactly as it was given; None if that is `shortest_decimal(value)`.
    given: Mapped[str | None]
    # Why it replaces another value of the same time.
    reason: Mapped[str | None]


class IntakeKey(Base):
    """An idempotency key whose request was carried out, and the response that was sent."""

    __tablename__ = "intake_key"

    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_digest: Mapped[str]
    at: Mapped[datetime]
    status: Mapped[int]
    answer: Mapped[str]


class MetricPull(Part):
    """The source that a metric's values are fetched from: `kind` is prometheus or sql. The definition has the query.

    `address` is the base URL of a Prometheus, or the name of the environment variable that holds a database's URL, so
    that no password is stored.
    """

    __tablename__ = "metric_pull"

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), unique=True)
    kind: Mapped[str]
    address: Mapped[str]
    step_seconds: Mapped[int]


def digest_of_measurements(
    slugs: Mapping[int, str],
    metric_id: NDArray[np.int64],
    at: NDArray[np.datetime64],
    value: NDArray[np.float64],
    n: Sequence[int | None] | None,
    note: Sequence[str | None] | None,
    given: Sequence[str | None] | None = None,
    reason: Sequence[str | None] | None = None,
) -> str:
    """Return the SHA-256, in hex, of measurements given as columns of equal length, ordered by metric and time.

    `metric_id` are ids that `slugs` maps to slugs, `at` naive UTC datetime64, `value` numbers in the metrics' units. The
    digest covers canonical JSON (RFC 8785) of the count, the metrics' slugs, `n` and `note` (null if no row has one),
    and `given` and `reason` unless they are None. Then follow, as little-endian bytes, each row's position in the list of
    slugs (int32), its time (int64, microseconds since 1970 in UTC) and its value (float64).
    """
    ids, position = np.unique(metric_id, return_inverse=True)
    head: dict[str, Any] = {
        "count": len(value),
        "metrics": [slugs[int(id_)] for id_ in ids],
        "n": None if n is None else list(n),
        "note": None if note is None else list(note),
    }
    head |= {
        name: list(column) for name, column in (("given", given), ("reason", reason)) if column is not None
    }
    hashed = hashlib.sha256(rfc8785.dumps(head))
    for column, kind in ((position, "<i4"), (at.astype("datetime64[us]"), "<i8"), (value, "<f8")):
        hashed.update(np.ascontiguousarray(column).astype(kind).tobytes())
    return hashed.hexdigest()

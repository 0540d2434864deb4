"""Success metrics: what is counted, from where to where, and what was measured."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import rfc8785
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Part, many, one

DIRECTIONS = ["higher", "lower"]
# Fewer points say nothing about how much a value varies by itself.
BASELINE_POINTS = 6


@dataclass(frozen=True)
class Reading:
    """What a metric's measurements come to, in the metric's unit; a state carries it instead of all the rows."""

    count: int
    first_on: date
    last_on: date
    current: float
    baseline_count: int
    baseline_enough_on: date | None


class Metric(Part):
    """A success metric: `baseline` and `target` are numbers in `unit`; `target_day` is a day of the plan.

    Measurements up to `baseline_until` belong to the baseline; where it isn't given, those before the first workflow
    that moves the metric went live.
    """

    __tablename__ = "metric"
    __table_args__ = (
        UniqueConstraint("engagement_id", "slug"),
        CheckConstraint("direction in ('higher', 'lower')", name="direction"),
        CheckConstraint("cadence_days > 0", name="cadence"),
    )

    slug: Mapped[str]
    name: Mapped[str]
    unit: Mapped[str]
    direction: Mapped[str]
    owner: Mapped[str | None]
    source: Mapped[str | None]
    cadence_days: Mapped[int]
    baseline: Mapped[float | None]
    baseline_until: Mapped[date | None]
    target: Mapped[float | None]
    target_day: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)

    sign_offs = many("SignOff", "SignOff.metric_id")
    workflows = many("Workflow", "Workflow.metric_id")
    decisions = many("Decision", "Decision.metric_id")

    # A `Reading`, or None where nothing was measured. No column: a state fills it in (reports/states.py).
    reading = None

    def definition(self) -> dict[str, object]:
        """What a sponsor signs: the definition with its baseline and target, as plain values."""
        return {
            "slug": self.slug,
            "name": self.name,
            "unit": self.unit,
            "direction": self.direction,
            "owner": self.owner,
            "source": self.source,
            "cadence_days": self.cadence_days,
            "baseline": self.baseline,
            "baseline_until": self.baseline_until and self.baseline_until.isoformat(),
            "target": self.target,
            "target_day": self.target_day,
        }

    def digest(self) -> str:
        """SHA-256 over the definition as canonical JSON (RFC 8785), in hex."""
        return hashlib.sha256(rfc8785.dumps(self.definition())).hexdigest()

    @property
    def valid_sign_off(self) -> SignOff | None:
        """The newest signature over exactly today's definition."""
        digest = self.digest()
        return next((sign for sign in reversed(self.sign_offs) if sign.digest == digest), None)

    @property
    def baseline_end(self) -> date | None:
        """The last day whose measurements belong to the baseline; None while nothing has moved the metric yet."""
        if self.baseline_until is not None:
            return self.baseline_until
        moved_on = min((flow.live_on for flow in self.workflows if flow.live_on is not None), default=None)
        return moved_on and moved_on - timedelta(days=1)

    def is_stale(self, on: date) -> bool:
        """Its last measurement is older than its cadence allows."""
        return self.reading is not None and (on - self.reading.last_on).days > self.cadence_days


class SignOff(Part):
    """A sponsor's signature under one exact definition, named by its digest."""

    __tablename__ = "sign_off"

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), index=True)
    digest: Mapped[str]
    signed_by: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    signed_at: Mapped[datetime]

    metric = one("Metric", "SignOff.metric_id")


class MeasurementBatch(Part):
    """Measurements that arrived together. They are journalled as one: their count and the digest of their rows.

    A withdrawn batch is as if it had never arrived; its rows stay readable.
    """

    __tablename__ = "measurement_batch"

    source: Mapped[str]
    count: Mapped[int]
    digest: Mapped[str]
    withdrawn: Mapped[bool] = mapped_column(default=False)


class StoredReading(Base):
    """A metric's reading as the newest transaction that touched it left it, so that no page counts all its rows."""

    __tablename__ = "reading"

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    count: Mapped[int]
    first_on: Mapped[date]
    last_on: Mapped[date]
    current: Mapped[float]
    baseline_count: Mapped[int]
    baseline_enough_on: Mapped[date | None]


class Measurement(Base):
    """One value of a metric at a moment. Append-only: of several at the same moment the newest batch's counts.

    Its key is the order in which it is read, so that a series is one stretch of one tree and needs no other index.
    """

    __tablename__ = "measurement"
    __table_args__ = ({"sqlite_with_rowid": False},)

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("measurement_batch.id"), primary_key=True)
    value: Mapped[float]
    n: Mapped[int | None]
    note: Mapped[str | None]


def digest_of_measurements(
    slugs: Mapping[int, str],
    metric_id: np.ndarray,
    at: np.ndarray,
    value: np.ndarray,
    n: Sequence[int | None] | None,
    note: Sequence[str | None] | None,
) -> str:
    """SHA-256, in hex, over measurements as columns, in order of metric and moment.

    It covers canonical JSON (RFC 8785) of how many there are, the metrics' slugs, `n` and `note` (null as a whole where
    no row has one), and then, each as little-endian bytes: the rows' positions in that list of slugs (int32), their
    moments (int64, microseconds since 1970 in UTC) and their values (float64).
    """
    ids, position = np.unique(metric_id, return_inverse=True)
    head = {
        "count": len(value),
        "metrics": [slugs[int(each)] for each in ids],
        "n": None if n is None else list(n),
        "note": None if note is None else list(note),
    }
    hashed = hashlib.sha256(rfc8785.dumps(head))
    for column, kind in ((position, "<i4"), (at.astype("datetime64[us]"), "<i8"), (value, "<f8")):
        hashed.update(np.ascontiguousarray(column).astype(kind).tobytes())
    return hashed.hexdigest()

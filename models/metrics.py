"""Success metrics: what is counted, from where to where, and what was measured."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import rfc8785
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Part, many, one
from models.journal import as_json
from models.plan import Cycle

DIRECTIONS = ["higher", "lower"]
# Fewer points say nothing about how much a value varies by itself.
BASELINE_POINTS = 6


APPROVED, CHANGES_REQUESTED = MEANINGS = ("approved", "changes requested")

# Columns of a definition that came later than signatures: what they mean where nothing is said.
OUTCOME, LEADING = KINDS = ("outcome", "leading")
DEFAULT_RULES = "wheeler"
DEFAULTS = {"kind": OUTCOME, "rules": DEFAULT_RULES, "rules_version": 1}
SCALES = ["linear", "log"]
STATISTICS = ["median", "p90", "mean", "rate", "count"]
ALWAYS_INCLUDED = (
    "name", "unit", "direction", "owner", "source", "cadence_days", "baseline", "baseline_until", "target", "target_day"
)  # fmt: skip
DEFINED = (
    *ALWAYS_INCLUDED, "counted", "left_out", "scale", "statistic", "calendar", "query", "kind", "rules", "rules_version",
    "baseline_since", "baseline_n", "baseline_spread", "baseline_digest", "baseline_method", "step_30", "step_60",
    "target_on",
)  # fmt: skip


@dataclass(frozen=True)
class MetricAggregate:
    """What a metric's measurements come to, in the metric's unit; a state carries it instead of all the rows.

    `baseline_digest` is that of the points on which a baseline rests that was taken from measurements, as they are now.
    """

    count: int
    first_on: date
    last_on: date
    current: float
    baseline_count: int
    baseline_enough_on: date | None
    baseline_digest: str | None = None

    @property
    def next_by(self) -> date:
        """The last day on which another measurement can be due, if it is one median gap after the newest.

        Half of the gaps are at least as long as the median one, so that is at most twice the mean gap.
        """
        span = self.last_on - self.first_on + timedelta(days=1)
        return self.last_on + timedelta(days=2) + 2 * span / max(self.count - 1, 1)


class Defined:
    """What a definition says: the columns that a metric and each of its versions have in common.

    `baseline`, `target` and the steps on the way to it are numbers in `unit`; `target_day` is a day of the plan, and
    `target_on` the date that it was when it was set (None: before such dates were kept).
    Measurements up to `baseline_until` belong to the baseline; where it isn't given, those before something moved the
    metric (`Metric.baseline_end`). A baseline that was taken from measurements says how: from when on, of how many,
    with what spread (one standard deviation) and over which data (their digest).
    """

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
    counted: Mapped[str | None]
    left_out: Mapped[str | None]
    scale: Mapped[str | None]
    statistic: Mapped[str | None]
    calendar: Mapped[str | None]
    query: Mapped[str | None]
    kind: Mapped[str] = mapped_column(default=OUTCOME)
    rules: Mapped[str] = mapped_column(default=DEFAULT_RULES)
    rules_version: Mapped[int] = mapped_column(default=1)
    baseline_since: Mapped[date | None]
    baseline_n: Mapped[int | None]
    baseline_spread: Mapped[float | None]
    baseline_digest: Mapped[str | None]
    baseline_method: Mapped[str | None]
    step_30: Mapped[float | None]
    step_60: Mapped[float | None]
    target_on: Mapped[date | None]

    def says(self) -> dict[str, object]:
        """The definition as plain values. What means the same as nothing said is left out, so that a signature under a
        definition from before a field existed still holds."""
        told = {name: as_json(getattr(self, name)) for name in DEFINED}
        return {
            name: value
            for name, value in told.items()
            if name in ALWAYS_INCLUDED or value not in (None, DEFAULTS.get(name))
        }


class Metric(Defined, Part):
    """A success metric. Its own columns are its newest version's, so that reading a metric needs no join.

    `baseline_ended_on` is the last day before something moved it, a workflow that went live or a named phase. Once a
    sponsor has approved the metric, it stays as it was first (services/metrics/baseline_ends.py).
    """

    __tablename__ = "metric"
    __table_args__ = (
        UniqueConstraint("engagement_id", "slug"),
        CheckConstraint("direction in ('higher', 'lower')", name="direction"),
        CheckConstraint("cadence_days > 0", name="cadence"),
    )

    slug: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    baseline_ended_on: Mapped[date | None]

    sign_offs = many("SignOff", "SignOff.metric_id")
    workflows = many("Workflow", "Workflow.metric_id")
    decisions = many("Decision", "Decision.metric_id")
    definitions = many("Definition", "Definition.metric_id")
    phases = many("MetricPhase", "MetricPhase.metric_id")

    # None where nothing was measured. No column, which an annotation would make it: a state fills it in.
    if TYPE_CHECKING:
        aggregate: MetricAggregate | None
    else:
        aggregate = None

    def definition(self) -> dict[str, object]:
        """What a sponsor signs: the definition with its baseline and target, as plain values."""
        return {"slug": self.slug, **self.says()}

    def digest(self) -> str:
        """SHA-256 over the definition as canonical JSON (RFC 8785), in hex."""
        return hashlib.sha256(rfc8785.dumps(self.definition())).hexdigest()

    @property
    def number(self) -> int:
        """Which version of its definition is in force. Of a metric that never changed no version was set apart."""
        return self.definitions[-1].number if self.definitions else 1

    @property
    def latest_responses(self) -> list[SignOff]:
        """Each signer's last word on exactly today's definition, in the order in which they were given."""
        return latest_responses_on(self.sign_offs, self.digest()) if self.sign_offs else []

    @property
    def valid_sign_off(self) -> SignOff | None:
        """The newest approval of exactly today's definition; None while somebody's last word on it asks for changes, or
        the data that its baseline was taken from are others by now."""
        if self.baseline_data_differ:
            return None
        words = self.latest_responses
        return words[-1] if words and all(word.approves for word in words) else None

    @property
    def seal(self) -> str:
        """What signatures are worth today: signed; broken, where one held a definition that has changed; or unsigned."""
        if not self.sign_offs:
            return "unsigned"
        if self.valid_sign_off is not None:
            return "signed"
        intact = set() if self.baseline_data_differ else {self.digest()}
        others = {sign.digest for sign in self.sign_offs} - intact
        held = any(word.approves for other in others for word in latest_responses_on(self.sign_offs, other))
        return "broken" if held else "unsigned"

    @property
    def baseline_data_differ(self) -> bool:
        """Points on which a taken baseline rests were corrected, added or withdrawn since it was taken."""
        now = self.aggregate and self.aggregate.baseline_digest
        return None not in (now, self.baseline_digest) and now != self.baseline_digest

    @property
    def requested_change(self) -> SignOff | None:
        """The newest wish for a change of exactly today's definition that stands, if there is one."""
        return next((word for word in reversed(self.latest_responses) if not word.approves), None)

    def due_on(self, cycle: Cycle) -> date | None:
        """When its target is due: on the date that was set, or where none was kept on that day of the cycle."""
        return self.target_on or (self.target_day and cycle.date_of(self.target_day))

    @property
    def baseline_end(self) -> date | None:
        """The last day whose measurements belong to the baseline; None while nothing has moved the metric yet."""
        stated = self.baseline_until or self.baseline_ended_on
        if stated is not None:
            return stated
        # So it was in revisions from before that day was kept.
        moved_on = min((flow.live_on for flow in self.workflows if flow.live_on is not None), default=None)
        return moved_on and moved_on - timedelta(days=1)

    def is_stale(self, on: date) -> bool:
        """Its last measurement is older than its cadence allows."""
        return self.aggregate is not None and (on - self.aggregate.last_on).days > self.cadence_days


class Definition(Defined, Part):
    """One version of a metric's definition. It is added and never changed; the newest is in force."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("metric_id", "number"),)

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), index=True)
    number: Mapped[int]
    digest: Mapped[str]
    defined_by: Mapped[str]
    defined_at: Mapped[datetime]

    metric = one("Metric", "Definition.metric_id")


class MetricPhase(Part):
    """The first day of a new phase of a metric, and the cause that a person named for it."""

    __tablename__ = "metric_phase"
    __table_args__ = (UniqueConstraint("metric_id", "began_on"),)

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), index=True)
    began_on: Mapped[date]
    cause: Mapped[str]
    named_by: Mapped[str]

    metric = one("Metric", "MetricPhase.metric_id")


class SignOff(Part):
    """A sponsor's word on one exact definition, named by its digest and version: approved, or changes requested.

    Append-only. `words` say what is to change; `record_digest` is that of the record of the signing (models/sign_off.py;
    None: signed before records were kept).
    """

    __tablename__ = "sign_off"

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), index=True)
    digest: Mapped[str]
    signed_by: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    signed_at: Mapped[datetime]
    meaning: Mapped[str] = mapped_column(default=APPROVED)
    words: Mapped[str | None]
    number: Mapped[int | None]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("sign_off_request.id"))
    record_id: Mapped[int | None] = mapped_column(ForeignKey("sign_off_record.id"))
    record_digest: Mapped[str | None]

    metric = one("Metric", "SignOff.metric_id")

    @property
    def approves(self) -> bool:
        """A signature from before meanings were kept approves, in a state rebuilt from then as well."""
        return self.meaning != CHANGES_REQUESTED


def latest_responses_on(sign_offs: Sequence[SignOff], digest: str) -> list[SignOff]:
    """Each signer's last word on the definition with that digest, in the order in which they were given."""
    last = {sign.user_id or sign.signed_by: sign for sign in sign_offs if sign.digest == digest}
    return sorted(last.values(), key=lambda sign: sign.id)


class MeasurementBatch(Part):
    """Measurements that arrived together. They are journalled as one: their count and the digest of their rows.

    A withdrawn batch is as if it had never arrived; its rows stay readable.
    """

    __tablename__ = "measurement_batch"

    source: Mapped[str]
    count: Mapped[int]
    digest: Mapped[str]
    withdrawn: Mapped[bool] = mapped_column(default=False)


class StoredMetricAggregate(Base):
    """The aggregate of each metric, stored by the newest transaction that changed it, so that no page counts its rows."""

    __tablename__ = "reading"

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    count: Mapped[int]
    first_on: Mapped[date]
    last_on: Mapped[date]
    current: Mapped[float]
    baseline_count: Mapped[int]
    baseline_enough_on: Mapped[date | None]
    baseline_digest: Mapped[str | None]


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
    # The value exactly as it was given; None where that is `plain(value)`.
    given: Mapped[str | None]
    # Why it takes the place of another value of the same moment.
    reason: Mapped[str | None]


class LoggedForecast(Base):
    """A forecast as it was made and shown, so that one can tell later how good it was.

    `basis` is the digest of what it rests on: the same points, definition and phases make one forecast a day `on`.
    Values are in the metric's unit; without a `value`, `why_not` says why there was none.
    """

    __tablename__ = "forecast"
    __table_args__ = (UniqueConstraint("metric_id", "basis", "on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"))
    basis: Mapped[str]
    definition: Mapped[int]
    made_at: Mapped[datetime]
    on: Mapped[datetime]
    points: Mapped[int]
    model: Mapped[str | None]
    value: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    chance: Mapped[float | None]
    why_not: Mapped[str | None]


class IntakeKey(Base):
    """An idempotency key whose request was carried out, and what was answered then."""

    __tablename__ = "intake_key"

    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_digest: Mapped[str]
    at: Mapped[datetime]
    status: Mapped[int]
    answer: Mapped[str]


class MetricPull(Part):
    """Where a metric's values are fetched from: `kind` is prometheus or sql; the query is its definition's.

    `address` is a Prometheus's base URL, or the name of the environment variable that holds a database's URL, so that
    no password is kept here.
    """

    __tablename__ = "metric_pull"

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), unique=True)
    kind: Mapped[str]
    address: Mapped[str]
    step_seconds: Mapped[int]


def digest_of_measurements(
    slugs: Mapping[int, str],
    metric_id: np.ndarray,
    at: np.ndarray,
    value: np.ndarray,
    n: Sequence[int | None] | None,
    note: Sequence[str | None] | None,
    given: Sequence[str | None] | None = None,
    reason: Sequence[str | None] | None = None,
) -> str:
    """SHA-256, in hex, over measurements as columns, in order of metric and moment.

    It covers canonical JSON (RFC 8785) of how many there are, the metrics' slugs, `n` and `note` (null as a whole where
    no row has one), and then, each as little-endian bytes: the rows' positions in that list of slugs (int32), their
    moments (int64, microseconds since 1970 in UTC) and their values (float64). `given` and `reason` are covered too
    where there is one.
    """
    ids, position = np.unique(metric_id, return_inverse=True)
    head = {
        "count": len(value),
        "metrics": [slugs[int(each)] for each in ids],
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

"""Success metrics: their definitions and versions, signatures, phases, aggregates and forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from analysis.progress import Direction
from analysis.scales import JudgedScale
from models.base import Base, Part, to_many, to_one
from models.journal import as_json, canonical, sha256_of
from models.plan import Cycle

if TYPE_CHECKING:
    from models.decisions import Decision
    from models.workflows import Workflow

DIRECTIONS: list[Direction] = ["higher", "lower"]
# The points that a baseline needs: fewer don't show how much a value varies by itself.
BASELINE_POINTS = 6

APPROVED, CHANGES_REQUESTED = MEANINGS = ("approved", "changes requested")

# The defaults of fields that were added to definitions later: a digest leaves them out, so that older signatures stay
# valid.
OUTCOME, LEADING = KINDS = ("outcome", "leading")
DEFAULT_RULES = "wheeler"
# The version of the rules by which metrics are judged that are defined from now on. Version 1 used Welch's test; a metric
# that was signed under it keeps it.
RULES_VERSION = 2
DEFAULTS = {"kind": OUTCOME, "rules": DEFAULT_RULES, "rules_version": 1}
SCALES: list[JudgedScale] = ["linear", "log", "logit"]
STATISTICS = ["median", "p90", "mean", "rate", "count"]
ALWAYS_INCLUDED = (
    "name", "unit", "direction", "owner", "source", "cadence_days", "baseline", "baseline_until", "target", "target_day"
)  # fmt: skip
DEFINITION_FIELDS = (
    *ALWAYS_INCLUDED, "counted", "left_out", "scale", "statistic", "calendar", "query", "kind", "rules", "rules_version",
    "baseline_since", "baseline_n", "baseline_spread", "baseline_digest", "baseline_method", "step_30", "step_60",
    "target_on",
)  # fmt: skip


@dataclass(frozen=True)
class MetricAggregate:
    """What a state holds instead of a metric's measurements: how many there are, since when, and the newest value.

    Values are in the metric's unit. `baseline_digest` is the digest of the points in the baseline's range as they are
    now, for a baseline that was calculated from measurements.
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
        """An upper limit of the day on which the next measurement is due, one median gap after the newest.

        Half of the gaps are at least as long as the median, so the median is at most twice the mean gap.
        """
        span = self.last_on - self.first_on + timedelta(days=1)
        return self.last_on + timedelta(days=2) + 2 * span / max(self.count - 1, 1)


class DefinitionFields:
    """The columns of a definition, which a metric and each of its versions have in common.

    `baseline`, `target` and the steps on the way to it are numbers in `unit`. `target_day` is a day of the plan, and
    `target_on` the date of that day when it was set (None in old definitions). Measurements up to `baseline_until` belong
    to the baseline; if that isn't given, those up to `Metric.baseline_end`. The other `baseline_` columns describe a
    baseline that was calculated from measurements: since when, from how many points, with which spread (one standard
    deviation), by which method and from which data (their digest).
    """

    name: Mapped[str]
    unit: Mapped[str]
    direction: Mapped[Direction] = mapped_column(Text)
    owner: Mapped[str | None]
    source: Mapped[str | None]
    cadence_days: Mapped[int]
    baseline: Mapped[float | None]
    baseline_until: Mapped[date | None]
    target: Mapped[float | None]
    target_day: Mapped[int | None]
    counted: Mapped[str | None]
    left_out: Mapped[str | None]
    scale: Mapped[JudgedScale | None] = mapped_column(Text)
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

    def values(self) -> dict[str, object]:
        """Return the fields for JSON. Those with a default value are left out: a signature on a definition that is older
        than a field stays valid."""
        values = {name: as_json(getattr(self, name)) for name in DEFINITION_FIELDS}
        return {
            name: value
            for name, value in values.items()
            if name in ALWAYS_INCLUDED or value not in (None, DEFAULTS.get(name))
        }


class Metric(DefinitionFields, Part):
    """A success metric. Its columns repeat those of its newest version, so that reading it needs no join.

    `baseline_ended_on` is the last day before a workflow that moves it went live or a named phase began. It no longer
    changes once a sponsor has approved the metric (services/metrics/baseline_ends.py).
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

    sign_offs: Mapped[list[SignOff]] = to_many("SignOff.metric_id")
    workflows: Mapped[list[Workflow]] = to_many("Workflow.metric_id")
    decisions: Mapped[list[Decision]] = to_many("Decision.metric_id")
    definitions: Mapped[list[Definition]] = to_many("Definition.metric_id")
    phases: Mapped[list[MetricPhase]] = to_many("MetricPhase.metric_id")

    # None without measurements. Not a column: a state fills it in (store/states.py).
    if TYPE_CHECKING:
        aggregate: MetricAggregate | None
    else:
        aggregate = None

    def definition(self) -> dict[str, object]:
        """Return what a sponsor signs: the definition with its baseline and target, for JSON."""
        return {"slug": self.slug, **self.values()}

    def digest(self) -> str:
        """Return the SHA-256, in hex, of the definition as canonical JSON (RFC 8785)."""
        return sha256_of(canonical(self.definition()))

    @property
    def number(self) -> int:
        """The number of the current version. A metric that never changed has no row for it."""
        return self.definitions[-1].number if self.definitions else 1

    @property
    def latest_responses(self) -> list[SignOff]:
        """Each signer's latest response to exactly the current definition, oldest first."""
        return latest_responses_on(self.sign_offs, self.digest()) if self.sign_offs else []

    @property
    def valid_sign_off(self) -> SignOff | None:
        """The newest approval of exactly the current definition.

        None while somebody's latest response asks for changes, or if the data behind its baseline have changed.
        """
        if self.baseline_data_differ:
            return None
        responses = self.latest_responses
        return responses[-1] if responses and all(response.approves for response in responses) else None

    @property
    def seal(self) -> str:
        """The status of the signatures: "signed", "broken" (an approved definition was changed) or "unsigned"."""
        if not self.sign_offs:
            return "unsigned"
        if self.valid_sign_off is not None:
            return "signed"
        intact = set() if self.baseline_data_differ else {self.digest()}
        earlier = {sign_off.digest for sign_off in self.sign_offs} - intact
        was_approved = any(
            response.approves
            for digest in earlier
            for response in latest_responses_on(self.sign_offs, digest)
        )
        return "broken" if was_approved else "unsigned"

    @property
    def baseline_data_differ(self) -> bool:
        """Whether points behind the baseline were corrected, added or withdrawn since it was calculated."""
        current = self.aggregate.baseline_digest if self.aggregate else None
        return None not in (current, self.baseline_digest) and current != self.baseline_digest

    @property
    def requested_change(self) -> SignOff | None:
        """The newest open request for changes to exactly the current definition, or None."""
        return next((response for response in reversed(self.latest_responses) if not response.approves), None)

    def due_on(self, cycle: Cycle) -> date | None:
        """Return the date by which its target is due, or None. Old definitions have only the day of the plan."""
        if self.target_on is None and self.target_day:
            return cycle.date_of(self.target_day)
        return self.target_on

    @property
    def first_workflow_live_on(self) -> date | None:
        """The date on which the first workflow that moves it went live, or None."""
        return min((flow.live_on for flow in self.workflows if flow.live_on is not None), default=None)

    @property
    def baseline_end(self) -> date | None:
        """The last day whose measurements belong to the baseline; None while nothing has moved the metric."""
        stated = self.baseline_until or self.baseline_ended_on
        if stated is not None:
            return stated
        # Old revisions don't have that day.
        moved_on = self.first_workflow_live_on
        return None if moved_on is None else moved_on - timedelta(days=1)

    def closed_baseline_end(self, *, approved: bool) -> date | None:
        """The last day of a baseline in which no phase can begin, None if there is none; `approved` by any sponsor."""
        return self.baseline_until or (self.baseline_ended_on if approved else None)

    def may_begin_phase(self, on: date) -> bool:
        """Return whether a phase may begin on a day: after a closed baseline, and none begins there yet."""
        end = self.closed_baseline_end(approved=any(row.approves for row in self.sign_offs))
        return (end is None or on > end) and all(phase.began_on != on for phase in self.phases)

    def is_stale(self, on: date) -> bool:
        """Return whether its last measurement is older than its cadence allows."""
        return self.aggregate is not None and (on - self.aggregate.last_on).days > self.cadence_days


class Definition(DefinitionFields, Part):
    """One version of a metric's definition. It never changes; the newest is the current one."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("metric_id", "number"),)

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), index=True)
    number: Mapped[int]
    digest: Mapped[str]
    defined_by: Mapped[str]
    defined_at: Mapped[datetime]

    metric: Mapped[Metric] = to_one("Definition.metric_id")


class MetricPhase(Part):
    """The first day of a new phase of a metric, and the cause that somebody named for it."""

    __tablename__ = "metric_phase"
    __table_args__ = (UniqueConstraint("metric_id", "began_on"),)

    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"), index=True)
    began_on: Mapped[date]
    cause: Mapped[str]
    named_by: Mapped[str]

    metric: Mapped[Metric] = to_one("MetricPhase.metric_id")


class SignOff(Part):
    """A sponsor's response to one exact definition, given by its digest and version: approved, or changes requested.

    Append-only. `words` describe the requested changes. `record_digest` is the digest of the record of the signing
    (models/sign_off.py), None for signatures that are older than records.
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

    metric: Mapped[Metric] = to_one("SignOff.metric_id")

    @property
    def approves(self) -> bool:
        """Whether it approves. Old signatures have no meaning stored; they approve."""
        return self.meaning != CHANGES_REQUESTED


def latest_responses_on(sign_offs: Sequence[SignOff], digest: str) -> list[SignOff]:
    """Return each signer's latest response to the definition with that digest, oldest first."""
    latest = {row.user_id or row.signed_by: row for row in sign_offs if row.digest == digest}
    return sorted(latest.values(), key=lambda row: row.id)


class StoredMetricAggregate(Base):
    """A metric's aggregate, updated with its measurements, so that no page has to count them."""

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


class LoggedForecast(Base):
    """A forecast as it was made and shown, so that its quality can be measured later.

    `basis` is the digest of its inputs: the same points, definition and phases give one forecast per day `on`. Values are
    in the metric's unit; without a `value`, `why_not` is the reason.
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
